"""The matrix of capabilities by platforms in docs/porting.md.

    porting_matrix.py                   prints it
    porting_matrix.py --write           puts it into docs/porting.md
    porting_matrix.py --note NAME EVENTS.json
                                        notes what a run of NAME's tests said

What ran is in testdata/platforms/NAME.txt, one test a line, as Bazel's event
file had it; testdata/rows.txt says which tests hold a row. docs/porting.md names
the one command that runs all.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BEGIN = "<!-- begin of what tools/ci/porting_matrix.py writes -->"
END = "<!-- end of what tools/ci/porting_matrix.py writes -->"
LEGEND = {
    "tested": "a test of the row ran there and passed, and none failed",
    "failed": "a test of the row failed",
    "built": "its tests were built, and nothing there runs them",
    "n/a": "not available: its tests say that the platform cannot serve them",
    "-": "not run there yet",
}


def read_rows(root):
    """{row: [labels]}, in the order of the file."""
    rows = {}
    with open(os.path.join(root, "testdata", "rows.txt"),
              encoding="utf-8") as file:
        for line in file:
            row, _, labels = line.partition("#")[0].strip().partition(":")
            if row:
                rows.setdefault(row, []).extend(labels.split())
    return rows


def read_results(root):
    """{platform: {label: outcome}}"""
    folder = os.path.join(root, "testdata", "platforms")
    results = {}
    for name in sorted(os.listdir(folder)):
        platform, ending = os.path.splitext(name)
        if ending != ".txt":
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            pairs = [line.split() for line in file if not line.startswith("#")]
        results[platform] = {label: outcome for label, outcome in pairs}
    return results


def state(labels, outcomes):
    """One cell: what a platform's outcomes say of a row's tests."""
    found = {outcomes[label] for label in labels if label in outcomes}
    for outcome, word in (("failed", "failed"), ("passed", "tested"),
                          ("built", "built"), ("skipped", "n/a")):
        if outcome in found:
            return word
    return "-"


def matrix(rows, results):
    """The lines of the table and of its legend."""
    platforms = sorted(results)
    yield "| row | " + " | ".join(platforms) + " |"
    yield "|---" * (len(platforms) + 1) + "|"
    used = set()
    for row, labels in rows.items():
        cells = [state(labels, results[platform]) for platform in platforms]
        used.update(cells)
        yield f"| {row} | " + " | ".join(cells) + " |"
    yield ""
    for word, meaning in LEGEND.items():
        if word in used:
            yield f"* {word}: {meaning}"
    yield ""
    for platform in platforms:
        outcomes = list(results[platform].values())
        counts = ", ".join(f"{outcomes.count(word)} {word}" for word in
                           ("passed", "failed", "built", "skipped")
                           if word in outcomes)
        yield f"* {platform}: {counts}"


def with_matrix(text, lines):
    """docs/porting.md with the matrix in its place."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise ValueError("docs/porting.md has no place for the matrix")
    return before + BEGIN + "\n" + "\n".join(lines) + "\n" + END + after


def note(root, platform, events):
    import test_counts  # beside this file
    found = test_counts.outcomes(test_counts.read_events(events))
    path = os.path.join(root, "testdata", "platforms", platform + ".txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"# Written by tools/ci/porting_matrix.py --note {platform}\n")
        file.writelines(f"{label} {found[label]}\n" for label in sorted(found))


def main(arguments):
    root = os.path.dirname(os.path.dirname(HERE))
    if arguments[:1] == ["--note"]:
        note(root, arguments[1], arguments[2])
        return
    lines = list(matrix(read_rows(root), read_results(root)))
    if arguments[:1] != ["--write"]:
        print("\n".join(lines))
        return
    path = os.path.join(root, "docs", "porting.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(with_matrix(text, lines))


if __name__ == "__main__":
    main(sys.argv[1:])
