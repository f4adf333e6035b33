"""What a bug program says of its report, read from its own comments.

    // BUG: the block is freed twice.
    // EXPECT-KIND: double-free
    // EXPECT-STACK: second free, by thread T0 "main"
    //   Release <- free
    //   main <- second release
    ...
      free(node);  // <- free

A frame is a function and the mark of a line: the comment `// <- MARK` that
ends it; `...` stands for any frames of others. A text goes on in lines that begin with `//   `. In texts ADDR stands
for an address, N for a number, T* for any thread, and ... for anything;
all else is literal.
"""

import re

KEY = re.compile(r"^// (BUG|EXPECT-[A-Z-]+): (.*)$")
CONTINUED = re.compile(r"^//   (.*)$")
FRAME = re.compile(r"^(\S.*) <- (\S.*)$")
MARK = re.compile(r"// <- (\S.*)$")

ANY_FRAMES = "..."

SINGLE = ("KIND", "STATUS", "OPTIONS", "SENTENCE", "BLOCK", "BLOCK-BEFORE",
          "BLOCK-AFTER", "DAMAGE", "LOOKS-LIKE", "WHERE",
          "HINT", "SCAN", "TOTAL", "SUMMARY", "OUTPUT", "OUTPUT-FIXED",
          "PROCESS")
TOKENS = re.compile(r"ADDR|N heap operations|\bN\b|T\*|\.\.\.")
TOKEN_PATTERNS = {
    "ADDR": r"0x[0-9a-f]+",
    "N heap operations": r"(?:about )?\d+ heap operations?",
    "N": r"\d+",
    "T*": r"T\d+",
    "...": r".*",
}


class Mistake(Exception):
    """The comments of a program do not fit together."""


def pattern_of(text):
    """The regular expression that a text of an expectation stands for."""
    pattern, end = "", 0
    for token in TOKENS.finditer(text):
        pattern += re.escape(text[end:token.start()])
        pattern += TOKEN_PATTERNS[token.group()]
        end = token.end()
    return pattern + re.escape(text[end:])


def marks_of(lines):
    """{mark: line numbers, from 1}; several lines may bear the same mark."""
    marks = {}
    for number, line in enumerate(lines, 1):
        match = MARK.search(line)
        if match:
            marks.setdefault(match.group(1), []).append(number)
    return marks


class Expectation:
    """texts: {key: text}; stacks: [(title, [(function, line number)])];
    bystanders: the same, of the blocks before and after."""

    def __init__(self, lines):
        self.texts, self.stacks, self.bystanders = {}, [], []
        self._marks = marks_of(lines)
        self._used = set()
        self._read(lines)
        if "KIND" not in self.texts:
            raise Mistake("no EXPECT-KIND")
        if set(self._marks) != self._used:
            raise Mistake(f"unused marks: {set(self._marks) - self._used}")

    def _read(self, lines):
        key = None
        for line in lines:
            start = KEY.match(line)
            if start:
                key = start.group(1).removeprefix("EXPECT-")
                self._begin(key, start.group(2))
                continue
            more = CONTINUED.match(line)
            if more and key:
                self._continue(key, more.group(1))
            elif not line.startswith("//"):
                break
        if "SUMMARY" in self.texts:
            self.texts["SUMMARY"] = self._frame(self.texts["SUMMARY"])

    def _begin(self, key, text):
        if key in ("STACK", "BYSTANDER"):
            self._stacks_of(key).append((text, []))
        elif key in SINGLE and key not in self.texts:
            self.texts[key] = text
        elif key != "BUG":
            raise Mistake(f"EXPECT-{key} is unknown, or given twice")

    def _continue(self, key, text):
        if key not in ("STACK", "BYSTANDER"):
            if key in self.texts:
                self.texts[key] += " " + text
            return
        stacks = self._stacks_of(key)
        title, frames = stacks[-1]
        if text == ANY_FRAMES:
            frames.append(ANY_FRAMES)
        elif FRAME.match(text):
            frames.append(self._frame(text))
        else:
            stacks[-1] = (f"{title} {text}", frames)

    def _stacks_of(self, key):
        return self.stacks if key == "STACK" else self.bystanders

    def _frame(self, text):
        function, mark = FRAME.match(text).groups()
        if len(self._marks.get(mark, ())) != 1:
            raise Mistake(f"not one line ends with // <- {mark}")
        self._used.add(mark)
        return function, self._marks[mark][0]

    def status(self):
        return int(self.texts.get("STATUS", "1"))

    def summary(self):
        """The frame that the summary blames."""
        return self.texts.get("SUMMARY") or self.stacks[0][1][0]
