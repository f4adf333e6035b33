"""The headers of a library without the library."""

load("@rules_cc//cc:defs.bzl", "CcInfo")

def _headers_only_impl(ctx):
    return [CcInfo(
        compilation_context = ctx.attr.library[CcInfo].compilation_context,
    )]

headers_only = rule(
    implementation = _headers_only_impl,
    attrs = {"library": attr.label(providers = [CcInfo], mandatory = True)},
    doc = "For code that uses a library only where somebody else links it.",
)
