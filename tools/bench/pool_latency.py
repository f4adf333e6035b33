"""How long single calls take: the pool beside the allocators people preload.

    tools/bazelw run //tools/bench:pool_latency [-- RUNS]

Nanoseconds, reading the clock included; each figure is the median of RUNS runs
(5), the longest call the shortest of the runs' longest. The allocators take
turns.
"""

import os
import statistics
import subprocess
import sys

from pool_costs import candidates, environment_of

THREADS = (2, 4, 16)
COLUMNS = 8


def run(program, threads, name, library):
    output = subprocess.run([program, str(threads)], check=True, text=True,
                            capture_output=True,
                            env=environment_of(name, library)).stdout.split()
    return [int(value) for value in output]


def summary(rows):
    columns = list(zip(*rows))
    return [min(column) if i in (3, 7) else statistics.median(column)
            for i, column in enumerate(columns)]


def main(program, preload, runs="5"):
    program, preload = os.path.abspath(program), os.path.abspath(preload)
    allocators = candidates(preload)
    names = "p50 | p99 | p99.9 | max"
    print("| threads | allocator | malloc " + names.replace("| ", "| malloc ")
          + " | free " + names.replace("| ", "| free ") + " |")
    print("|" + "---|" * (2 + COLUMNS))
    for threads in THREADS:
        rows = {name: [] for name, _ in allocators}
        for _ in range(int(runs)):
            for name, library in allocators:
                rows[name].append(run(program, threads, name, library))
        for name, _ in allocators:
            cells = [f"{value:.0f}" for value in summary(rows[name])]
            print(f"| {threads} | {name} | " + " | ".join(cells) + " |",
                  flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
