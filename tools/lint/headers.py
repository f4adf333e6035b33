"""Headers stand alone: each is included first by some source of ours, or else
compiles by itself here; and each has the include guard of its path."""

import os
import re
import subprocess
import tempfile

from source_tree import files, includes, is_library_source, lines

TREES = ("alloc", "runtime_flags")
COMPILE = ("c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
           "-x", "c++")


# Named for a system that this is not; its own build compiles them.
FOREIGN = re.compile(r"(^|[/_])(windows|macos|freebsd|pe)[_.]")


def public_name(path):
    return "dbgalloc/" + path.partition("/")[2]


def first_includes(root):
    """Every header that some source includes before anything else."""
    first = set()
    for path in files(root, (".cc",), TREES):
        for _, _, header in includes(root, path):
            first.add(header)
            break
    return first


def make_public_names(root, folder):
    """What dbgalloc_public_library does: both folders as "dbgalloc"."""
    os.mkdir(os.path.join(folder, "dbgalloc"))
    for tree in TREES:
        source = os.path.join(os.path.realpath(root), tree)
        for name in os.listdir(source) if os.path.isdir(source) else ():
            link = os.path.join(folder, "dbgalloc", name)
            if not os.path.lexists(link):
                os.symlink(os.path.join(source, name), link)


def compile_error(root, folder, path):
    """The first error of compiling the header with nothing before it."""
    result = subprocess.run(
        [*COMPILE, "-I", root, "-I", folder, os.path.join(root, path)],
        stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode == 0:
        return None
    errors = [line for line in result.stderr.splitlines() if "error:" in line]
    return errors[0].partition("error:")[2].strip() if errors else "fails"


def guards(path):
    """The guard of the path; it may carry the project's name before that."""
    return {re.sub(r"[^A-Z0-9]", "_", name.upper()) + "_"
            for name in (path, "dbgalloc/" + path, public_name(path))}


def check_guard(root, path):
    defined = [line.split()[1] for line in lines(root, path)
               if line.startswith("#define ")]
    if not defined or defined[0] not in guards(path):
        yield path, 1, f"the include guard is none of {sorted(guards(path))}"


def check(root):
    first = first_includes(root)
    headers = [path for path in files(root, (".h",), TREES)
               if is_library_source(root, path)]
    with tempfile.TemporaryDirectory() as folder:
        make_public_names(root, folder)
        for path in headers:
            yield from check_guard(root, path)
            if (path in first or public_name(path) in first or
                    FOREIGN.search(path)):
                continue
            error = compile_error(root, folder, path)
            if error:
                yield path, 1, f"does not compile alone: {error}"
