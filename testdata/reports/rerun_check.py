"""Of damage that is found late, the command of the report's `rerun:` line stops
at the instruction that writes.

rerun_check.py PROGRAM...: bug programs that write beside a block, or into a
freed one.
"""

import os
import re
import subprocess
import sys
import unittest

PROGRAMS = sys.argv[1:]


def environment():
    kept = dict(os.environ)
    for name in ("TEST_TARGET", "TEST_UNDECLARED_OUTPUTS_DIR",
                 "DBGALLOC_OPTIONS", "DBGALLOC_TARGET_OPTIONS"):
        kept.pop(name, None)
    return kept


def report_of(command, shell=False):
    return subprocess.run(command, shell=shell, env=environment(), timeout=60,
                          stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          check=False).stderr.decode()


class RerunTest(unittest.TestCase):

    def test_the_command_stops_at_the_write(self):
        self.assertGreater(len(PROGRAMS), 2)
        for program in PROGRAMS:
            with self.subTest(program):
                late = report_of([program])
                self.assertIn("\ndamage: ", late)
                [command] = re.findall(r"^rerun: (.*)$", late, re.M)
                found = report_of(command, shell=True)
                self.assertRegex(found.splitlines()[0], r": write to 0x")
                self.assertIn("\naccessed, by thread T0", found)
                self.assertNotIn("\ndamage: ", found)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
