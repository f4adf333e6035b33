"""The top frame of every stack is the caller of malloc, new and the rest.

entry_points_test.py PROGRAM [LIBRARY]
"""

import os
import re
import subprocess
import sys
import unittest

PROGRAM, LIBRARY = sys.argv[1], sys.argv[2:]

TRACE = re.compile(r"^==\d+==NOTE: dbgalloc: trace_alloc: (.*)$")
FRAME = re.compile(r"^    #(\d+) 0x[0-9a-f]+(?: in ([^ (]+))?(.*)$")

# Names that only our own code has.
OURS = re.compile(r"dbgalloc|interpose|debug_heap")


def traces(options):
    """What the program prints, and the frames of each operation."""
    settings = dict(os.environ,
                    DBGALLOC_OPTIONS="trace_alloc=1-100000:" + options)
    settings.pop("TEST_UNDECLARED_OUTPUTS_DIR", None)
    if LIBRARY:
        settings["LD_PRELOAD"] = os.path.abspath(LIBRARY[0])
    result = subprocess.run([PROGRAM], env=settings, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, timeout=60,
                            check=False)
    stacks = []
    for line in result.stderr.splitlines():
        if TRACE.match(line):
            stacks.append([])
        elif FRAME.match(line) and stacks:
            number, function, rest = FRAME.match(line).groups()
            stacks[-1].append((int(number), function or "", rest))
    return result.stdout.split(), stacks


def callers(stacks):
    """Of the operations that the program's own functions did."""
    tops = [stack[0][1] for stack in stacks if stack]
    return [top for top in tops if top.startswith("Calls_")]


class EntryPoints(unittest.TestCase):
    def test_each_caller_is_on_top(self):
        for unwind in ("auto", "dwarf"):
            wanted, stacks = traces("unwind=" + unwind)
            # realloc moves its block: an allocation and a free.
            wanted.insert(wanted.index("Calls_realloc"), "Calls_realloc")
            self.assertEqual(callers(stacks), wanted, unwind)

    def test_the_whole_stack_is_there(self):
        _, stacks = traces("")
        for stack in stacks:
            functions = [function for _, function, _ in stack]
            if functions[0].startswith("Calls_"):
                self.assertEqual(functions[1:3], ["CallAll", "main"], stack)
                self.assertEqual(functions[-1], "_start", stack)

    def test_frames_of_the_allocator_never_show(self):
        for unwind in ("auto", "dwarf", "fp"):
            _, stacks = traces("unwind=" + unwind)
            program = os.path.basename(PROGRAM)
            for stack in stacks:
                for _, function, rest in stack:
                    rest = rest.replace(program, "")
                    self.assertNotRegex(function, OURS)
                    self.assertNotIn("libdbgalloc", rest)

    def test_as_many_frames_as_are_asked_for(self):
        for frames in (1, 2, 3):
            _, stacks = traces(f"stack_trace_frames={frames}")
            for stack in stacks:
                # Inlined calls share a program counter.
                self.assertLessEqual(len({number for number, *_ in stack}),
                                     frames + 2)
                self.assertGreater(len(stack), 0)
        _, stacks = traces("stack_trace_frames=256")
        for stack in stacks:
            if stack[0][1].startswith("Calls_"):
                self.assertEqual(stack[-1][1], "_start")
        _, stacks = traces("stack_trace_frames=0")
        self.assertTrue(stacks)
        self.assertEqual([stack for stack in stacks if stack], [])

    def test_frame_pointers_find_the_caller_at_least(self):
        wanted, stacks = traces("unwind=fp")
        wanted.insert(wanted.index("Calls_realloc"), "Calls_realloc")
        self.assertEqual(callers(stacks), wanted)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
