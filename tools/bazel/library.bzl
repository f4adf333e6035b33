"""The one way in which a public header gets its name "dbgalloc/x.h"."""

load("@rules_cc//cc:defs.bzl", "cc_library")
load("//tools/bazel:copts.bzl", "RUNTIME_COPTS")

def dbgalloc_public_library(name, hdrs, **kwargs):
    """A cc_library whose headers are included as "dbgalloc/x.h".

    Works in //alloc and //runtime_flags (not below them). Tables (.inc) stand
    in hdrs too: only there do they get the prefix.

    Args:
      name: of the target.
      hdrs: its public headers.
      **kwargs: as of cc_library; copts are RUNTIME_COPTS unless said otherwise.
    """
    cc_library(
        name = name,
        hdrs = hdrs,
        copts = kwargs.pop("copts", RUNTIME_COPTS),
        include_prefix = "dbgalloc",
        linkstatic = kwargs.pop("linkstatic", True),
        strip_include_prefix = "/" + native.package_name(),
        **kwargs
    )
