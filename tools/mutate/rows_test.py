"""Each row of testdata/rows.txt has tests that exist and run, and a patch.

    rows_test.py ROOT
"""

import re
import sys

from build_targets import tests_of
from patches import Misfit, Patch, patched_rows
from rows import read_rows

LABEL = re.compile(r"//[\w/]*:[\w+]+")


def label_mistakes(root, row, labels):
    if not labels:
        yield f"{row}: no tests"
    for label in labels:
        if not LABEL.fullmatch(label):
            yield f"{row}: {label} is no label"
            continue
        tests = tests_of(root, label)
        name = label.partition(":")[2]
        if name not in tests:
            yield f"{row}: {label} is no test"
        elif "manual" in tests[name]:
            yield f"{row}: {label} does not run with //..."


def mistakes(root):
    rows = read_rows(root)
    if not rows:
        yield "no rows"
    for row, labels in rows.items():
        yield from label_mistakes(root, row, labels)
    patches = patched_rows(root)
    for row in set(rows) - set(patches):
        yield f"{row}: no patch takes it out"
    for row in patches:
        if row not in rows:
            yield f"{row}: a patch, but no tests"
        try:
            Patch(root, row).patched(root)
        except (Misfit, OSError) as misfit:
            yield f"{row}: the patch does not fit: {misfit}"


def planted_mistakes(root):
    """The test itself: each of these must be found."""
    for labels in ([], ["//alloc:no_such_test"], ["alloc"],
                   ["//alloc:allocator"]):
        if not list(label_mistakes(root, "planted", labels)):
            yield f"not found: {labels}"


def main(root):
    found = list(mistakes(root)) + list(planted_mistakes(root))
    for mistake in found:
        print(mistake)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
