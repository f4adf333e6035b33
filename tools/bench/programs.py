"""What real programs cost under dbgalloc.

    bazel run //tools/bench:programs [-- TURNS [NAME...]]

Runs each program without and with libdbgalloc.so preloaded, in turn, and prints
CPU time (user and system) and the largest resident size. The ratios are medians
of the turns' ratios. "no quarantine" is quarantine_size=0: what dbgalloc needs
for itself, without the freed memory that it is told to hold.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile

from workloads import WORKLOADS, prepare

TURNS = 5
FORMS = (("plain", None), ("dbgalloc", ""),
         ("no quarantine", "quarantine_size=0"))


class Usage:
    def __init__(self, seconds, resident_mib):
        self.seconds = seconds
        self.resident_mib = resident_mib


def environment_of(library, options):
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("DBGALLOC") and name != "LD_PRELOAD"}
    if options is not None:
        environment["LD_PRELOAD"] = library
        environment["DBGALLOC_OPTIONS"] = options
    return environment


def run(command, folder, environment):
    """Usage of the command and of all that it starts and waits for."""
    process = subprocess.Popen(
        ["sh", "-c", command], cwd=folder, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"status {process.returncode}: {command}")
    return Usage(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(workload, library, folder, turns):
    usages = {name: [] for name, _ in FORMS}
    for _ in range(turns):
        for name, options in FORMS:
            environment = environment_of(library, options)
            if workload.clean:
                run(workload.clean, folder, environment_of(library, None))
            usages[name].append(run(workload.command, folder, environment))
    return usages


def ratio(usages, form, attribute):
    return statistics.median(
        getattr(with_it, attribute) / getattr(without, attribute)
        for with_it, without in zip(usages[form], usages["plain"]))


def median(usages, form, attribute):
    return statistics.median(getattr(u, attribute) for u in usages[form])


def row(name, usages):
    return "| {} | {:.2f} | {:.2f} | **{:.2f}** | {:.0f} | {:.0f} | {:.0f} |".format(
        name,
        median(usages, "plain", "seconds"),
        median(usages, "dbgalloc", "seconds"),
        ratio(usages, "dbgalloc", "seconds"),
        median(usages, "plain", "resident_mib"),
        median(usages, "dbgalloc", "resident_mib"),
        median(usages, "no quarantine", "resident_mib"))


def main(library, turns=TURNS, *names):
    library = os.path.abspath(library)
    print("| program | CPU s, plain | CPU s, dbgalloc | ratio "
          "| MiB, plain | MiB, dbgalloc | MiB, no quarantine |")
    print("|---|---|---|---|---|---|---|")
    folder = tempfile.mkdtemp()
    try:
        prepare(folder)
        for workload in WORKLOADS:
            if names and workload.name not in names:
                continue
            if shutil.which(workload.program) is None:
                print(f"| {workload.name} | not installed |||||")
                continue
            usages = measure(workload, library, folder, int(turns))
            print(row(workload.name, usages), flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
