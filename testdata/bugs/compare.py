"""Compares a report with what its bug program expects; yields differences."""

import os
import re

from expectation import ANY_FRAMES, pattern_of


def plain_name(function):
    """`Release` of `Release(Node*)`."""
    return function.partition("(")[0]


def text_differs(what, wanted, found):
    if found is None or not re.fullmatch(pattern_of(wanted), found):
        yield f"{what}: wanted {wanted!r}, found {found!r}"


class Comparison:
    def __init__(self, source, lines, expectation):
        self._source = source
        self._lines = lines
        self._wanted = expectation

    def differences(self, report):
        wanted = self._wanted.texts
        if report.kind != wanted["KIND"]:
            yield f"kind: wanted {wanted['KIND']}, found {report.kind}"
        yield from text_differs("sentence", wanted.get("SENTENCE", "..."),
                                report.sentence)
        yield from self._stacks(self._wanted.stacks, report.stacks)
        if self._wanted.bystanders:
            yield from self._stacks(self._wanted.bystanders, report.bystanders)
        yield from self._labels(report)
        yield from self._last_lines(report)

    def _stacks(self, wanted, stacks):
        titles = [stack.title for stack in stacks]
        if len(titles) != len(wanted):
            yield (f"wanted {len(wanted)} stacks, found {len(titles)}: "
                   f"{titles}")
        for (title, frames), found in zip(wanted, stacks):
            yield from text_differs("title", title, found.title)
            yield from self._frames(title, frames, found)
            yield from self._sources(title, frames, found)

    def _frames(self, title, frames, found):
        """Frames of the program itself must all be expected, in their order;
        others may come after them, and wherever the expectation says so."""
        rest = list(found.frames)
        for wanted in frames:
            if wanted is ANY_FRAMES:
                while rest and not self._is_ours(rest[0].file):
                    rest.pop(0)
                continue
            if not rest:
                yield f"{title}: no frame for {wanted}"
            elif not self._fits(wanted, rest[0]):
                yield f"{title}: wanted {wanted}, found {rest[0]}"
            rest = rest[1:]
        for frame in rest:
            if self._is_ours(frame.file):
                yield f"{title}: not expected: {frame}"

    def _fits(self, wanted, frame):
        return self._is_ours(frame.file) and wanted == (
            plain_name(frame.function), frame.line)

    def _sources(self, title, frames, found):
        """The top frame shows its line of source, and no other does."""
        if not frames or frames[0] is ANY_FRAMES:
            return
        shown = [(frame.number, number, text)
                 for frame, number, text in found.sources]
        line = frames[0][1]
        text = self._lines[line - 1].rstrip()
        if [(n, number, text.rstrip()) for n, number, text in shown] != [
                (0, line, text)]:
            yield f"{title}: wanted source line {text!r}, found {shown}"

    def _labels(self, report):
        wanted = self._wanted.texts
        for key in ("BLOCK", "BLOCK-BEFORE", "BLOCK-AFTER", "DAMAGE",
                    "LOOKS-LIKE", "WHERE", "SCAN", "TOTAL"):
            found = report.labels.get(key.lower().replace("-", " "))
            if key in wanted:
                text = wanted[key]
                if key.startswith("BLOCK"):
                    text = "[ADDR, ADDR), " + text + "..."
                elif key == "WHERE":
                    text = "ADDR is " + text
                yield from text_differs(key.lower(), text, found)
            elif found is not None and key in ("DAMAGE", "SCAN",
                                                 "TOTAL"):
                yield f"not expected: {key.lower()}: {found}"
        if wanted.get("HINT", "") not in report.labels.get("hint", ""):
            yield f"hint: wanted {wanted['HINT']!r}"
        for key in ("hint", "rerun"):
            if not report.labels.get(key):
                yield f"no {key}"

    def _last_lines(self, report):
        function, line = self._wanted.summary()
        kind, file, number, name = report.summary.groups()
        if (kind, int(number), plain_name(name)) != (
                report.kind, line, function) or not self._is_ours(file):
            yield (f"summary: wanted {function}:{line}, found "
                   f"{report.summary.group()}")
        file, number, _, kind, sentence = report.compiler.groups()
        if (kind, int(number), sentence) != (
                report.kind, line, report.sentence) or not self._is_ours(file):
            yield f"compiler line: {report.compiler.group()}"

    def _is_ours(self, file):
        return os.path.basename(file) == os.path.basename(self._source)
