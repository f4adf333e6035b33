"""C++ as clang-format leaves it: Google's style, of one version."""

import os
import re
import subprocess

from source_tree import files

PROGRAM = "clang-format-14"
TREES = ("alloc", "runtime_flags", "tools", "testdata")
FINDING = re.compile(r"^(.+?):(\d+):\d+: error: ")


def check(root):
    paths = files(root, (".h", ".cc"), TREES)
    run = subprocess.run(
        [PROGRAM, "--style=Google", "--dry-run", "--Werror"] +
        [os.path.join(root, path) for path in paths],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        check=False)
    found = sorted({(os.path.relpath(match.group(1), root),
                     int(match.group(2)))
                    for match in map(FINDING.match, run.stderr.splitlines())
                    if match})
    if run.returncode != 0 and not found:
        raise RuntimeError(f"{PROGRAM}: {run.stderr}")
    for path, line in found:
        yield path, line, f"not as {PROGRAM} --style=Google has it"
