"""SARIF logs: those of a real program, and the goldens of every kind.

sarif_check.py ERROR_KINDS PROGRAM GOLDEN...
"""

import copy
import json
import os
import re
import subprocess
import sys
import unittest

import sarif_rules

KINDS_FILE, PROGRAM, *GOLDENS = sys.argv[1:]

with open(KINDS_FILE, encoding="utf-8") as kinds_file:
    SLUGS = re.findall(r'DBG_ERROR_KIND\(k\w+, "([^"]+)"', kinds_file.read())


def run_program(options):
    environment = dict(os.environ,
                       DBGALLOC_OPTIONS="report_format=sarif:" + options)
    environment.pop("TEST_UNDECLARED_OUTPUTS_DIR", None)
    return subprocess.run([os.path.abspath(PROGRAM)], env=environment,
                          timeout=60, stderr=subprocess.PIPE, check=False)


def flow_of(result):
    return [step["location"]["message"]["text"]
            for flow in result.get("codeFlows", [])
            for thread in flow["threadFlows"] for step in thread["locations"]]


class SarifTest(unittest.TestCase):

    def check(self, text):
        log = json.loads(text)
        self.assertEqual(sarif_rules.log_mistakes(log), [])
        [run] = log["runs"]
        rules = run["tool"]["driver"]["rules"]
        self.assertEqual([rule["id"] for rule in rules], SLUGS)
        return log

    def log_of(self, name, options):
        """One log a process, however many reports it makes."""
        folder = os.path.join(os.environ["TEST_TMPDIR"], name)
        os.mkdir(folder)
        result = run_program(f"{options}:log_path={folder}/log.%p")
        self.assertEqual((result.returncode, result.stderr), (1, b""))
        [file_name] = os.listdir(folder)
        path = os.path.join(folder, file_name)
        with open(path, encoding="utf-8") as file:
            return self.check(file.read())

    def test_a_log_of_one_report(self):
        [result] = self.log_of("one", "halt_on_error=1")["runs"][0]["results"]
        self.assertEqual(result["ruleId"], "double-free")
        self.assertEqual(flow_of(result),
                         ["allocated", "first free", "second free"])
        place = result["locations"][0]
        self.assertEqual(
            place["physicalLocation"]["artifactLocation"]["uri"],
            "testdata/reports/several_errors.cc")
        [function] = place["logicalLocations"]
        self.assertTrue(function["fullyQualifiedName"].endswith("FreeTwice()"))

    def test_several_reports_are_one_log(self):
        [once] = self.log_of("once", "halt_on_error=1")["runs"][0]["results"]
        log = self.log_of("several", "halt_on_error=0")
        results = log["runs"][0]["results"]
        self.assertEqual(
            [(one["ruleId"], one["level"]) for one in results],
            [("double-free", "error"), ("double-free", "note"),
             ("heap-buffer-overflow", "error")])
        for one in results[:2]:
            self.assertEqual(one["partialFingerprints"],
                             once["partialFingerprints"])

    def test_on_standard_error_each_report_is_a_log(self):
        lines = run_program("halt_on_error=0").stderr.decode().splitlines()
        self.assertEqual(len(lines), 3)
        for line in lines:
            self.assertEqual(len(self.check(line)["runs"][0]["results"]), 1)

    def test_goldens(self):
        seen = set()
        for path in GOLDENS:
            with self.subTest(path), open(path, encoding="utf-8") as file:
                results = json.load(file)
                self.assertEqual(
                    list(sarif_rules.mistakes(["result"], results)), [])
                for result in results:
                    self.assertEqual(
                        list(sarif_rules.result_mistakes(result, SLUGS)), [])
                    seen.add(result["ruleId"])
        self.assertEqual(seen, set(SLUGS))

    def test_that_mistakes_are_found(self):
        log = self.log_of("mistaken", "halt_on_error=1")
        for change in (
                lambda log, result: log.pop("version"),
                lambda log, result: result.pop("message"),
                lambda log, result: result.update(level="fatal"),
                lambda log, result: result.update(occurrenceCount=0),
                lambda log, result: result.update(extra=1),
                lambda log, result: result.update(ruleIndex=1),
                lambda log, result: result["relatedLocations"].pop(),
                lambda log, result: result["stacks"].append(
                    result["stacks"][0]),
                lambda log, result: result["locations"][0].update(
                    physicalLocation={}),
                lambda log, result: result["stacks"][0]["frames"][0].update(
                    threadId="0"),
                lambda log, result: result["codeFlows"][0]["threadFlows"][0]
                .update(locations=[])):
            mistaken = copy.deepcopy(log)
            change(mistaken, mistaken["runs"][0]["results"][0])
            self.assertNotEqual(sarif_rules.log_mistakes(mistaken), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
