"""Whole programs on the pool and on the allocators that people preload today.

    tools/bazelw run //tools/bench:pool_programs [-- RUNS [PROGRAM...]]

Each program runs with each allocator in turn, RUNS times (5). CPU time is that
of user and system of all its processes, memory the largest resident size of
one; a figure is the median of the runs' ratios to glibc. The last lines are
geometric means.
"""

import math
import os
import shutil
import statistics
import sys
import tempfile

from pool_costs import POOL, candidates, environment_of
from programs import run
from workloads import WORKLOADS, Workload, prepare

FILES = {
    "work.c": "".join(f"int f{i}(int a, int b) {{ int s = 0; for (int i = a; "
                      f"i < b; i++) s += i * {i} % 7; return s; }}\n"
                      for i in range(600)),
    "work.jq": "[.[] | {id, n: (.tags | length)}] | group_by(.n) | length",
    "work.js": """
const all = new Map();
for (let i = 0; i < 300000; i++) all.set("key" + i, {i, text: "t".repeat(i % 9)});
let total = 0;
for (const [key, value] of all) total += key.length + value.text.length;
console.log(total, JSON.stringify([...all]).length);
""",
    "work.tcl": """
for {set i 0} {$i < 200000} {incr i} {
  dict lappend table [expr {$i % 5003}] "item $i"
}
set total 0
dict for {key items} $table { incr total [string length [join $items ,]] }
puts $total
""",
    "work.mk": "all: " + " ".join(f"t{i}" for i in range(20000)) + "\n"
               + "".join(f"t{i}: t{i // 2}x\nt{i}x:\n"
                         for i in range(20000)),
    "work.bc": "scale=1200\n4*a(1)\n",
    "work_xml.py": """
import xml.etree.ElementTree as tree
root = tree.Element("all")
for i in range(60000):
    item = tree.SubElement(root, "item", id=str(i))
    item.text = "text %d" % i
tree.ElementTree(root).write("work.xml")
""",
}

REDIS = ("redis-server --port 0 --unixsocket ./r.sock --save '' >/dev/null & "
         "while ! redis-cli -s ./r.sock ping >/dev/null 2>&1; do :; done; "
         "redis-benchmark -s ./r.sock -n 60000 -r 50000 -P 16 -q -t "
         "set,get,lpush,hset,sadd >/dev/null; "
         "redis-cli -s ./r.sock shutdown nosave; wait")


def more(computations):
    return (
        Workload("gcc", "gcc", "gcc -O1 -c work.c -o work_c.o"),
        Workload("redis", "redis-server", REDIS),
        Workload("jq", "jq", "jq -f work.jq work.json"),
        Workload("node", "node", "node work.js"),
        Workload("tclsh", "tclsh", "tclsh work.tcl"),
        Workload("bc", "bc", "bc -l work.bc </dev/null"),
        Workload("xmllint", "xmllint", "xmllint --noblanks work.xml"),
        Workload("ctags", "ctags", "ctags -f tags work.c /usr/include/*.h"),
        Workload("cmake", "cmake", "cmake --help-full"),
        Workload("make", "make", "make -s -f work.mk"),
        Workload("zstd", "zstd", "zstd -q -f -5 lines -o lines.zst"),
        Workload("polynomials", "true", computations + " polynomials"),
        Workload("trees", "true", computations + " trees"),
    )


def prepare_more(folder):
    prepare(folder)
    for name, text in FILES.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    with open(os.path.join(folder, "work.json"), "w",
              encoding="utf-8") as file:
        items = (f'{{"id": {i}, "tags": ["a", "b{i % 7}"]}}'
                 for i in range(60000))
        file.write("[" + ",".join(items) + "]")
    run("python3 work_xml.py", folder, environment_of("", None))


def measure(workload, allocators, folder, runs):
    usages = {name: [] for name, _ in allocators}
    for _ in range(runs):
        for name, library in allocators:
            if workload.clean:
                run(workload.clean, folder, environment_of("", None))
            usages[name].append(run(workload.command, folder,
                                    environment_of(name, library)))
    return usages


def ratio(usages, name, attribute):
    return statistics.median(
        getattr(mine, attribute) / getattr(theirs, attribute)
        for mine, theirs in zip(usages[name], usages["glibc"]))


def mean(values):
    return math.exp(statistics.mean(math.log(value) for value in values))


def main(computations, preload, runs="5", *chosen):
    allocators = candidates(os.path.abspath(preload))
    others = [name for name, _ in allocators if name != "glibc"]
    print("| program | CPU s, glibc | " + " | ".join(others)
          + " | MiB, glibc | " + " | ".join(others) + " |")
    print("|" + "---|" * (3 + 2 * len(others)))
    means = {(name, what): [] for name in others
             for what in ("seconds", "resident_mib")}
    folder = tempfile.mkdtemp()
    try:
        prepare_more(folder)
        for workload in WORKLOADS + more(os.path.abspath(computations)):
            if chosen and workload.name not in chosen:
                continue
            if shutil.which(workload.program) is None:
                print(f"| {workload.name} | not installed |")
                continue
            usages = measure(workload, allocators, folder, int(runs))
            cells = [workload.name]
            for what in ("seconds", "resident_mib"):
                glibc = statistics.median(
                    getattr(usage, what) for usage in usages["glibc"])
                cells.append(f"{glibc:.2f}" if what == "seconds"
                             else f"{glibc:.0f}")
                for name in others:
                    found = ratio(usages, name, what)
                    means[name, what].append(found)
                    cells.append(f"**{found:.2f}**" if name == POOL
                                 else f"{found:.2f}")
            print("| " + " | ".join(cells) + " |", flush=True)
    finally:
        shutil.rmtree(folder)
    for name in others:
        print(f"{name}: {mean(means[name, 'seconds']):.3f} of glibc's CPU "
              f"time, {mean(means[name, 'resident_mib']):.2f} of its memory")


if __name__ == "__main__":
    main(*sys.argv[1:])
