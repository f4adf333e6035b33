"""dbgalloc sweep, from outside: planted programs, each with what must come out.

    sweep_test.py TOOL VERDICTS VERDICTS_LINKED FILES DEEP
"""

import collections
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

TOOL, VERDICTS, LINKED, FILES, DEEP = [
    os.path.abspath(path) for path in sys.argv[1:6]]


def clean_environment():
    """Without what Bazel says to the test itself."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith("TEST_TOTAL") and name not in
            ("TEST_SHARD_INDEX", "XML_OUTPUT_FILE", "DBGALLOC_OPTIONS")}


class Sweep(unittest.TestCase):

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "work")
        os.mkdir(self.path)

    def place(self, name):
        return os.path.join(self.folder.name, name)

    def run_tool(self, flags, program, text="", **environment):
        """Exit status and output."""
        with open(self.place("input"), "w", encoding="ascii") as file:
            file.write(text)
        with open(self.place("input"), encoding="ascii") as file:
            process = subprocess.run(
                [TOOL, "sweep", *flags, "--", *program], stdin=file,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                cwd=self.path, env={**clean_environment(), **environment},
                check=False, timeout=200)
        return process.returncode, process.stdout

    def sweep(self, *program, flags=(), text="", **environment):
        """Exit status and the results as JSON."""
        path = self.place("results.json")
        status, output = self.run_tool(
            [f"--json={path}", *flags], program, text, **environment)
        self.assertTrue(os.path.exists(path), output)
        with open(path, encoding="utf-8") as file:
            return status, json.load(file)

    def verdicts(self, results):
        return collections.Counter(
            point["verdict"] for point in results["points"])

    def found_in(self, results, verdict):
        """The functions whose own requests led to a verdict."""
        return {point["stack"][0]["function"].split("(")[0]
                for point in results["points"] if point["verdict"] == verdict}


class Verdicts(Sweep):

    def expect(self, which, verdict, function, *flags, program=VERDICTS):
        status, results = self.sweep(program, which, flags=flags)
        self.assertEqual(status, 1)
        self.assertIn(function, self.found_in(results, verdict),
                      self.verdicts(results))
        for point in results["points"]:
            self.assertEqual(point["way"], "fork", point)

    def test_handled(self):
        status, results = self.sweep(VERDICTS)
        self.assertEqual(status, 0)
        self.assertEqual(self.verdicts(results), {"handled": 2})

    def test_crashed(self):
        self.expect("crashed", "crashed", "Crashed")

    def test_hung(self):
        self.expect("hung", "hung", "Hung", "--point_seconds=0.5")

    def test_leaked(self):
        self.expect("leaked", "leaked", "Leaked")

    def test_corrupted(self):
        self.expect("corrupted", "corrupted", "Corrupted")

    def test_swallowed(self):
        self.expect("swallowed", "swallowed-oom", "Swallowed")

    def test_linked_program(self):
        self.expect("crashed", "crashed", "Crashed", program=LINKED)

    def test_uncaught_exception(self):
        status, results = self.sweep(VERDICTS, "uncaught")
        self.assertEqual(status, 1)
        self.assertEqual(self.verdicts(results), {"uncaught-exception": 4})

    def test_nondeterministic(self):
        status, results = self.sweep(VERDICTS, "nondeterministic",
                                     flags=["--modes=once", "--fork=false",
                                            "--filter=Nondeterministic"])
        self.assertEqual(status, 1)
        self.assertEqual(
            [(point["index"], point["size"], point["way"], point["verdict"],
              point["details"], point["stack"][0]["function"].split("(")[0])
             for point in results["points"]],
            [(1, 100, "rerun:no-fork", "nondeterministic",
              "another stack made the request", "Nondeterministic"),
             (2, 200, "rerun:no-fork", "nondeterministic",
              "the request never came", "Nondeterministic")])
        self.assertEqual(self.verdicts(results), {"nondeterministic": 2})

    def test_reruns_come_to_the_same(self):
        for which in ("crashed", "corrupted", "swallowed", "uncaught"):
            _, forked = self.sweep(VERDICTS, which)
            _, rerun = self.sweep(VERDICTS, which, flags=["--fork=false"])
            self.assertEqual(self.verdicts(forked), self.verdicts(rerun))

    def test_a_finding_can_be_repeated(self):
        _, results = self.sweep(VERDICTS, "crashed")
        command = results["points"][0]["rerun"]
        process = subprocess.run(
            command, shell=True, cwd=self.path, check=False,
            env=clean_environment(), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        self.assertIn(process.returncode, (-signal.SIGSEGV,
                                           128 + signal.SIGSEGV))
        self.assertIn("induced-failure", process.stderr)


class Ways(Sweep):

    def way_of(self, which):
        _, results = self.sweep(FILES, which, flags=["--modes=once"])
        self.assertEqual(self.verdicts(results),
                         {"handled": len(results["points"])})
        return [point["way"] for point in results["points"]
                if point["size"] == 22]

    def test_what_two_processes_cannot_share_is_run_again(self):
        for which, way in (("thread", "rerun:thread"),
                           ("socket", "rerun:channel"),
                           ("lock", "rerun:lock"),
                           ("mapping", "rerun:mapping")):
            self.assertEqual(self.way_of(which), [way], which)

    def test_files_that_are_read_have_a_place_of_their_own(self):
        text = "a" * 50 + "wwww" + "b" * 50
        status, results = self.sweep(FILES, "read", text=text,
                                     flags=["--by=index", "--modes=once"])
        self.assertEqual(status, 0)
        self.assertEqual(len(results["points"]), 4)
        self.assertEqual(results["ways"], {"fork": 4})
        self.assertNotIn("remark", results)

    def contents(self):
        found = {}
        for name in sorted(os.listdir(self.path)):
            with open(os.path.join(self.path, name), "rb") as file:
                found[name] = file.read()
        return found

    def test_what_a_program_writes_is_what_it_writes_without_a_sweep(self):
        subprocess.run([FILES, "write"], cwd=self.path, check=True,
                       stdout=subprocess.DEVNULL)
        unswept = self.contents()
        for name in unswept:
            os.remove(os.path.join(self.path, name))
        _, results = self.sweep(FILES, "write", flags=["--modes=once"])
        self.assertEqual(self.contents(), unswept)
        ways = {point["size"]: point["way"] for point in results["points"]}
        self.assertEqual(ways, {11: "rerun:effect", 22: "rerun:file",
                                33: "rerun:effect"})
        self.assertEqual(self.verdicts(results), {"handled": 3})


class Choice(Sweep):

    def keys(self, results):
        return sorted((point["mode"], point["index"], point["verdict"])
                      for point in results["points"])

    def test_stacks_and_indices(self):
        _, by_stack = self.sweep(DEEP, "3", "40", flags=["--modes=once"])
        self.assertEqual(len(by_stack["points"]), 40)
        self.assertEqual(by_stack["allocations"], 120)
        _, twice = self.sweep(DEEP, "3", "40",
                              flags=["--modes=once", "--per_stack=2"])
        self.assertEqual(len(twice["points"]), 80)
        _, by_index = self.sweep(DEEP, "3", "40",
                                 flags=["--modes=once,from", "--by=index"])
        self.assertEqual(len(by_index["points"]), 240)

    def test_filters(self):
        _, left = self.sweep(DEEP, "1", "64",
                             flags=["--modes=once", "--filter=Left"])
        self.assertEqual(len(left["points"]), 63)
        _, sized = self.sweep(DEEP, "1", "64",
                              flags=["--modes=once", "--min_size=20",
                                     "--max_size=29"])
        self.assertEqual(len(sized["points"]), 10)

    def test_shards_make_the_whole(self):
        for by in ("stack", "index"):
            flags = ["--modes=once", f"--by={by}"]
            _, whole = self.sweep(DEEP, "2", "30", flags=flags)
            parts = []
            for shard in range(3):
                _, part = self.sweep(
                    DEEP, "2", "30", flags=flags, TEST_TOTAL_SHARDS="3",
                    TEST_SHARD_INDEX=str(shard),
                    TEST_SHARD_STATUS_FILE=self.place("status"))
                parts += self.keys(part)
            self.assertEqual(sorted(parts), self.keys(whole))
            self.assertTrue(os.path.exists(self.place("status")))

    def test_a_sweep_that_was_killed_goes_on(self):
        flags = ["--modes=once", "--by=index",
                 f"--state={self.place('state')}"]
        program = [DEEP, "20", "50"]
        process = subprocess.Popen(
            [TOOL, "sweep", *flags, "--", *program], cwd=self.path,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env=clean_environment())
        while True:
            try:
                with open(self.place("state"), encoding="utf-8") as file:
                    if len(file.readlines()) > 50:
                        break
            except FileNotFoundError:
                pass
            self.assertIsNone(process.poll(), "too fast to be killed")
            time.sleep(0.001)
        process.kill()
        process.wait()
        with open(self.place("state"), encoding="utf-8") as file:
            before = len(file.readlines())
        self.assertLess(before, 1000)
        status, results = self.sweep(*program, flags=flags)
        self.assertEqual(status, 0)
        self.assertEqual([point["index"] for point in results["points"]],
                         list(range(1000)))

    def test_limits(self):
        status, results = self.sweep(DEEP, "1", "40",
                                     flags=["--modes=once", "--max_points=7"])
        self.assertEqual(status, 3)
        self.assertEqual(len(results["points"]), 7)
        self.assertFalse(results["complete"])

    def test_known_failures_are_not_told(self):
        with open(self.place("known"), "w", encoding="ascii") as file:
            file.write("crashed Crashed  # a planted bug\nhung Nowhere\n")
        status, output = self.run_tool([f"--known={self.place('known')}"],
                                       [VERDICTS, "crashed"])
        self.assertEqual(status, 0, output)
        self.assertIn("known failure that did not come: hung Nowhere", output)


class Mistakes(Sweep):

    def expect(self, flags, program, part):
        status, output = self.run_tool(flags, program)
        self.assertEqual(status, 2, output)
        self.assertIn(part, output)

    def test_are_told_and_end_with_2(self):
        self.expect([], [], "a program must stand behind")
        self.expect([], ["/no/such/program"], "no such program")
        self.expect(["--by=chance"], [VERDICTS], "--by is stack or index")
        self.expect(["--modes=twice"], [VERDICTS], "--modes are of")
        self.expect([f"--known={self.place('none')}"], [VERDICTS],
                    "cannot be read")
        self.expect(["--library=/none.so"], [VERDICTS], "--library=FILE")

    def test_a_program_that_fails_by_itself(self):
        self.expect([], [sys.executable, "-c", "import os; os.abort()"],
                    "without any failure")

    def test_help(self):
        process = subprocess.run([TOOL, "sweep", "--help"], text=True,
                                 capture_output=True, check=False)
        self.assertEqual(process.returncode, 0)
        self.assertIn("Exit status:", process.stdout)
        self.assertIn("-per_stack", process.stdout)
        process = subprocess.run([TOOL, "swep"], text=True,
                                 capture_output=True, check=False)
        self.assertEqual(process.returncode, 2)
        self.assertIn("no command is called swep", process.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
