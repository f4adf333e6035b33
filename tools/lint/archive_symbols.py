"""Looks into archives for what may not be below the malloc line.

    archive_symbols.py ARCHIVE...

Fails on an undefined symbol that allocates, throws, guards a local static or
needs the dynamic form of thread locals; on a static constructor; and on no
archive, an empty one or an unreadable one.
"""

import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"^(malloc|calloc|realloc|reallocarray|free|cfree|memalign|posix_memalign|"
    r"aligned_alloc|valloc|pvalloc|strdup|strndup|asprintf|vasprintf|getline|"
    r"_Zn[wa]\w*|_Zd[la]P\w*|__cxa_\w+|_Unwind_Resume|__gxx_personality_v0|"
    r"__tls_get_addr|atexit|_ZSt\d+__throw_\w+)$")

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


def findings(archive):
    members = output_of("ar", "t", archive).split()
    if not members:
        yield f"{archive}: has no members"
    for member, symbol in undefined_symbols(archive):
        if FORBIDDEN.match(symbol) and symbol not in ALLOWED:
            yield f"{archive}({member}): needs {symbol}"
    sections = output_of("objdump", "-h", archive)
    for section in sorted(set(CONSTRUCTOR_SECTION.findall(sections))):
        yield f"{archive}: has static constructors (.{section})"


def main(archives):
    found = [text for archive in archives for text in findings(archive)]
    print("\n".join(found) or f"{len(archives)} archives are clean")
    if not archives:
        print("no archives given")
    return 1 if found or not archives else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
