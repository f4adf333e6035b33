"""What malloc costs under dbgalloc, plain glibc and AddressSanitizer.

    bazel run //tools/bench:heap_costs

Runs the same program in each form in turn, several times, and prints the
medians as a table: nanoseconds of CPU time a pair of malloc and free.
"""

import os
import statistics
import subprocess
import sys

TURNS = 5
SCENARIOS = ("pair_64", "pair_4096", "ring_64", "pair_64_two_threads")


def forms(plain, asan, dbgalloc):
    """(name, program, environment)"""
    yield "glibc", plain, {}
    yield ("ASan, 16 frames", asan,
           {"ASAN_OPTIONS": "malloc_context_size=16:detect_leaks=0"})
    yield ("dbgalloc, no frames", dbgalloc,
           {"DBGALLOC_OPTIONS": "stack_trace_frames=0"})
    yield ("dbgalloc, 16 frames, unwind=fp", dbgalloc,
           {"DBGALLOC_OPTIONS": "stack_trace_frames=16:unwind=fp"})
    yield ("dbgalloc, 16 frames (default)", dbgalloc, {})


def run(program, settings):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("DBGALLOC", "ASAN", "LD_PRELOAD"))}
    environment.update(settings)
    output = subprocess.run([program], env=environment, check=True,
                            capture_output=True, text=True).stdout
    return {name: float(value)
            for name, value in map(str.split, output.splitlines())}


def main(programs):
    found = {}
    for _ in range(TURNS):
        for name, program, settings in forms(*programs):
            for scenario, value in run(program, settings).items():
                found.setdefault((name, scenario), []).append(value)
    print("| ns a pair | " + " | ".join(SCENARIOS) + " | two threads / one |")
    print("|---|" + "---|" * (len(SCENARIOS) + 1))
    for name, _, _ in forms(*programs):
        medians = [statistics.median(found[name, scenario])
                   for scenario in SCENARIOS]
        # Two pairs at a time, each as slow as it is with two threads.
        speed_up = 2 * medians[0] / medians[-1]
        cells = [f"{value:.1f}" for value in medians] + [f"{speed_up:.2f}"]
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
