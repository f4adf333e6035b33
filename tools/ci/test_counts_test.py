"""The counts of a run are what its events say, and nothing passes by accident."""

import contextlib
import io
import json
import os
import tempfile
import unittest

import test_counts


def configured(label):
    return {"id": {"targetConfigured": {"label": label}},
            "configured": {"testSize": "SMALL"}}


def summary(label, status):
    return {"id": {"testSummary": {"label": label}},
            "testSummary": {"overallStatus": status}}


def skipped(label):
    return {"id": {"targetCompleted": {"label": label}},
            "aborted": {"reason": "SKIPPED"}}


def finished(code=0):
    return {"id": {"buildFinished": {}},
            "finished": {"exitCode": {"code": code}} if code else {}}


def run(*runs):
    """The exit code and the last line of output."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, events in enumerate(runs):
            paths.append(os.path.join(folder, f"{number}.json"))
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.writelines(json.dumps(event) + "\n" for event in events)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = test_counts.main(paths)
        return code, output.getvalue().splitlines()[-1]


class TestCountsTest(unittest.TestCase):
    def test_counts_each_outcome(self):
        events = [configured("//a"), configured("//b"), configured("//c"),
                  configured("//d"), summary("//a", "PASSED"),
                  summary("//b", "FLAKY"), summary("//c", "TIMEOUT"),
                  skipped("//d"), finished(3)]
        self.assertEqual(run(events), (1, "2 passed, 1 failed, 1 skipped"))

    def test_a_test_that_was_not_built_failed(self):
        events = [configured("//a"), configured("//b"),
                  summary("//a", "PASSED"), finished(1)]
        self.assertEqual(run(events), (1, "1 passed, 1 failed, 0 skipped"))

    def test_all_good(self):
        events = [configured("//a"), summary("//a", "PASSED"), finished()]
        self.assertEqual(run(events), (0, "1 passed, 0 failed, 0 skipped"))

    def test_runs_are_summed(self):
        good = [configured("//a"), summary("//a", "PASSED"), finished()]
        bad = [configured("//a"), summary("//a", "FAILED"), finished(3)]
        self.assertEqual(run(good, good), (0, "2 passed, 0 failed, 0 skipped"))
        self.assertEqual(run(good, bad), (1, "1 passed, 1 failed, 0 skipped"))

    def test_no_run_may_be_empty(self):
        good = [configured("//a"), summary("//a", "PASSED"), finished()]
        only_skipped = [configured("//b"), skipped("//b"), finished()]
        for empty in ([], [finished()], only_skipped):
            self.assertEqual(run(good, empty)[0], 1)
            self.assertEqual(run(empty, good)[0], 1)
        self.assertEqual(run(), (1, "0 passed, 0 failed, 0 skipped"))

    def test_nothing_ran(self):
        self.assertEqual(run([finished()]),
                         (1, "0 passed, 0 failed, 0 skipped"))

    def test_a_run_that_broke_off_is_no_success(self):
        events = [configured("//a"), summary("//a", "PASSED")]
        self.assertEqual(run(events), (1, "1 passed, 0 failed, 0 skipped"))


if __name__ == "__main__":
    unittest.main()
