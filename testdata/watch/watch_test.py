"""Takes numbers and hashes from a report, and watches for them in other runs.

watch_test.py PROGRAM [LIBRARY]
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

PROGRAM, LIBRARY = sys.argv[1], sys.argv[2:]

NAMES = re.compile(r"^    \(operation (\d+)(?:, [a-z0-9 ]+ ms ago)?, "
                   r"stack (0x[0-9a-f]{8})\)$", re.M)
TRACE = re.compile(
    r"^==\d+==NOTE: dbgalloc: (trace_alloc|break_at): (\w+): (\w+) (\d+) bytes "
    r"at (0x[0-9a-f]+)(?:, allocated by operation (\d+))?, by thread T0", re.M)


def environment(options):
    settings = dict(os.environ, DBGALLOC_OPTIONS=options)
    # The copy for Bazel is not what is looked at.
    settings.pop("TEST_UNDECLARED_OUTPUTS_DIR", None)
    if LIBRARY:
        settings["LD_PRELOAD"] = os.path.abspath(LIBRARY[0])
    return settings


def run(options, *arguments):
    return subprocess.run([PROGRAM, *arguments], env=environment(options),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60, check=False)


class Watch(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        report = run("").stderr
        cls.events = NAMES.findall(report)
        # Newest first: the second free, the first one, the allocation.
        if len(cls.events) != 3:
            raise AssertionError(report)
        cls.number, cls.stack = cls.events[2]
        cls.first_free = cls.events[1][0]

    def traces(self, options):
        return TRACE.findall(run(options).stderr)

    def test_every_run_has_the_same_names(self):
        for _ in range(3):
            self.assertEqual(NAMES.findall(run("").stderr), self.events)

    def test_a_number_traces_the_life_of_a_block(self):
        found = self.traces(f"trace_alloc={self.number}")
        # Freed twice; the second free is of a block that is no more.
        self.assertEqual([(trace[1], trace[2], trace[5]) for trace in found],
                         [("malloc", "allocated", ""),
                          ("free", "frees", self.number)])
        self.assertEqual(found[0][4], found[1][4])

    def test_a_range_and_a_list(self):
        number = int(self.number)
        found = self.traces(f"trace_alloc={number - 2}-{number - 1},{number}")
        self.assertEqual(len(found), 4)

    def test_a_hash_traces_what_its_stack_allocates(self):
        found = self.traces(f"trace_alloc={self.stack}")
        self.assertEqual([trace[1] for trace in found], ["malloc", "free"] * 3)
        self.assertIn("(operation " + self.number,
                      run(f"trace_alloc={self.stack}").stderr)

    def test_a_trace_has_its_stack(self):
        text = run(f"trace_alloc={self.number}").stderr
        first = text[:text.index("(operation")]
        self.assertRegex(first, r"    #\d+ 0x[0-9a-f]+ in main ")
        self.assertIn("AllocateRight", first)

    def test_a_break_ends_a_program_that_is_not_ready_for_it(self):
        result = run(f"break_at={self.number}")
        self.assertEqual(result.returncode, -signal.SIGTRAP)
        self.assertEqual(TRACE.findall(result.stderr)[0][0], "break_at")
        self.assertNotIn("double-free", result.stderr)

    def test_a_handler_goes_on(self):
        result = run(f"break_at={self.number},{self.first_free}", "trap")
        self.assertEqual(result.stdout.count("trapped"), 2)
        self.assertEqual(result.returncode, 1)
        self.assertIn("double-free", result.stderr)
        result = run(f"break_at={self.stack}", "trap")
        self.assertEqual(result.stdout.count("trapped"), 3)

    def test_a_debugger_stops_there(self):
        if not shutil.which("gdb"):
            self.skipTest("gdb is not installed")
        options = environment(f"break_at={self.number}")
        command = ["gdb", "-batch", "-nx", "-ex", "set debuginfod enabled off"]
        for name in ("DBGALLOC_OPTIONS", "LD_PRELOAD"):
            if name in options:
                command += ["-ex", f"set environment {name} {options.pop(name)}"]
        command += ["-ex", "set startup-with-shell off", "-ex", "run",
                    "-ex", "backtrace", PROGRAM]
        text = subprocess.run(command, env=options, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120,
                              check=False).stdout
        if "ptrace" in text and "not permitted" in text:
            self.skipTest("no debugger may trace here")
        self.assertIn("received signal SIGTRAP", text)
        self.assertRegex(text, r"#\d+ .* in AllocateRight|#\d+ .* main \(")

    def test_bisect_leads_to_the_stack(self):
        """Halves the window until one stack is left that is still filled."""
        low, high = 0, 0xffffffff
        while low < high:
            middle = (low + high) // 2
            output = run(f"bisect=0x{low:08x}-0x{middle:08x}").stdout
            if "right aa" in output:
                high = middle
            else:
                low = middle + 1
        self.assertEqual(f"0x{low:08x}", self.stack)
        output = run(f"bisect={self.stack}").stdout
        self.assertIn("right aa", output)
        self.assertNotIn("left aa", output)

    def test_nonsense_is_a_mistake(self):
        for options in ("break_at=main", "trace_alloc=5-4", "bisect=1,2"):
            result = run(options)
            self.assertEqual(result.returncode, 2, options)
            self.assertIn("expected", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
