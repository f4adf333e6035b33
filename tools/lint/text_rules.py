"""What any text file must keep: its length, and nothing left half-done."""

import re

from source_tree import files, lines

ENDINGS = (".h", ".cc", ".inc", ".py", ".sh", ".bzl", "BUILD")
TREES = ("alloc", "runtime_flags", "tools", "testdata", "third_party")
LONGEST_FILE = 400
LONGEST_LINE = 80

UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")


def check(root):
    for path in files(root, ENDINGS, TREES):
        text = lines(root, path)
        if len(text) > LONGEST_FILE and not path.endswith("BUILD"):
            yield path, LONGEST_FILE, (
                f"{len(text)} lines; files are split at {LONGEST_FILE}")
        for number, line in enumerate(text, 1):
            if UNFINISHED.search(line):
                yield path, number, "left unfinished"
            if path.endswith((".h", ".cc")) and len(line) > LONGEST_LINE:
                if "://" not in line and not line.startswith("#include"):
                    yield path, number, f"longer than {LONGEST_LINE} columns"
