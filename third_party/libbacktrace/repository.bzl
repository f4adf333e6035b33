"""A private copy of the libbacktrace that comes with the installed GCC.

Private in two ways. Every global name gets the prefix dbgalloc_, so that it
meets no other libbacktrace in the same program. And its allocator is left out:
whoever links this defines the five functions of allocation.h.

    #include "dbgalloc_libbacktrace/backtrace.h"
"""

_PREFIX = "dbgalloc_"

# Reads debug information; does not unwind, print or allocate.
_MEMBERS = [
    "dwarf.o",
    "elf.o",
    "fileline.o",
    "mmapio.o",
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
        "allocation.h",
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

def _run(ctx, arguments):
    result = ctx.execute(arguments)
    if result.return_code != 0:
        fail("%s failed: %s" % (arguments[0], result.stderr))
    return result.stdout

def _tool(ctx, names):
    for name in names:
        found = ctx.which(ctx.attr.tool_prefix + name)
        if found:
            return found
    fail("none of these programs is installed: " + ", ".join(
        [ctx.attr.tool_prefix + name for name in names],
    ))

def _find(ctx):
    """The archive and the header; Clang knows where GCC's folder is, too."""
    compiler = _tool(ctx, ["gcc", "cc", "clang", "clang-14"])
    archive = _run(ctx, [compiler, "-print-file-name=libbacktrace.a"]).strip()
    header = archive.rpartition("/")[0] + "/include/backtrace.h"
    if not archive.startswith("/") or not ctx.path(header).exists:
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

def _make_archive(ctx, archive):
    objcopy = _tool(ctx, ["objcopy", "llvm-objcopy"])
    ar = _tool(ctx, ["ar", "llvm-ar"])
    nm = _tool(ctx, ["nm", "llvm-nm"])
    result = "libdbgalloc_libbacktrace.a"
    _run(ctx, ["cp", archive, result])
    members = _run(ctx, [ar, "t", result]).split("\n")
    unwanted = [m for m in members if m and m not in _MEMBERS]
    _run(ctx, [ar, "d", result] + unwanted)
    names = {}
    for line in _run(ctx, [nm, "-g", result]).split("\n"):
        name = line.rpartition(" ")[2]
        if name.startswith("backtrace_"):
            names[name] = "%s %s%s\n" % (name, _PREFIX, name)
    ctx.file("names.txt", "".join(names.values()), executable = False)
    _run(ctx, [objcopy, "--redefine-syms=names.txt", result])

def _libbacktrace_repository_impl(ctx):
    archive, header = _find(ctx)
    _make_header(ctx, header)
    _make_archive(ctx, archive)
    ctx.symlink(Label("//third_party/libbacktrace:allocation.h"), "allocation.h")
    ctx.file("BUILD", _BUILD, executable = False)

libbacktrace_repository = repository_rule(
    implementation = _libbacktrace_repository_impl,
    attrs = {
        "tool_prefix": attr.string(
            doc = "A cross compiler's triple with a dash, for its library.",
        ),
    },
    configure = True,
    environ = ["PATH"],
    local = True,
)
