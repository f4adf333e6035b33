"""Frames of a library that was closed: module, offset and build id, by which
its file still names them.

closed_library_test.py PROGRAM LIBRARY SOURCE
"""

import os
import re
import shutil
import subprocess
import sys
import unittest

PROGRAM, LIBRARY, SOURCE = sys.argv[1:4]

FRAME = re.compile(r"^    #\d+ (0x[0-9a-f]+) "
                   r"\((\S+)\+(0x[0-9a-f]+)\) \(BuildId: ([0-9a-f]+)\)$")


def report(options=""):
    settings = dict(os.environ, DBGALLOC_OPTIONS=options)
    settings.pop("TEST_UNDECLARED_OUTPUTS_DIR", None)
    return subprocess.run([PROGRAM, LIBRARY], env=settings,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, timeout=60, check=False).stderr


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def frames_of_library(text):
    """(offset, build id) of the allocation's frames in the library."""
    allocated = text[text.index("allocated, by thread"):]
    found = [FRAME.match(line) for line in allocated.splitlines()]
    return [(frame.group(3), frame.group(4)) for frame in found
            if frame and frame.group(2).endswith("libplugin.so")]


class ClosedLibrary(unittest.TestCase):
    def test_its_frames_are_still_named(self):
        for options in ("", "unwind=fp", "unwind=dwarf", "symbolize=0"):
            text = report(options)
            self.assertIn("double-free", text)
            wanted = 1 if options == "unwind=fp" else 2
            self.assertGreaterEqual(len(frames_of_library(text)), wanted, text)

    def test_the_build_id_is_that_of_the_file(self):
        notes = output_of("readelf", "-n", LIBRARY)
        for _, build_id in frames_of_library(report()):
            self.assertIn("Build ID: " + build_id, notes)

    def test_offsets_lead_to_the_lines(self):
        if not shutil.which("addr2line"):
            self.skipTest("no addr2line")
        with open(SOURCE, encoding="utf-8") as file:
            lines = file.read().splitlines()
        marked = [number + 1 for mark in ("// <- allocation", "// <- inner")
                  for number, line in enumerate(lines) if mark in line]
        # A return address is behind the call.
        offsets = [hex(int(offset, 16) - 1)
                   for offset, _ in frames_of_library(report())]
        places = output_of("addr2line", "-e", LIBRARY, *offsets).splitlines()
        found = [int(re.search(r":(\d+)", place).group(1)) for place in places]
        self.assertEqual(found, marked, places)

    def test_without_symbols_every_frame_has_this_form(self):
        text = report("symbolize=0")
        frames = [line for line in text.splitlines()
                  if line.startswith("    #")]
        self.assertGreater(len(frames), 6)
        for line in frames:
            self.assertRegex(line, FRAME)
        self.assertEqual(frames_of_library(text), frames_of_library(report()))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
