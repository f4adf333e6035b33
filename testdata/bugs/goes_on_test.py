"""Every bug program goes on with halt_on_error=0, in every form of report.

goes_on_test.py SCHEMA SOURCE... -- PROGRAM...: each program says of itself what
kind its report has (expectation.py). It must come to its own end, with the
status for errors; what it writes as JSON or SARIF must hold to its rules.
"""

import json
import os
import signal
import subprocess
import sys
import unittest

from expectation import Expectation

REPORTS = os.path.join(os.path.dirname(__file__), "..", "reports")
sys.path.insert(0, REPORTS)
# pylint: disable=wrong-import-position
import sarif_rules
import schema_check

SPLIT = sys.argv.index("--")
SCHEMA, *SOURCES = sys.argv[1:SPLIT]
PROGRAMS = sys.argv[SPLIT + 1:]


def name_of(program):
    return os.path.basename(program).removesuffix("_program")


def expectations():
    """{name: what its source expects}"""
    found = {}
    for path in SOURCES:
        with open(path, encoding="utf-8") as file:
            name = os.path.splitext(os.path.basename(path))[0]
            found[name] = Expectation(file.read().splitlines())
    return found


def run(program, options):
    environment = dict(os.environ, DBGALLOC_OPTIONS=options)
    for name in ("TEST_UNDECLARED_OUTPUTS_DIR", "DBGALLOC_TARGET_OPTIONS"):
        environment.pop(name, None)
    result = subprocess.run([os.path.abspath(program)], env=environment,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            timeout=60, check=False)
    return result.returncode, result.stderr.decode()


class GoesOnTest(unittest.TestCase):

    def setUp(self):
        self.expectations = expectations()
        with open(SCHEMA, encoding="utf-8") as file:
            self.schema = json.load(file)

    def options(self, name, form):
        own = self.expectations[name].texts.get("OPTIONS", "")
        separator = ":" if own else ""
        # The last setting wins: what a program wants of its end is not asked.
        return f"{own}{separator}halt_on_error=0:exitcode=1:report_format={form}"

    def wanted_statuses(self, name, lines):
        texts = self.expectations[name].texts
        if "PROCESS" in texts:  # the mistake is another process's
            return (0, 1)
        if texts["KIND"] == "leak":
            return (23,)
        # An access that faulted cannot be gone on with.
        faulted = any('"operation":"access"' in line for line in lines)
        return (1, -signal.SIGSEGV, -signal.SIGBUS) if faulted else (1,)

    def check_json(self, name, program):
        status, text = run(program, self.options(name, "json"))
        lines = text.splitlines()
        self.assertIn(status, self.wanted_statuses(name, lines), text)
        kinds = []
        for line in lines:
            report = json.loads(line)
            kinds.append(report["kind"])
            self.assertEqual(
                list(schema_check.mistakes(self.schema, report, self.schema)),
                [])
        self.assertIn(self.expectations[name].texts["KIND"], kinds)

    def check_sarif(self, name, program):
        _, text = run(program, self.options(name, "sarif"))
        for line in text.splitlines():
            self.assertEqual(sarif_rules.log_mistakes(json.loads(line)), [])
        self.assertTrue(text)

    def check_text(self, name, program):
        _, text = run(program, self.options(name, "text"))
        kind = self.expectations[name].texts["KIND"]
        self.assertIn(f": dbgalloc: {kind}: ", text)

    def test_every_program(self):
        self.assertGreater(len(PROGRAMS), 40)
        for program in PROGRAMS:
            name = name_of(program)
            with self.subTest(name):
                self.check_json(name, program)
                self.check_sarif(name, program)
                self.check_text(name, program)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
