"""Small patches that each take one capability out.

    What is missing with it.
    file alloc/heap/heap.cc
    -  a line of the file
    -  and the next
    +  what stands there instead

The lines behind - must occur exactly once, one below the other; there is no
context and no line number, so a patch outlives changes around it. Several
`file` parts make one patch.
"""

import os

FOLDER = os.path.join("tools", "mutate", "patches")


class Misfit(Exception):
    """A patch that does not fit the sources."""


class Change:
    def __init__(self, path):
        self.path = path
        self.old, self.new = [], []


class Patch:
    def __init__(self, root, row):
        self.row = row
        self.changes = []
        with open(os.path.join(root, FOLDER, row + ".patch"),
                  encoding="utf-8") as file:
            self.says, *lines = file.read().splitlines()
        for line in lines:
            self._take(line)

    def _take(self, line):
        if line.startswith("file "):
            self.changes.append(Change(line.removeprefix("file ")))
        elif line.startswith("-"):
            self.changes[-1].old.append(line[1:])
        elif line.startswith("+"):
            self.changes[-1].new.append(line[1:])
        elif line:
            raise Misfit(f"{self.row}: what is this line? {line}")

    def patched(self, root):
        """{path: text with the capability taken out}"""
        texts = {}
        for change in self.changes:
            if change.path not in texts:
                with open(os.path.join(root, change.path),
                          encoding="utf-8") as file:
                    texts[change.path] = file.read()
            old = "\n".join(change.old) + "\n"
            if not change.old or texts[change.path].count(old) != 1:
                raise Misfit(f"{self.row}: not exactly once in {change.path}:\n"
                             + old)
            new = "".join(line + "\n" for line in change.new)
            texts[change.path] = texts[change.path].replace(old, new)
        if not texts:
            raise Misfit(f"{self.row}: changes nothing")
        return texts


def patched_rows(root):
    return sorted(name.removesuffix(".patch")
                  for name in os.listdir(os.path.join(root, FOLDER)))
