"""A private copy of the libbacktrace that comes with the installed GCC.

Private in two ways. Every global name gets the prefix dbgalloc_, so that it
meets no other libbacktrace in the same program. And its own use of mmap is left
out: whoever links this defines the seven functions of memory.h.

    #include "dbgalloc_libbacktrace/backtrace.h"
"""

load("//third_party:private_archive.bzl", "PRIVATE_ARCHIVE_ATTRS", "compiler_file", "private_archive")

_PREFIX = "dbgalloc_"

# Reads debug information; does not unwind, print, allocate or map.
_MEMBERS = [
    "dwarf.o",
    "elf.o",
    "fileline.o",
    "posix.o",
    "sort.o",
    "state.o",
]

_FUNCTIONS = [
    "create_state",
    "full",
    "pcinfo",
    "print",
    "simple",
    "syminfo",
]

_BUILD = """\
load("@rules_cc//cc:defs.bzl", "cc_library")

licenses(["notice"])  # BSD

exports_files(["libdbgalloc_libbacktrace.a"])

cc_library(
    name = "libbacktrace",
    srcs = ["libdbgalloc_libbacktrace.a"],
    hdrs = [
        "memory.h",
        "backtrace.h",
    ],
    include_prefix = "dbgalloc_libbacktrace",
    linkstatic = True,
    visibility = ["//visibility:public"],
)
"""

_MISSING = """
dbgalloc reads debug information with the libbacktrace of the installed GCC,
and {compiler} has none: no libbacktrace.a with backtrace.h beside it.
On Debian and Ubuntu it is in the package of GCC's own library; install it with
    sudo apt-get install libgcc-12-dev
(12 stands for the version of your GCC), or run tools/bazelw, which does so."""

def _find(ctx):
    archive, compiler = compiler_file(ctx, "libbacktrace.a")
    header = archive.rpartition("/")[0] + "/include/backtrace.h"
    if not archive or not ctx.path(header).exists:
        fail(_MISSING.format(compiler = compiler))
    return archive, header

def _make_header(ctx, header):
    text = ctx.read(header)
    for name in _FUNCTIONS:
        old = "backtrace_%s (" % name
        for before in [" ", "*"]:
            text = text.replace(before + old, before + _PREFIX + old)
    text = text.replace("BACKTRACE_H", "DBGALLOC_BACKTRACE_H")
    ctx.file("backtrace.h", text, executable = False)

def _renamed(name):
    return _PREFIX + name if name.startswith("backtrace_") else name

def _libbacktrace_repository_impl(ctx):
    archive, header = _find(ctx)
    _make_header(ctx, header)
    private_archive(ctx, archive, "libdbgalloc_libbacktrace.a", _MEMBERS, _renamed)
    ctx.symlink(Label("//third_party/libbacktrace:memory.h"), "memory.h")
    ctx.file("BUILD", _BUILD, executable = False)

libbacktrace_repository = repository_rule(
    implementation = _libbacktrace_repository_impl,
    attrs = PRIVATE_ARCHIVE_ATTRS,
    configure = True,
    environ = ["PATH"],
    local = True,
)
