"""The demangler of the installed C++ runtime, callable where malloc is not.

libsupc++ holds one that hands its text to a callback and never allocates; but
the archive member also holds __cxa_demangle, which does. This copy gives every
name a prefix of ours, free and realloc included: whoever links it defines
dbgalloc_demangle_free and dbgalloc_demangle_realloc, which are never reached.

    extern "C" int dbgalloc_demangle_callback(
        const char* mangled,
        void (*callback)(const char* text, size_t size, void* opaque),
        void* opaque);  // 0: done; negative: not a mangled name
"""

load("//third_party:private_archive.bzl", "PRIVATE_ARCHIVE_ATTRS", "compiler_file", "private_archive")
load("//tools/toolchains:platforms.bzl", "PLATFORMS")

_NAMES = {
    "__cxa_demangle": "dbgalloc_unused_cxa_demangle",
    "__gcclibcxx_demangle_callback": "dbgalloc_demangle_callback",
    "free": "dbgalloc_demangle_free",
    "malloc": "dbgalloc_demangle_malloc",
    "realloc": "dbgalloc_demangle_realloc",
}

_BUILD = """\
load("@rules_cc//cc:defs.bzl", "cc_library")

licenses(["notice"])  # GPL with the GCC runtime library exception

exports_files(["libdbgalloc_demangler.a"])

cc_library(
    name = "demangler",
    srcs = ["libdbgalloc_demangler.a"],
    linkstatic = True,
    visibility = ["//visibility:public"],
)
"""

_MISSING = """
dbgalloc shows function names with the demangler of GCC's C++ runtime, and
{compiler} has no libsupc++.a. On Debian and Ubuntu it comes with g++:
    sudo apt-get install g++
or run tools/bazelw, which does so."""

def _renamed(name):
    return _NAMES.get(name, name)

def _demangler_repository_impl(ctx):
    archive, compiler = compiler_file(ctx, "libsupc++.a")
    if not archive:
        fail(_MISSING.format(compiler = compiler))
    private_archive(ctx, archive, "libdbgalloc_demangler.a", ["cp-demangle.o"], _renamed)
    ctx.file("BUILD", _BUILD, executable = False)

_demangler_repository = repository_rule(
    implementation = _demangler_repository_impl,
    attrs = PRIVATE_ARCHIVE_ATTRS,
    configure = True,
    environ = ["PATH"],
    local = True,
)

def demangler_repositories():
    """Declares @dbgalloc_demangler, and one for each cross compiler."""
    _demangler_repository(name = "dbgalloc_demangler")
    for row in PLATFORMS:
        if row.tool_prefix:
            _demangler_repository(
                name = "dbgalloc_demangler_" + row.name,
                tool_prefix = row.tool_prefix,
            )
