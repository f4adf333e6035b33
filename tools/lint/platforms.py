"""What differs from system to system stands in alloc/os, and only there."""

import os
import re

from source_tree import (files, includes, is_library_source, lines,
                         SOURCE_ENDINGS)

CONDITION = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)")
SYSTEM = re.compile(
    r"\b(__linux__|__linux|linux|_WIN32|_WIN64|__MINGW\w*|__APPLE__|__MACH__|"
    r"__FreeBSD__|__unix__|__unix|__ANDROID__|__CYGWIN__|__GLIBC__)\b")
MACHINE = re.compile(
    r"\b(__x86_64__|__i386__|__aarch64__|__arm__|__riscv\w*|__amd64__|"
    r"_M_X64|_M_ARM64)\b")

# Registers and the instructions for them are a matter of the machine, not of
# the system.
MACHINE_FOLDERS = ("alloc/os/", "alloc/stack/", "alloc/base/")

SYSTEM_HEADER = re.compile(
    r"^(sys/|linux/|asm/|mach/)|^(windows|unistd|fcntl|poll|sched|termios|"
    r"ucontext|signal|dirent)\.h$")
# The formats of object files; in files named for them.
OBJECT_HEADER = re.compile(r"^(elf|link|dlfcn)\.h$")
OBJECT_FILE = re.compile(r"elf|dwarf|module|symbol")


def check_conditions(root, path):
    for number, line in enumerate(lines(root, path), 1):
        match = CONDITION.match(line)
        if not match:
            continue
        if SYSTEM.search(match.group(1)):
            yield path, number, "a system's macro outside alloc/os"
        elif (MACHINE.search(match.group(1)) and
              not path.startswith(MACHINE_FOLDERS)):
            yield path, number, "a machine's macro outside alloc/os and stack"


def check_includes(root, path):
    in_interpose = path.startswith("alloc/interpose/")
    name = os.path.basename(path)
    for number, quote, header in includes(root, path):
        if quote != "<":
            continue
        if SYSTEM_HEADER.search(header):
            yield path, number, f"<{header}> outside alloc/os"
        elif (OBJECT_HEADER.search(header) and not in_interpose and
              not OBJECT_FILE.search(name)):
            yield path, number, f"<{header}> outside alloc/os"


def check(root):
    for path in files(root, SOURCE_ENDINGS, ("alloc", "runtime_flags")):
        if is_library_source(root, path) and not path.startswith("alloc/os/"):
            yield from check_conditions(root, path)
            yield from check_includes(root, path)
