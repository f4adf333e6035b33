"""Takes each capability out in turn and wants its tests to notice.

    tools/mutate/mutate.py [--folder=DIR] [--bazel=ARG]... [ROW...]

Works on a copy of the checkout in a scratch folder, which is kept for the next
run. For each row: applies its patch, runs the row's tests, and expects at least
one to fail; a patch that does not build proves nothing and is a mistake, too.
Every --bazel=ARG is handed on as a startup option.
"""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
from patches import Misfit, Patch
from rows import read_rows

TESTS_FAILED = 3  # of Bazel's exit codes


def tracked_files(root):
    output = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True).stdout
    names = [name for name in output.split("\0") if name]
    # Of this machine, but the build needs it.
    return names + [name for name in ("user.bazelrc",)
                    if os.path.exists(os.path.join(root, name))]


def copy_checkout(root, folder):
    """Brings the copy up to date; files that did not change keep their time."""
    for name in set(tracked_files(root)):
        source, target = os.path.join(root, name), os.path.join(folder, name)
        if not os.path.isfile(source):
            continue
        if os.path.exists(target) and filecmp.cmp(source, target, False):
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(source, target)


def write(folder, texts):
    for path, text in texts.items():
        with open(os.path.join(folder, path), "w", encoding="utf-8") as file:
            file.write(text)


def originals(folder, texts):
    kept = {}
    for path in texts:
        with open(os.path.join(folder, path), encoding="utf-8") as file:
            kept[path] = file.read()
    return kept


def run_tests(folder, startup, labels):
    """Bazel's exit code, and its log. The first red test ends it."""
    process = subprocess.run(
        [os.path.join(folder, "tools", "bazelw"), *startup, "test",
         "--notest_keep_going", "--test_output=summary", *labels],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False)
    return process.returncode, process.stdout


def try_row(folder, startup, row, labels):
    """True when the row's tests notice."""
    patch = Patch(folder, row)
    texts = patch.patched(folder)
    kept = originals(folder, texts)
    write(folder, texts)
    try:
        code, log = run_tests(folder, startup, labels)
    finally:
        write(folder, kept)
    red = [line.split()[0] for line in log.splitlines()
           if line.startswith("//") and
           ("FAILED in" in line or "TIMEOUT in" in line)]
    noticed = code == TESTS_FAILED and red
    print(f"{row}: {'red' if noticed else 'NOT NOTICED'}: {patch.says}",
          flush=True)
    print("   ", ", ".join(red) if red else f"bazel ended with {code}",
          flush=True)
    if not noticed:
        print(log[-3000:])
    return bool(noticed)


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.abspath(__file__))))
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", default="/var/tmp/dbgalloc_mutate")
    parser.add_argument("--bazel", action="append", default=[])
    parser.add_argument("rows", nargs="*")
    arguments = parser.parse_args()
    rows = read_rows(root)
    copy_checkout(root, arguments.folder)
    missed = []
    for row in arguments.rows or rows:
        try:
            if not try_row(arguments.folder, arguments.bazel, row, rows[row]):
                missed.append(row)
        except Misfit as misfit:
            print(misfit)
            missed.append(row)
    print(f"{len(missed)} not noticed: {missed}" if missed
          else "each was noticed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
