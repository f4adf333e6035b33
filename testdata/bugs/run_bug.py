"""Runs a bug program and wants the report that its comments describe.

    run_bug.py SOURCE.cc PROGRAM FIXED_PROGRAM [LIBRARY]

The program must report exactly that, the fixed one must be silent and end with
0. With LIBRARY, both run with it preloaded.
"""

import os
import subprocess
import sys

from compare import Comparison
from expectation import Expectation
from report_text import Malformed, Report

SECONDS = 120


def run(program, options, library):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("DBGALLOC_") and name != "LD_PRELOAD"}
    # The same choice of guarded blocks in each run.
    environment["DBGALLOC_OPTIONS"] = "guard_seed=1:" + (options or "")
    command = [os.path.abspath(program)]
    preload = "LD_PRELOAD"
    # Programs for another processor (tools/toolchains/run_emulated.sh).
    if "DBGALLOC_RUNNER" in os.environ:
        command.insert(0, os.environ["DBGALLOC_RUNNER"])
        preload = "DBGALLOC_RUNNER_PRELOAD"
    if library:
        environment[preload] = os.path.abspath(library)
    process = subprocess.Popen(command, env=environment,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, errors="replace")
    output, errors = process.communicate(timeout=SECONDS)
    return process.pid, process.returncode, output, errors


def bug_differences(source, program, library):
    with open(source, encoding="utf-8") as file:
        lines = file.read().splitlines()
    expectation = Expectation(lines)
    texts = expectation.texts
    pid, status, output, errors = run(program, texts.get("OPTIONS"), library)
    yield from outcome_differences(expectation.status(), status,
                                   texts.get("OUTPUT", ""), output)
    try:
        report = Report(errors.splitlines())
    except Malformed as malformed:
        yield str(malformed)
    else:
        # "PROCESS: another": a child of the program reports, and says so.
        if (int(report.process) == pid) != ("PROCESS" not in texts):
            yield f"process id {report.process}; the program's is {pid}"
        yield from Comparison(source, lines, expectation).differences(report)
    if errors.count("ERROR: dbgalloc") != 1:
        yield "not exactly one report"


def fixed_differences(source, program, library):
    with open(source, encoding="utf-8") as file:
        texts = Expectation(file.read().splitlines()).texts
    _, status, output, errors = run(program, texts.get("OPTIONS"), library)
    wanted = texts.get("OUTPUT-FIXED", texts.get("OUTPUT", ""))
    yield from outcome_differences(0, status, wanted, output)
    if errors:
        yield "not silent:\n" + errors


def outcome_differences(wanted_status, status, wanted_output, output):
    if status != wanted_status:
        yield f"exit status: wanted {wanted_status}, found {status}"
    if output.rstrip("\n") != wanted_output:
        yield f"output: wanted {wanted_output!r}, found {output!r}"


def main(source, program, fixed_program, library=None):
    failed = False
    for differences, which in ((bug_differences, program),
                               (fixed_differences, fixed_program)):
        found = list(differences(source, which, library))
        for difference in found:
            print(f"{os.path.basename(which)}: {difference}", file=sys.stderr)
        if found and which == program:
            print(run(which, Expectation(open(source).read().splitlines())
                      .texts.get("OPTIONS"), library)[3], file=sys.stderr)
        failed = failed or bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
