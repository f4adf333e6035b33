"""Reads a source tree for the rules: its files, their includes, their targets."""

import ast
import functools
import os
import re

SKIPPED_FOLDERS = {".git", "external", "__pycache__"}
# Trees of their own: planted violations, and a workspace that uses us.
SKIPPED_TREES = {"testdata/lint", "testdata/consumer"}
SOURCE_ENDINGS = (".h", ".cc", ".inc")

# What stands beside a class but is not part of the library.
OWN_PROGRAM = re.compile(r"_(test|benchmark|fuzz|demo)\.cc$")

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def files(root, endings, below=("",)):
    """Paths relative to root, in order; links, as Bazel makes, are not followed."""
    found = []
    for start in below:
        for folder, folders, names in os.walk(os.path.join(root, start)):
            relative = os.path.relpath(folder, root)
            folders[:] = sorted(
                f for f in folders
                if f not in SKIPPED_FOLDERS and
                os.path.join(relative, f) not in SKIPPED_TREES and
                not os.path.islink(os.path.join(folder, f)))
            found += [os.path.normpath(os.path.join(relative, name))
                      for name in sorted(names)
                      if name.endswith(endings)]
    return found


def lines(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read().splitlines()


def includes(root, path):
    """Yields (line number, "<" or '"', header)."""
    for number, line in enumerate(lines(root, path), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


@functools.lru_cache
def testonly_files(root):
    """The sources of targets that say testonly."""
    found = set()
    for path in files(root, ("BUILD",), ("alloc", "runtime_flags")):
        for _, _, attributes in targets(root, path):
            if text_of(attributes.get("testonly")):
                for name in ("srcs", "hdrs"):
                    found.update(os.path.join(os.path.dirname(path), str(file))
                                 for file in labels(attributes.get(name)))
    return found


def is_library_source(root, path):
    """Part of what a user links; not a test, nor what only tests link."""
    return (path.startswith(("alloc/", "runtime_flags/")) and
            path.endswith(SOURCE_ENDINGS) and
            not path.startswith("alloc/testing/") and
            not OWN_PROGRAM.search(path) and
            path not in testonly_files(root))


def is_glog_sink(path):
    """The one part of alloc/ that stands above the malloc line."""
    return os.path.basename(path).startswith("glog_")


def is_public_header(root, path):
    """Included by users as "dbgalloc/x.h": alloc/x.h, and the options."""
    return path.endswith(".h") and path not in testonly_files(root) and (
        os.path.dirname(path) == "alloc" or
        path in ("runtime_flags/options.h", "runtime_flags/option_value.h"))


def targets(root, path):
    """Yields (rule, line, attributes as syntax trees) of one BUILD file.

    A BUILD file is Python to look at; a call in a list comprehension counts.
    """
    with open(os.path.join(root, path), encoding="utf-8") as file:
        tree = ast.parse(file.read(), path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            attributes = {k.arg: k.value for k in node.keywords if k.arg}
            yield node.func.id, node.lineno, attributes


def text_of(attribute):
    """The string or bool that an attribute is; None for anything else."""
    return attribute.value if isinstance(attribute, ast.Constant) else None


def labels(attribute):
    """The strings of a list."""
    return [text_of(item) for item in getattr(attribute, "elts", [])]
