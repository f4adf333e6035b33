"""Runs the programs about leaks and wants the verdict that stands in their
source, the same one each time.

    leaks_test.py TIMES PROGRAM OTHER_LIBRARY SOURCE [preload=LIBRARY]
        [around=COMMAND]... [options=OPTIONS] [says=TEXT]...

Programs named quiet_... must be silent and end with 0. What those named lost_...
must have reported stands above each in SOURCE. With preload= they run with the
library preloaded; around= puts a command in front of each run; options= are set
besides; says= is text that some report has to have.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

TIMES = int(sys.argv[1])
PROGRAM, OTHER_LIBRARY = (os.path.abspath(path) for path in sys.argv[2:4])
SOURCE = sys.argv[4]
PRELOAD = None
AROUND = []
OPTIONS = ""
SAYS = []
for argument in sys.argv[5:]:
    key, value = argument.split("=", 1)
    if key == "preload":
        PRELOAD = os.path.abspath(value)
    elif key == "options":
        OPTIONS = value
    elif key == "says":
        SAYS.append(value)
    else:
        AROUND.append(os.path.abspath(value) if "/" in value else value)
# The commands may print lines of their own to standard output.
CHATTY = any(os.path.basename(word) == "gdb" for word in AROUND)

COMMENT = re.compile(r"// (LOST|REACHABLE|OPTIONS|STATUS): (.*)")
SCENARIO = re.compile(r"LEAK_SCENARIO\((\w+)\)")
GROUP = re.compile(r"(leaked|held by these:|still reachable:) (\d+) bytes? in "
                   r"(\d+) blocks?\b")
FRAME = re.compile(r"    #\d+ 0x[0-9a-f]+ in (.*)")


class Wanted:
    """What stands above a program."""

    def __init__(self):
        self.groups = []
        self.options = ""
        self.status = None

    def read(self, key, value):
        if key == "OPTIONS":
            self.options = value
        elif key == "STATUS":
            self.status = int(value)
        else:
            words = value.split()
            kind = {"LOST": "leaked", "REACHABLE": "still reachable:"}[key]
            if words[0] == "held":
                kind = "held by these:"
                words = words[1:]
            self.groups.append((kind, int(words[0]), int(words[1]), words[2]))


def expectations():
    found = {}
    wanted = Wanted()
    with open(SOURCE, encoding="utf-8") as file:
        for line in file:
            comment = COMMENT.match(line)
            scenario = SCENARIO.match(line)
            if comment:
                wanted.read(comment.group(1), comment.group(2).strip())
            elif scenario:
                if wanted.status is None:
                    wanted.status = 23 if wanted.groups else 0
                found[scenario.group(1)] = wanted
                wanted = Wanted()
    return found


def run(name, options, **variables):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith(("DBGALLOC_", "TEST_", "XML_"))}
    environment["DBGALLOC_OPTIONS"] = f"{OPTIONS} {options}"
    environment.update(variables)
    preload = ["env", "LD_PRELOAD=" + PRELOAD] if PRELOAD else []
    command = AROUND + preload + [PROGRAM, name, OTHER_LIBRARY]
    result = subprocess.run(command, env=environment, capture_output=True,
                            text=True, errors="replace", timeout=120,
                            check=False)
    return result.returncode, result.stdout, result.stderr


def groups_of(text):
    """[(kind, bytes, blocks, functions)]"""
    groups = []
    for line in text.splitlines():
        group = GROUP.match(line)
        frame = FRAME.match(line)
        if group:
            groups.append((group.group(1), int(group.group(2)),
                           int(group.group(3)), []))
        elif frame and groups:
            groups[-1][3].append(frame.group(1))
    return groups


def differences(name, wanted, outcome):
    status, output, errors = outcome
    if not CHATTY and status != wanted.status:
        yield f"status {status}, not {wanted.status}"
    if name.startswith("quiet") and output and not CHATTY:
        yield "says something: " + output
    if not wanted.groups and "dbgalloc" in errors:
        yield "a report"
    found = [group for group in groups_of(errors)
             # What the C++ runtime keeps is none of this test's business.
             if any("Take" in frame for frame in group[3])]
    if len(found) != len(wanted.groups):
        yield f"{len(found)} groups, not {len(wanted.groups)}"
    for have, want in zip(found, wanted.groups):
        if have[:3] != want[:3]:
            yield f"found {have[:3]}, wanted {want[:3]}"
        elif not any(want[3] + "(" in frame for frame in have[3]):
            yield f"{want[3]} allocated {want[:3]}, the report says otherwise"


class LeaksTest(unittest.TestCase):

    def test_each_program(self):
        names = subprocess.run([PROGRAM, "--list"], check=True, text=True,
                               capture_output=True).stdout.split()
        wanted = expectations()
        self.assertGreater(sum(name.startswith("quiet") for name in names), 30)
        self.assertEqual({name for name in names if name.startswith("lost")},
                         set(wanted))
        quiet = Wanted()
        quiet.status = 0
        runs = [name for name in names for _ in range(TIMES)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            outcomes = pool.map(
                lambda name: run(name, wanted.get(name, quiet).options), runs)
            texts = []
            for name, outcome in zip(runs, outcomes):
                texts.append(outcome[2])
                with self.subTest(name):
                    self.assertEqual(
                        list(differences(name, wanted.get(name, quiet),
                                         outcome)), [], outcome[2])
        for text in SAYS:
            self.assertTrue(any(text in report for report in texts), text)

    def failures_in_xml(self, name, program=PROGRAM):
        """The failures in what the program writes as results of a test."""
        folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        path = os.path.join(folder, "test.xml")
        errors = run(name, "", XML_OUTPUT_FILE=path, TEST_BINARY=program)[2]
        if not os.path.exists(path):
            return []
        suites = ElementTree.parse(path).getroot()
        self.assertEqual([suites.tag, suites[0].tag, suites[0].get("failures")],
                         ["testsuites", "testsuite", "1"], errors)
        return [(failure.get("message"), failure.text)
                for failure in suites.iter("failure")]

    def test_leaks_stand_in_the_results_of_a_test(self):
        (message, text), = self.failures_in_xml("lost_one")
        self.assertTrue(message.startswith("100 bytes in 1 block can no"))
        self.assertIn("TakeOuter", text)
        self.assertEqual(
            len(self.failures_in_xml("lost_one_after_the_other")), 2)
        self.assertEqual(self.failures_in_xml("quiet_local"), [])
        # Neither a forked child nor a program that a test starts.
        self.assertEqual(self.failures_in_xml("lost_in_forked_child"), [])
        self.assertEqual(self.failures_in_xml("lost_one", "some/test.sh"), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
