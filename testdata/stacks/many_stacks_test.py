"""A full stack depot says so once, cuts stacks, and loses no block.

many_stacks_test.py PROGRAM
"""

import os
import re
import subprocess
import sys
import unittest

PROGRAM = sys.argv[1]

NOTE = re.compile(r"^==\d+==NOTE: dbgalloc: the (\d+) bytes for stacks are used "
                  r"up \(stack_depot_size\): new ones are cut to 4 frames$",
                  re.M)


def run(options):
    settings = dict(os.environ,
                    DBGALLOC_OPTIONS="stack_trace_frames=64:" + options)
    settings.pop("TEST_UNDECLARED_OUTPUTS_DIR", None)
    result = subprocess.run([PROGRAM], env=settings, stderr=subprocess.PIPE,
                            text=True, timeout=60, check=False)
    return result.returncode, result.stderr


def stack_sizes(text):
    """The number of frames of each stack of the report."""
    sizes = []
    for line in text.splitlines():
        if ", by thread T0" in line:
            sizes.append(0)
        elif re.match(r"    #\d+ ", line):
            sizes[-1] += 1
    return sizes


class ManyStacks(unittest.TestCase):
    def test_there_is_room_by_default(self):
        status, text = run("")
        self.assertEqual(status, 1)
        self.assertEqual(NOTE.findall(text), [])
        self.assertGreater(stack_sizes(text)[-1], 28)

    def test_a_full_depot_cuts_stacks(self):
        status, text = run("stack_depot_size=300k")
        self.assertEqual(status, 1)
        self.assertEqual(NOTE.findall(text), [str(300 << 10)])
        self.assertEqual(stack_sizes(text)[-1], 4)
        self.assertIn("double-free", text)

    def test_a_depot_of_nothing_stores_nothing(self):
        status, text = run("stack_depot_size=0")
        self.assertEqual(status, 1)
        self.assertEqual(NOTE.findall(text), [])
        self.assertIn("double-free", text)
        self.assertIn("(no stack was recorded)", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
