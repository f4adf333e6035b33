"""Runs a scenario of real programs twice, as it is and under libdbgalloc.so
with default flags, and wants the same output, the same exit status, and no
report from any process in it.

    run_scenario.py [--options=OPTIONS] LIBRARY SCENARIO.sh PROGRAM...

OPTIONS are DBGALLOC_OPTIONS in place of the default flags.

A scenario is a shell script that runs in an empty folder. When one of the
programs that it needs is missing, it is skipped by name, with exit status 0.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile

# A wait for ever is a failure, too.
PATIENCE_SECONDS = 600

REPORT = re.compile(rb"==\d+==(ERROR|WARNING|NOTE): dbgalloc|dbgalloc bug")


class Outcome:
    """What one run of a scenario came to."""

    def __init__(self, status, output, errors, reports, usage):
        self.status = status
        self.output = output
        self.errors = errors
        self.reports = reports
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        self.peak_kib = usage.ru_maxrss


def read(path):
    with open(path, "rb") as file:
        return file.read()


def run(scenario, folder, environment):
    """Runs the scenario in `folder`, which is made anew each time, so that its
    path does not differ from run to run."""
    shutil.rmtree(folder, ignore_errors=True)
    work = os.path.join(folder, "work")
    outputs = os.path.join(folder, "outputs")
    os.makedirs(work)
    os.makedirs(outputs)
    environment = dict(environment,
                       HOME=work,
                       TMPDIR=work,
                       LC_ALL="C",
                       # Where reports of processes whose standard error goes
                       # elsewhere are found.
                       TEST_UNDECLARED_OUTPUTS_DIR=outputs)
    with open(os.path.join(folder, "out"), "wb") as out, \
            open(os.path.join(folder, "err"), "wb") as err:
        process = subprocess.Popen(["bash", "-euo", "pipefail", scenario],
                                   cwd=work, env=environment, stdout=out,
                                   stderr=err, stdin=subprocess.DEVNULL)
        try:
            status = process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = "still running after %d s" % PATIENCE_SECONDS
    reports = [read(os.path.join(outputs, name))
               for name in sorted(os.listdir(outputs))]
    return Outcome(status, read(os.path.join(folder, "out")),
                   read(os.path.join(folder, "err")), reports,
                   resource.getrusage(resource.RUSAGE_CHILDREN))


def was_preloaded(library, environment):
    """Whether the library gets into programs at all."""
    maps = subprocess.run(["cat", "/proc/self/maps"], env=environment,
                          check=True, stdout=subprocess.PIPE).stdout
    return os.path.basename(os.path.realpath(library)).encode() in maps


def differences(plain, checked):
    if plain.status != 0:
        yield "the scenario itself fails, with status %s" % plain.status
    if checked.status != plain.status:
        yield "exit status %s, not %s" % (checked.status, plain.status)
    if checked.output != plain.output:
        yield "the output differs"
    if REPORT.search(checked.errors) or REPORT.search(checked.output):
        yield "a report"
    if checked.reports:
        yield "%d report files" % len(checked.reports)


def show(name, outcome):
    print("--- %s: status %s" % (name, outcome.status))
    for text in [outcome.output, outcome.errors] + outcome.reports:
        print(text[-4000:].decode(errors="replace"))


def main(library, scenario, *programs, options=None):
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        print("SKIPPED: %s: no %s" % (scenario, ", ".join(missing)))
        return 0
    library = os.path.abspath(library)
    scenario = os.path.abspath(scenario)
    # What Bazel tells its tests does not concern the programs.
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("TEST_", "DBGALLOC_", "BAZEL"))}
    preloaded = dict(environment, LD_PRELOAD=library)
    if options:
        preloaded["DBGALLOC_OPTIONS"] = options
    if not was_preloaded(library, preloaded):
        print("%s is not loaded" % library)
        return 1
    folder = tempfile.mkdtemp(prefix="dbgalloc_real_")
    try:
        plain = run(scenario, os.path.join(folder, "run"), environment)
        checked = run(scenario, os.path.join(folder, "run"), preloaded)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("%s: processor %.2f s, under dbgalloc %.2f s" % (
        os.path.basename(scenario), plain.cpu_seconds,
        checked.cpu_seconds - plain.cpu_seconds))
    found = list(differences(plain, checked))
    if found:
        print("FAILED: " + "; ".join(found))
        show("as it is", plain)
        show("under dbgalloc", checked)
    return 1 if found else 0


if __name__ == "__main__":
    OPTIONS = "--options="
    if sys.argv[1].startswith(OPTIONS):
        sys.exit(main(*sys.argv[2:], options=sys.argv[1][len(OPTIONS):]))
    sys.exit(main(*sys.argv[1:]))
