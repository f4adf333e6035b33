"""Takes a report of dbgalloc apart: what stands in which line."""

import re

FIRST = re.compile(r"^==(\d+)==ERROR: dbgalloc: ([a-z-]+): (.*)$")
TITLE = re.compile(r"^\S.*, by thread T\d+( \".*\")?$")
FRAME = re.compile(r"^    #(\d+) (0x[0-9a-f]+)(?: in (.+?))?"
                   r"(?: (\S+?):(\d+)(?::(\d+))?| \((\S+)\+0x[0-9a-f]+\)"
                   r"(?: \(BuildId: [0-9a-f]+\))?)?$")
NO_STACK = "    (no stack was recorded)"
NAMES = re.compile(r"^    \((operation \d+)?(, [a-z0-9 ]+ ms ago)?(, )?"
                   r"(stack 0x[0-9a-f]{8})?\)$")
SOURCE = re.compile(r"^ +(\d+) \| (.*)$")
CARET = re.compile(r"^ +\| [ \t]*\^$")
LABEL = re.compile(r"^(where|block|block before|block after|damage|memory|"
                   r"looks like|hint|rerun|scan|total): (.*)$")
BYSTANDER = re.compile(r"^block (before|after) [a-z]+, by thread T\d+")
DUMP = re.compile(r"^    0x[0-9a-f]+ (found   |expected) ")
MEMORY = re.compile(r"^    0x[0-9a-f]+ ([ [\]][0-9a-f]{2})+[ \]] +\|.*\|$")
SUMMARY = re.compile(r"^SUMMARY: dbgalloc: ([a-z-]+) (\S+):(\d+) in (.*)$")
COMPILER = re.compile(r"^(\S+?):(\d+):(\d+): error: ([a-z-]+): (.*) "
                      r"\[dbgalloc\]$")


class Malformed(Exception):
    """A line that no report has at this place."""


class Frame:
    def __init__(self, match):
        self.number = int(match.group(1))
        self.function = match.group(3) or ""
        self.file = match.group(4) or ""
        self.line = int(match.group(5) or 0)

    def __str__(self):
        return f"#{self.number} {self.function} {self.file}:{self.line}"


class Stack:
    def __init__(self, title):
        self.title = title
        self.frames = []
        self.sources = []  # (frame, line number, text)
        self.names = ""  # "(operation 60, stack 0x1a2b3c4d)"


class Report:
    def __init__(self, lines):
        first = FIRST.match(lines[0]) if lines else None
        if not first:
            raise Malformed(f"no first line: {lines[:1]}")
        self.process, self.kind, self.sentence = first.groups()
        self.stacks, self.labels = [], {}
        self.bystanders = []  # stacks of the blocks before and after
        self.summary = self.compiler = None
        self._caret_is_due = False
        for line in lines[1:]:
            if self._caret_is_due != bool(CARET.match(line)):
                raise Malformed(f"a caret belongs below a source line: {line}")
            self._caret_is_due = False
            self._take(line)
        if not self.summary or not self.compiler:
            raise Malformed("no summary or no compiler line at the end")

    def _take(self, line):
        label, frame = LABEL.match(line), FRAME.match(line)
        if self.compiler:
            raise Malformed(f"after the last line: {line}")
        if self.summary:
            self.compiler = COMPILER.match(line)
            if not self.compiler:
                raise Malformed(f"after the summary: {line}")
        elif SUMMARY.match(line):
            self.summary = SUMMARY.match(line)
        elif label:
            if label.group(1) in self.labels:
                raise Malformed(f"a second {line}")
            self.labels[label.group(1)] = label.group(2)
        elif frame and self._newest():
            self._take_frame(Frame(frame))
        elif line == NO_STACK or CARET.match(line) or DUMP.match(line):
            pass
        elif MEMORY.match(line) and "memory" in self.labels:
            pass
        elif NAMES.match(line) and self._newest():
            self._newest().names = line.strip()
        elif SOURCE.match(line) and self._newest().frames:
            number, text = SOURCE.match(line).groups()
            stack = self._newest()
            stack.sources.append((stack.frames[-1], int(number), text))
            self._caret_is_due = True
        elif TITLE.match(line) and not self.labels:
            self.stacks.append(Stack(line))
        elif BYSTANDER.match(line) and "block" in self.labels:
            self.bystanders.append(Stack(line))
        else:
            raise Malformed(f"what is this line? {line}")

    def _newest(self):
        stacks = self.bystanders or self.stacks
        return stacks[-1] if stacks else None

    def _take_frame(self, frame):
        frames = self._newest().frames
        if frame.number != len(frames):
            raise Malformed(f"out of order: {frame}")
        frames.append(frame)
