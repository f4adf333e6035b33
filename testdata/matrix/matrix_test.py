"""Each mistake with a block, by each kind of access, under one way of guarding.

    matrix_test.py [--all] GUARD SOURCE PROGRAM [LIBRARY]

Every kind meets every access and every size; origins of the block and places
in which the mistake is made take turns (--all: they meet everything, too). Of
each run the whole report is compared with what model.py expects, and the same
program without the mistake must be silent.
"""

import concurrent.futures
import itertools
import os
import re
import subprocess
import sys

from expectation import marks_of, pattern_of
from model import LARGEST_SMALL, Case, expected
from report_text import Malformed, Report

KINDS = ("after-free", "behind", "before", "far")
FREES = ("double-free", "interior-free")
ACCESSES = ("read", "write", "memcpy", "write(2)", "read(2)")
SIZES = (24, 32, 61, 1000, 4096, 9001, 40000, 70001, 300000)
ORIGINS = ("malloc", "realloc")
PLACES = ("main", "thread", "child")
SECONDS = 60


def cases(guarded, everything):
    turns = itertools.cycle(itertools.product(PLACES, ORIGINS))
    wrongs = [(kind, access) for kind in KINDS for access in ACCESSES]
    wrongs += [(kind, "read") for kind in FREES]
    for (kind, access), size in itertools.product(wrongs, SIZES):
        chosen = (itertools.product(PLACES, ORIGINS) if everything
                  else [next(turns)])
        # Beyond a small block there is another one, or was.
        if kind == "far" and not guarded and size <= LARGEST_SMALL:
            continue
        for place, origin in chosen:
            yield Case(kind, access, size, origin, place, guarded)


class Runner:
    def __init__(self, guard, program, source, library):
        self.guard, self.program = guard, os.path.abspath(program)
        self.library = library and os.path.abspath(library)
        self.source = os.path.basename(source)
        with open(source, encoding="utf-8") as file:
            self.marks = marks_of(file.read().splitlines())

    def run(self, arguments):
        environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith("DBGALLOC_") and name != "LD_PRELOAD"}
        environment["DBGALLOC_OPTIONS"] = f"guard_seed=1:{self.guard}"
        if self.library:
            environment["LD_PRELOAD"] = self.library
        done = subprocess.run([self.program] + arguments, env=environment,
                              capture_output=True, text=True, timeout=SECONDS,
                              check=False)
        return done.returncode, done.stdout, done.stderr

    def differences(self, case):
        status, output, errors = self.run(case.arguments())
        block = int(output, 16)
        wanted = expected(case, block)
        if wanted is None:
            if errors or status:
                yield f"nothing was to be noticed; status {status}:\n{errors}"
        else:
            if status != 1:
                yield f"exit status {status}"
            try:
                report = Report(errors.splitlines())
            except Malformed as malformed:
                yield f"{malformed}\n{errors}"
            else:
                for difference in self.report_differences(case, block, wanted,
                                                          report):
                    yield f"{difference}\n{errors}"
        status, _, errors = self.run(case.arguments(fixed=True))
        if status or errors:
            yield f"fixed, but not silent; status {status}:\n{errors}"

    def report_differences(self, case, block, wanted, report):
        if report.kind != wanted.kind:
            yield f"kind: wanted {wanted.kind}, found {report.kind}"
        sentence = pattern_of(wanted.sentence)
        if not re.fullmatch(sentence, report.sentence):
            yield f"sentence: wanted {wanted.sentence}"
        titles = [self.title_of(case, stack) for stack in wanted.stacks]
        found = [stack.title for stack in report.stacks]
        if titles != found:
            yield f"titles: wanted {titles}, found {found}"
        for stack, shown in zip(wanted.stacks, report.stacks):
            yield from self.stack_differences(stack, shown)
        state = "live" if wanted.live else "freed"
        text = (f"[{block:#x}, {block + case.size:#x}), {case.size} bytes, "
                f"from malloc, {state}")
        if not report.labels.get("block", "").startswith(text):
            yield f"block: wanted {text}"
        if ("damage" in report.labels) != ("overwritten" in wanted.sentence):
            yield "damage"
        for label in ("hint", "rerun"):
            if not report.labels.get(label):
                yield f"no {label}"
        yield from self.summary_differences(wanted, report)

    @staticmethod
    def title_of(case, stack):
        # The process ends in its first thread, which no frame of ours is in.
        in_thread = case.place == "thread" and stack.function is not None
        thread = 'T1 "worker"' if in_thread else 'T0 "main"'
        return f"{stack.title}, by thread {thread}"

    def stack_differences(self, wanted, shown):
        ours = [frame for frame in shown.frames
                if os.path.basename(frame.file) == self.source]
        if wanted.function is not None and (not ours or not self.is_frame(
                wanted, ours[0].function, ours[0].line)):
            yield f"{wanted.title}: wanted {wanted.function} {wanted.mark}"

    def is_frame(self, wanted, function, line):
        name = function.partition("(")[0]
        return name == wanted.function and self.marks[wanted.mark] == [line]

    def summary_differences(self, wanted, report):
        kind, _, line, function = report.summary.groups()
        blamed = wanted.stacks[wanted.blamed]
        if kind != wanted.kind or not self.is_frame(blamed, function,
                                                    int(line)):
            yield f"summary: {report.summary.group()}"
        if report.compiler.group(5) != report.sentence:
            yield f"compiler line: {report.compiler.group()}"


def main(arguments):
    everything = arguments[0] == "--all"
    guard, source, program, *library = arguments[1 if everything else 0:]
    runner = Runner(guard, program, source, library[0] if library else None)
    guarded = "guard=none" not in guard
    failed = count = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        tried = list(cases(guarded, everything))
        for case, found in zip(tried, pool.map(
                lambda case: list(runner.differences(case)), tried)):
            count += 1
            for difference in found:
                print(f"{case}: {difference}", file=sys.stderr)
            failed += bool(found)
    print(f"{guard}: {count} mistakes, {failed} not as expected")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
