"""Each way in which a report can be wrong is told apart from the right one."""

import unittest

from compare import Comparison
from expectation import Expectation, Mistake
from report_text import Malformed, Report

PROGRAM = """\
// BUG: freed twice.
// EXPECT-KIND: double-free
// EXPECT-SENTENCE: free of ADDR, a 16-byte block that was freed N heap
//   operations earlier
// EXPECT-STACK: second free, by thread T0 "main"
//   Release <- free
//   main <- again
// EXPECT-STACK: allocated, by thread T0 "main"
//   main <- allocation
// EXPECT-BLOCK: 16 bytes, from malloc, freed
void Release(void* p) {
  free(p);  // <- free
}
int main() {
  void* p = malloc(16);  // <- allocation
  Release(p);  // <- again
}
"""

REPORT = """\
==7==ERROR: dbgalloc: double-free: free of 0x10, a 16-byte block that was \
freed 1 heap operation earlier
second free, by thread T0 "main"
    #0 0x401180 in Release(void*) testdata/bugs/x.cc:12:3
        12 |   free(p);  // <- free
           |   ^
    #1 0x401200 in main testdata/bugs/x.cc:16:3
    #2 0x7f3a in __libc_start_main (/lib/libc.so.6+0x2724a) (BuildId: 0f1e)
allocated, by thread T0 "main"
    #0 0x401136 in main testdata/bugs/x.cc:15
        15 |   void* p = malloc(16);  // <- allocation
           |   ^
block: [0x10, 0x20), 16 bytes, from malloc, freed; allocated
hint: one of the two is wrong
rerun: ./x
SUMMARY: dbgalloc: double-free testdata/bugs/x.cc:12 in Release(void*)
testdata/bugs/x.cc:12:3: error: double-free: free of 0x10, a 16-byte block \
that was freed 1 heap operation earlier [dbgalloc]
"""

# What may go wrong: a text of the report, and what stands there instead.
FAULTS = (
    ("ERROR: dbgalloc: double-free", "ERROR: dbgalloc: invalid-free"),
    ("free of 0x10, a 16-byte", "free of 0x10, a 17-byte"),
    ("second free, by thread T0", "second free, by thread T1"),
    ('"main"\n    #0 0x401136', '"other"\n    #0 0x401136'),
    ("in Release(void*) testdata/bugs/x.cc:12:3",
     "in Release(void*) testdata/bugs/x.cc:13:3"),
    ("in Release(void*) testdata/bugs/x.cc:12:3\n",
     "in free testdata/bugs/x.cc:12:3\n"),
    ("in Release(void*) testdata/bugs/x.cc:12:3\n",
     "in Release(void*) testdata/bugs/y.cc:12:3\n"),
    ("    #1 0x401200 in main testdata/bugs/x.cc:16:3\n", ""),
    ("__libc_start_main (/lib/libc.so.6+0x2724a) (BuildId: 0f1e)",
     "Other testdata/bugs/x.cc:3"),
    ("        12 |   free(p);  // <- free\n", ""),
    ("12 |   free(p);", "12 |   free(q);"),
    ("           |   ^\nblock", "block"),
    ("16 bytes, from malloc, freed", "16 bytes, live"),
    ("hint: one of the two is wrong\n", ""),
    ("rerun: ./x\n", ""),
    ("hint:", "damage: 1 byte\nhint:"),
    ("SUMMARY: dbgalloc: double-free testdata/bugs/x.cc:12",
     "SUMMARY: dbgalloc: double-free testdata/bugs/x.cc:16"),
    ("SUMMARY: dbgalloc: double-free", "SUMMARY: dbgalloc: leak"),
    ("x.cc:12:3: error", "x.cc:11:3: error"),
    ("1 heap operation earlier [dbgalloc]", "2 [dbgalloc]"),
    ("allocated, by thread", "found, by thread"),
    ("second free, by", "something else\nsecond free, by"),
    ("[dbgalloc]\n", "[dbgalloc]\nmore\n"),
)


def differences(report):
    lines = PROGRAM.splitlines()
    try:
        parsed = Report(report.splitlines())
    except Malformed as malformed:
        return [str(malformed)]
    comparison = Comparison("testdata/bugs/x.cc", lines, Expectation(lines))
    return list(comparison.differences(parsed))


class RunBugTest(unittest.TestCase):
    def test_the_right_report_has_no_differences(self):
        self.assertEqual(differences(REPORT), [])

    def test_each_fault_is_seen(self):
        for text, instead in FAULTS:
            with self.subTest(text=text, instead=instead):
                self.assertIn(text, REPORT)
                self.assertTrue(
                    differences(REPORT.replace(text, instead, 1)))

    def test_empty_output_is_no_report(self):
        self.assertTrue(differences(""))

    def test_a_stack_too_many_is_seen(self):
        extra = 'freed, by thread T0 "main"\n    (no stack was recorded)\n'
        self.assertTrue(
            differences(REPORT.replace("block:", extra + "block:", 1)))

    def test_a_program_must_use_each_mark(self):
        with self.assertRaises(Mistake):
            Expectation(PROGRAM.replace("<- again\n// EXP", "<- free\n// EXP", 1)
                        .splitlines())

    def test_a_program_must_have_each_mark_once(self):
        with self.assertRaises(Mistake):
            Expectation((PROGRAM + "f();  // <- again\n").splitlines())


if __name__ == "__main__":
    unittest.main()
