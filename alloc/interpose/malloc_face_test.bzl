"""Tests that run in every form in which malloc can be replaced."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_test")
load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//tools/bazel:copts.bzl", "TEST_COPTS")

# A sanitizer brings a malloc of its own.
_TAGS = ["no_sanitizer"]

def malloc_face_test(name, srcs, deps = [], data = [], forms = None, size = "small", args = [], tags = [], options = "", **kwargs):
    """One test program, linked with //:malloc and run under libdbgalloc.so.

    Args:
      name: prefix of the tests' names.
      srcs: of the program.
      deps: of the program.
      data: what the program needs when it runs.
      forms: which of "linked", "preload", "system" (preloaded, with
        allocator=system), "pool" and "pool_linked" (with allocator=pool); by
        default the first two.
      size: of the tests.
      args: of the program.
      tags: of the tests, besides our own.
      options: of dbgalloc, for the runs.
      **kwargs: as of cc_test.
    """
    forms = forms or ["linked", "preload"]
    for form, form_options in [
        ("linked", options),
        ("pool_linked", options + " allocator=pool"),
    ]:
        if form not in forms:
            continue
        cc_test(
            name = name + "_" + form,
            size = size,
            srcs = srcs,
            args = args,
            copts = TEST_COPTS,
            data = data,
            env = {"DBGALLOC_TARGET_OPTIONS": form_options},
            malloc = "//alloc/interpose:malloc",
            tags = _TAGS + tags,
            deps = deps,
            **kwargs
        )
    cc_binary(
        name = name + "_program",
        testonly = True,
        srcs = srcs,
        copts = TEST_COPTS,
        deps = deps,
        **kwargs
    )
    for form, form_options in [
        ("preload", options),
        ("system", options + " allocator=system"),
        ("pool", options + " allocator=pool"),
    ]:
        if form in forms:
            sh_test(
                name = name + "_" + form,
                size = size,
                srcs = ["//alloc/interpose:run_preloaded.sh"],
                args = [
                    "$(location //:libdbgalloc.so)",
                    "'%s'" % form_options,
                    "$(location :%s_program)" % name,
                ] + args,
                data = data + [
                    ":" + name + "_program",
                    "//:libdbgalloc.so",
                ],
                tags = _TAGS + tags,
            )
