"""All forms of a report say the same: what the text of a sample tells, its JSON
and its SARIF tell too.

parity_check.py GOLDEN...: the goldens of all forms (NAME.txt, NAME.json,
sarif/NAME.json).
"""

import json
import os
import re
import sys
import unittest

GOLDENS = sys.argv[1:]

# What a text is made of: addresses, numbers, quoted words, names.
ADDRESS = re.compile(r"0x[0-9a-f]+")
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
FRAME = re.compile(r"    #\d+ (0x[0-9a-f]+)(?: in (.*?))?"
                   r"(?: \((\S+)\+(0x[0-9a-f]+)\)(?: \(BuildId: (\w+)\))?"
                   r"| (\S+?)(?::(\d+))?(?::(\d+))?)?$")
THREAD = re.compile(r'by thread T(\d+)(?: "(.*)")?$')
SOURCE = re.compile(r"^ *\d+ \| (.*)$")
# Lines of the text alone: they repeat what other lines say.
REPEATING = ("SUMMARY: ", "# what would suppress this:")


def leaves(value):
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from leaves(member)
    elif isinstance(value, list):
        for element in value:
            yield from leaves(element)
    else:
        yield value


class Facts:
    """What a JSON document holds, ready to be asked."""

    def __init__(self, document):
        self.texts, self.numbers = [], set()
        for leaf in leaves(document):
            if isinstance(leaf, bool):
                continue
            if isinstance(leaf, int):
                self.numbers.update((str(leaf), hex(leaf)))
                continue
            # As the text has it: nothing in a name may end a line.
            leaf = re.sub(r"[\x00-\x08\x0a-\x1f\x7f]", "?", leaf)
            self.texts.append(leaf)
            self.numbers.update(ADDRESS.findall(leaf))
            self.numbers.update(NUMBER.findall(leaf))
        self.all_text = "\n".join(self.texts)

    def has_text(self, text):
        return text in self.all_text

    def has_number(self, number):
        return number in self.numbers


def bytes_of(line):
    """The hexadecimal bytes of a row of damage or memory."""
    row = line[:line.index("|")].replace("[", " ").replace("]", " ")
    return re.findall(r"(?<= )[0-9a-f]{2}(?= |$)", row)


def facts_of_frame(line):
    match = FRAME.match(line)
    assert match, line
    address, function, module, offset, build_id, file, row, column = (
        match.groups())
    numbers = [address, offset, row, column]
    texts = [function, module, build_id, file]
    return [n for n in numbers if n], [t for t in texts if t]


def facts_of_line(line):
    """(numbers, texts) that a line of a text report tells."""
    if line.startswith("    #"):
        return facts_of_frame(line)
    if re.match(r"    0x[0-9a-f]+ ", line):
        return [], ["".join(bytes_of(line))]
    source = SOURCE.match(line)
    if source:
        return [], [source.group(1)]
    label = re.match(r"(?:hint|rerun|looks like|scan|where: 0x[0-9a-f]+ is)"
                     r":? (.*)$", line)
    if label:
        return [], [label.group(1)]
    thread = THREAD.search(line)
    texts = [thread.group(2)] if thread and thread.group(2) else []
    title = re.match(r"([a-z][a-z ]+), (?:through [^,]+, )?by thread", line)
    if title:
        texts.append(title.group(1))
    return ADDRESS.findall(line) + NUMBER.findall(ADDRESS.sub("", line)), texts


# Kinds of lines that must occur somewhere, or the goldens prove nothing.
WANTED = ("block: ", "block before: ", "block after: ", "damage: ", "memory: ",
          "looks like: ", "where: ", "hint: ", "rerun: ", "total: ", "leaked ",
          "scan: ", "still reachable: ", "    (operation ", "    #")


def is_told_elsewhere(line, message):
    """The frame of a report: its first and last lines hold the sentence."""
    return (line.startswith(REPEATING) or message in line or
            re.match(r" *\| *\^$", line) or not line.strip())


class ParityTest(unittest.TestCase):

    def check(self, name, text, document, form):
        facts = Facts(document)
        message = re.match(r"==\d+==\w+: dbgalloc: [a-z -]+: (.*)",
                           text).group(1)
        if "total: " not in text:
            self.assertTrue(facts.has_text(message), (name, form, message))
        for line in text.splitlines():
            if is_told_elsewhere(line, message):
                continue
            numbers, texts = facts_of_line(line)
            for number in numbers:
                self.assertTrue(facts.has_number(number),
                                (name, form, number, line))
            for fact in texts:
                self.assertTrue(facts.has_text(fact),
                                (name, form, fact, line))

    def test_every_fact_is_in_every_form(self):
        paths = {}
        for path in GOLDENS:
            base, extension = os.path.splitext(os.path.basename(path))
            form = ("sarif" if os.path.basename(os.path.dirname(path)) ==
                    "sarif" else extension)
            paths.setdefault(base, {})[form] = path
        self.assertGreater(len(paths), 20)
        seen = set()
        for name, forms in sorted(paths.items()):
            with self.subTest(name):
                self.assertEqual(set(forms), {".txt", ".json", "sarif"})
                with open(forms[".txt"], encoding="utf-8") as file:
                    text = file.read()
                for form in (".json", "sarif"):
                    with open(forms[form], encoding="utf-8") as file:
                        self.check(name, text, json.load(file), form)
                for line in text.splitlines():
                    seen.update(w for w in WANTED if line.startswith(w))
        self.assertEqual(seen, set(WANTED))

    def test_that_a_missing_fact_is_noticed(self):
        facts = Facts({"a": "0x10", "b": [7, "thread x"]})
        self.assertTrue(facts.has_number("7") and facts.has_number("0x10"))
        self.assertTrue(facts.has_text("thread x"))
        self.assertFalse(facts.has_number("8") or facts.has_text("thread y"))
        self.assertEqual(facts_of_line("    0x10 [21 01]fa  |!..|"),
                         ([], ["2101fa"]))
        self.assertEqual(
            facts_of_frame("    #1 0x10 in f(int) a.cc:3:4"),
            (["0x10", "3", "4"], ["f(int)", "a.cc"]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
