"""The report that README.md shows is the one that the program really makes.

    sample_report_test.py README.md PROGRAM LIBRARY

Addresses, hashes of stacks, process ids, numbers, ages, columns and what lies
outside the program's own source (frames of the C library, paths) may differ from
machine to machine; all else must not.
"""

import os
import re
import subprocess
import sys

FENCE = "```"
OWN_SOURCE = " testdata/bugs/"
VARYING = ((re.compile(r"\d+ heap operations?"), "N heap operations"),
           (re.compile(r"operation \d+,"), "operation N,"),
           (re.compile(r" \([^()]* ago\)"), " (T ago)"),
           (re.compile(r"0x[0-9a-f]+"), "0x"),
           (re.compile(r"(\.cc:\d+):\d+"), r"\1"),
           (re.compile(r"^ +\| +\^$"), "caret"),
           (re.compile(r"^==\d+=="), "==PID=="))


def sample_of(readme):
    with open(readme, encoding="utf-8") as file:
        blocks = file.read().split(FENCE)[1::2]
    samples = [block for block in blocks if "ERROR: dbgalloc: " in block]
    if len(samples) != 1:
        sys.exit(f"{len(samples)} reports in {readme}, not one")
    # Without the word after the fence, and without the command.
    return samples[0].splitlines()[2:]


def report_of(program, library):
    environment = {"LD_PRELOAD": os.path.abspath(library)}
    return subprocess.run([os.path.abspath(program)], env=environment,
                          stderr=subprocess.PIPE, text=True,
                          check=False).stderr.splitlines()


def comparable(lines):
    kept = []
    for line in lines:
        if line.startswith("    #") and OWN_SOURCE not in line:
            continue
        if line.startswith("rerun: "):
            line = "rerun: "
        for pattern, instead in VARYING:
            line = pattern.sub(instead, line)
        kept.append(line)
    return kept


def main(readme, program, library):
    found = report_of(program, library)
    if comparable(sample_of(readme)) == comparable(found):
        return 0
    print(f"{readme} shows another report than this one:", *found, sep="\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
