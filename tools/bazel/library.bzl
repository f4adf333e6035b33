"""The one way in which a public header gets its name "dbgalloc/x.h"."""

load("@rules_cc//cc:defs.bzl", "cc_library", "cc_test")
load("//tools/bazel:copts.bzl", "PUBLIC_HEADER_COPTS", "RUNTIME_COPTS")

def dbgalloc_public_library(name, hdrs, **kwargs):
    """A cc_library whose headers are included as "dbgalloc/x.h".

    Works in //alloc and //runtime_flags, and below them, where the name keeps
    the folder: alloc/report/x.inc is "dbgalloc/report/x.inc". Tables (.inc)
    stand in hdrs too: only there do they get the prefix. Each header comes with
    a test that it compiles alone as C++17 under strict warnings.

    Args:
      name: of the target.
      hdrs: its public headers.
      **kwargs: as of cc_library; copts are RUNTIME_COPTS unless said otherwise.
    """
    folder = native.package_name().partition("/")[0]
    cc_library(
        name = name,
        hdrs = hdrs,
        copts = kwargs.pop("copts", RUNTIME_COPTS),
        include_prefix = "dbgalloc",
        linkstatic = kwargs.pop("linkstatic", True),
        strip_include_prefix = "/" + folder,
        **kwargs
    )
    for header in hdrs:
        if header.endswith(".h"):
            _header_test(name, header, native.package_name()[len(folder):])

def _header_test(library, header, subfolder):
    """Compiles a program that includes the header twice and nothing before."""
    name = library + "_" + header.replace(".h", "_header_test").replace("/", "_")
    include = '#include "dbgalloc%s/%s"' % (subfolder, header.rpartition(":")[2])
    native.genrule(
        name = name + "_source",
        testonly = True,
        outs = [name + ".cc"],
        cmd = "printf '%%s\\n' '%s' '%s' 'int main() { return 0; }' >$@" % (include, include),
        visibility = ["//visibility:private"],
    )
    cc_test(
        name = name,
        size = "small",
        srcs = [name + ".cc"],
        copts = PUBLIC_HEADER_COPTS,
        deps = [":" + library],
    )
