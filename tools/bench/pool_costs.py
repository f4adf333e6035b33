"""The pool beside jemalloc, gperftools' tcmalloc, mimalloc and glibc.

    tools/bazelw run //tools/bench:pool_costs [-- RUNS [WORKLOAD...]]

The same program runs with each allocator preloaded, in turn, RUNS times (7).
Times are CPU nanoseconds a step, medians of the runs; a ratio is the median of
the runs' ratios to the fastest of the others. An allocator that is not
installed is named and left out.
"""

import math
import os
import statistics
import subprocess
import sys

LIBRARIES = "/usr/lib/x86_64-linux-gnu"
PEERS = (
    ("glibc", None, None),
    ("jemalloc", "libjemalloc.so.2", "libjemalloc2"),
    ("tcmalloc", "libtcmalloc_minimal.so.4", "libtcmalloc-minimal4"),
    ("mimalloc", "libmimalloc.so.2", "libmimalloc2.0"),
)
POOL = "pool"
WORKLOADS = (
    "pair 16", "pair 64", "pair 4096", "pair 65536", "pair 1048576",
    "pair 4194304", "pair 67108864", "pair 64 2", "batch 1000",
    "batch 100000", "batch 1000000", "churn 1000", "churn 100000",
    "remote 64", "remote 1024", "larson", "ring", "realloc_small",
    "realloc_large", "calloc 64", "calloc 65536", "aligned 64 64",
    "aligned 4096 4096", "map", "strings", "hash_map", "short_threads",
    "fragmentation", "polynomials", "trees",
)


def candidates(preload):
    found = []
    for name, library, package in PEERS:
        path = library and os.path.join(LIBRARIES, library)
        if path and not os.path.exists(path):
            print(f"{name} is left out: apt-get install {package}")
            continue
        found.append((name, path))
    return found + [(POOL, preload)]


def environment_of(name, library):
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith("DBGALLOC") and key != "LD_PRELOAD"}
    if library:
        environment["LD_PRELOAD"] = library
    if name == POOL:
        environment["DBGALLOC_OPTIONS"] = "allocator=pool"
    return environment


def run(program, workload, name, library):
    """(CPU ns a step, resident MiB)."""
    output = subprocess.run(
        [program] + workload.split(), check=True, capture_output=True,
        text=True, env=environment_of(name, library)).stdout.split()
    return float(output[0]), int(output[1]) / 1024


def measure(program, workload, allocators, runs):
    figures = {name: [] for name, _ in allocators}
    for _ in range(runs):
        for name, library in allocators:
            figures[name].append(run(program, workload, name, library))
    return figures


def ratios_to(figures, other):
    """The pool's time over the other's, run by run."""
    return statistics.median(
        mine[0] / theirs[0]
        for mine, theirs in zip(figures[POOL], figures[other]))


def memory(figures, name):
    return statistics.median(resident for _, resident in figures[name])


def row(workload, figures, names):
    times = {name: statistics.median(time for time, _ in figures[name])
             for name in names}
    best = min((name for name in names if name != POOL), key=times.get)
    cells = [f"{times[name]:.1f}" for name in names]
    cells.append(f"**{ratios_to(figures, best):.2f}** ({best})")
    cells += [f"{memory(figures, name):.0f}" for name in names]
    return "| " + " | ".join([workload] + cells) + " |"


def mean(values):
    return math.exp(statistics.mean(math.log(value) for value in values))


def main(arguments):
    program, preload = (os.path.abspath(path) for path in arguments[:2])
    runs = int(arguments[2]) if len(arguments) > 2 else 7
    workloads = [word.replace("_of_", " ") for word in arguments[3:]]
    allocators = candidates(preload)
    names = [name for name, _ in allocators]
    print("| workload |", " | ".join(names), "| pool / best |",
          " | ".join(f"MiB {name}" for name in names), "|")
    print("|" + "---|" * (2 * len(names) + 2))
    time_ratios = {name: [] for name in names}
    memory_ratios = {name: [] for name in names}
    for workload in workloads or WORKLOADS:
        figures = measure(program, workload, allocators, runs)
        print(row(workload, figures, names), flush=True)
        for name in names:
            time_ratios[name].append(1 / ratios_to(figures, name))
            memory_ratios[name].append(
                memory(figures, POOL) / memory(figures, name))
    for name in names[:-1]:
        print(f"{name}: the pool is {mean(time_ratios[name]):.2f} times as "
              f"fast, with {mean(memory_ratios[name]):.2f} times the memory")


if __name__ == "__main__":
    main(sys.argv[1:])
