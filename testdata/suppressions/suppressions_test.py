"""Suppressions as a user meets them.

suppressions_test.py PROGRAM PROGRAM_WITH_RULES STRANGER LIBRARY
"""

import json
import os
import re
import subprocess
import sys
import unittest

PROGRAM, OWN_RULES, STRANGER, LIBRARY = map(os.path.abspath, sys.argv[1:])
FOLDER = os.environ["TEST_TMPDIR"]


def environment(options):
    kept = dict(os.environ, DBGALLOC_OPTIONS=options)
    for name in ("TEST_UNDECLARED_OUTPUTS_DIR", "TEST_TARGET",
                 "DBGALLOC_TARGET_OPTIONS"):
        kept.pop(name, None)
    return kept


def run(program, options, *arguments, cwd=None, preload=False, runfiles=True):
    variables = environment(options)
    if preload:
        variables["LD_PRELOAD"] = LIBRARY
    if not runfiles:
        for name in ("RUNFILES_DIR", "TEST_SRCDIR", "TEST_WORKSPACE"):
            variables.pop(name, None)
    return subprocess.run([program, *arguments], env=variables, cwd=cwd,
                          stderr=subprocess.PIPE, text=True, timeout=60,
                          check=False)


def rules(name, text):
    path = os.path.join(FOLDER, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class SuppressionsTest(unittest.TestCase):

    def expect_quiet(self, result):
        self.assertEqual((result.returncode, result.stderr), (5, ""))

    def test_without_rules_there_is_an_error(self):
        result = run(PROGRAM, "")
        self.assertEqual(result.returncode, 1)
        self.assertIn("double-free", result.stderr)

    def test_by_function_file_line_and_module(self):
        for pattern in ("FreeTwiceInLibrary", "^FreeTwice*()$", "library.cc",
                        "library.cc:15", "two_mistakes.cc:29",
                        "/two_mistakes$", "*"):
            path = rules("one", f"double-free:{pattern}\n")
            with self.subTest(pattern):
                self.expect_quiet(run(PROGRAM, f"suppressions={path}"))

    def test_of_another_kind_or_place_covers_nothing(self):
        for rule in ("invalid-free:FreeTwiceInLibrary", "leak:*",
                     "double-free:library.cc:1", "double-free:^Twice"):
            path = rules("other", rule)
            with self.subTest(rule):
                result = run(PROGRAM, f"suppressions={path}")
                self.assertEqual(result.returncode, 1)

    def test_preloaded_and_without_symbols_in_reports(self):
        path = rules("preload", "double-free:FreeTwiceInLibrary")
        self.expect_quiet(
            run(STRANGER, f"suppressions={path}:symbolize=0", preload=True))

    def test_other_errors_are_still_errors(self):
        path = rules("rest", "double-free:FreeTwiceInLibrary")
        result = run(PROGRAM, f"suppressions={path}", "overflow")
        self.assertEqual(result.returncode, 1)
        self.assertIn("heap-buffer-overflow", result.stderr)
        self.assertNotIn("double-free", result.stderr)

    def test_the_programs_own_rules(self):
        self.expect_quiet(run(OWN_RULES, ""))

    def test_found_next_to_the_program_and_in_runfiles(self):
        beside = "suppressions=next_to_program.txt"
        self.expect_quiet(run(PROGRAM, beside, cwd="/", runfiles=False))
        in_runfiles = "suppressions=testdata/suppressions/next_to_program.txt"
        self.expect_quiet(run(PROGRAM, in_runfiles, cwd="/"))

    def test_a_mistake_names_line_and_reason_and_ends_the_program(self):
        path = rules("bad", "leak:a\n\nlek:b\n")
        result = run(PROGRAM, f"suppressions={path}")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(
            result.stderr, f"dbgalloc: error: suppressions: {path}: line 3: "
            '"lek" is no kind of error; did you mean leak?\n')
        lax = run(PROGRAM, f"suppressions={path}:strict_options=0")
        self.assertEqual(lax.returncode, 1)
        self.assertIn("dbgalloc: warning: suppressions: ", lax.stderr)

    def test_a_file_that_is_not_there_ends_the_program(self):
        result = run(PROGRAM, "suppressions=/no/such/file")
        self.assertEqual(result.returncode, 2)
        self.assertIn("/no/such/file: there is no such file", result.stderr)

    def test_used_and_unused_rules_are_listed(self):
        path = rules("listed", "double-free:FreeTwiceInLibrary\nleak:never\n")
        options = f"suppressions={path}:print_suppressions=1"
        result = run(PROGRAM, options)
        self.assertEqual(result.returncode, 5)
        self.assertEqual(
            re.sub("==[0-9]+==", "==PID==", result.stderr),
            f"==PID==NOTE: dbgalloc: suppressions of {path}: 1 of 2 used\n"
            "    line 1: double-free:FreeTwiceInLibrary: 3 errors\n"
            "    line 2: leak:never: unused\n")

    def test_unused_rules_fail_the_program_on_request(self):
        used = rules("used", "double-free:FreeTwiceInLibrary\n")
        self.expect_quiet(
            run(PROGRAM, f"suppressions={used}:fail_on_unused_suppressions=1"))
        unused = rules("unused", "double-free:Twice\nleak:never\n")
        result = run(PROGRAM,
                     f"suppressions={unused}:fail_on_unused_suppressions=1")
        self.assertEqual(result.returncode, 1)
        self.assertIn("that covered nothing:\n    line 2: leak:never\n",
                      result.stderr)

    def test_generated_rules_cover_what_they_came_from(self):
        options = "halt_on_error=0:gen_suppressions=1"
        result = run(PROGRAM, options, "overflow")
        generated = re.findall(r"^[a-z-]+:\^.*$", result.stderr, re.M)
        self.assertEqual(len(generated), 2, result.stderr)
        path = rules("generated", "\n".join(generated))
        self.expect_quiet(run(PROGRAM, f"suppressions={path}", "overflow"))

    def test_generated_rules_in_json(self):
        options = "halt_on_error=0:gen_suppressions=1:report_format=json"
        result = run(PROGRAM, options)
        first = json.loads(result.stderr.splitlines()[0])
        self.assertEqual(first["suppression"],
                         "double-free:^FreeTwiceInLibrary()$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
