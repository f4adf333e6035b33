"""Counts the tests of Bazel runs from their build event files.

    test_counts.py EVENTS.json...

The last line says `N passed, N failed, N skipped`, summed over the runs. Exits
with 1 when a test failed or was not built, and when a run ran no test at all.
"""

import json
import os
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


def count_run(path, totals):
    """Adds a run to the totals; whether all was well in it."""
    events = read_events(path)
    found = outcomes(events)
    for label in sorted(label for label in found if found[label] == "failed"):
        print("failed:", label)
    counts = {name: list(found.values()).count(name) for name in totals}
    for name, count in counts.items():
        totals[name] += count
    if not counts["passed"]:
        print(f"no test passed in the run of {os.path.basename(path)}")
    return (counts["passed"] and not counts["failed"] and
            not build_failed(events))


def main(paths):
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    all_well = [count_run(path, totals) for path in paths]
    print(", ".join(f"{count} {name}" for name, count in totals.items()))
    return 0 if all_well and all(all_well) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
