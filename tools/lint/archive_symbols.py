"""Looks into archives for what may not be below the malloc line.

    archive_symbols.py [--may-throw=MEMBER] [--may-construct=ARCHIVE] ARCHIVE...

Fails on an undefined symbol that allocates, throws, guards a local static or
needs the dynamic form of thread locals; on a static constructor; and on no
archive, an empty one or an unreadable one. The two exceptions name what is
excused, by a part of its name; one that excuses nothing fails, too.
"""

import argparse
import os
import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"^(malloc|calloc|realloc|reallocarray|free|cfree|memalign|posix_memalign|"
    r"aligned_alloc|valloc|pvalloc|strdup|strndup|asprintf|vasprintf|getline|"
    r"_Zn[wa]\w*|_Zd[la]P\w*|__cxa_\w+|_Unwind_Resume|__gxx_personality_v0|"
    r"__tls_get_addr|atexit|_ZSt\d+__throw_\w+)$")

THROWING = re.compile(r"^(__cxa_(throw|rethrow|allocate_exception|"
                      r"free_exception|begin_catch|end_catch)|_Unwind_Resume|"
                      r"__gxx_personality_v0)$")

# Aborts, says nothing, allocates nothing.
ALLOWED = {"__cxa_pure_virtual"}

CONSTRUCTOR_SECTION = re.compile(r"\.(init_array|ctors|preinit_array)\b")


def output_of(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def undefined_symbols(archive):
    """Yields (member, symbol)."""
    member = "?"
    for line in output_of("nm", "--undefined-only", archive).splitlines():
        if line.endswith(":"):
            member = line[:-1]
        elif line.strip():
            yield member, line.split()[-1].split("@")[0]


class Excuses:
    """What may throw or construct; remembers which excuse was needed."""

    def __init__(self, may_throw, may_construct):
        self.may_throw = may_throw
        self.may_construct = may_construct
        self.used = set()

    def covers(self, excuses, name):
        matching = [excuse for excuse in excuses if excuse in name]
        self.used.update(matching)
        return bool(matching)

    def unused(self):
        return sorted(set(self.may_throw + self.may_construct) - self.used)


def findings(archive, excuses):
    members = output_of("ar", "t", archive).split()
    if not members:
        yield f"{archive}: has no members"
    for member, symbol in undefined_symbols(archive):
        if not FORBIDDEN.match(symbol) or symbol in ALLOWED:
            continue
        if not (THROWING.match(symbol) and
                excuses.covers(excuses.may_throw, member)):
            yield f"{archive}({member}): needs {symbol}"
    sections = output_of("objdump", "-h", archive)
    for section in sorted(set(CONSTRUCTOR_SECTION.findall(sections))):
        if not excuses.covers(excuses.may_construct, os.path.basename(archive)):
            yield f"{archive}: has static constructors (.{section})"


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--may-throw", action="append", default=[])
    parser.add_argument("--may-construct", action="append", default=[])
    parser.add_argument("archives", nargs="*")
    given = parser.parse_args(arguments)
    excuses = Excuses(given.may_throw, given.may_construct)
    found = [text for archive in given.archives
             for text in findings(archive, excuses)]
    found += [f"nothing needs the excuse for {excuse}"
              for excuse in excuses.unused()]
    if not given.archives:
        found.append("no archives given")
    print("\n".join(found) or f"{len(given.archives)} archives are clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
