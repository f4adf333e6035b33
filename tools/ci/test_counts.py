"""Counts the tests of a Bazel run from its build event file.

    test_counts.py EVENTS.json

The last line says `N passed, N failed, N skipped`. Exits with 1 when a test
failed or was not built, and when no test ran at all.
"""

import json
import sys

GOOD = ("PASSED", "FLAKY")


def read_events(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def outcomes(events):
    """{label: "passed", "failed" or "skipped"} of every test of the run."""
    result = {}
    skipped = set()
    for event in events:
        identity = event.get("id", {})
        if "testSize" in event.get("configured", {}):
            # Until something better is known: it was not built.
            result.setdefault(identity["targetConfigured"]["label"], "failed")
        if "testSummary" in event:
            good = event["testSummary"]["overallStatus"] in GOOD
            label = identity["testSummary"]["label"]
            result[label] = "passed" if good else "failed"
        if event.get("aborted", {}).get("reason") == "SKIPPED":
            skipped.add(identity.get("targetCompleted", {}).get("label"))
    return {label: "skipped" if label in skipped else outcome
            for label, outcome in result.items()}


def build_failed(events):
    """Whether Bazel itself said that not all was well."""
    codes = [event["finished"].get("exitCode", {}).get("code", 0)
             for event in events if "finished" in event]
    return codes != [0]


def main(path):
    events = read_events(path)
    found = outcomes(events)
    for label in sorted(label for label in found if found[label] == "failed"):
        print("failed:", label)
    counts = {name: list(found.values()).count(name)
              for name in ("passed", "failed", "skipped")}
    print(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if (counts["failed"] or not counts["passed"] or
                 build_failed(events)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
