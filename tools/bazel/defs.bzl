"""Rules for those who use dbgalloc.

    load("@dbgalloc//tools/bazel:defs.bzl", "dbgalloc_oom_sweep_test")
"""

load("@rules_cc//cc:defs.bzl", "cc_binary")
load("@rules_shell//shell:sh_test.bzl", "sh_test")

def dbgalloc_oom_sweep_test(
        name,
        binary = None,
        srcs = None,
        deps = [],
        copts = [],
        program_args = [],
        flags = [],
        known_failures = None,
        shard_count = None,
        data = [],
        tags = [],
        **kwargs):
    """Makes every allocation of a program fail in turn (docs/sweep.md).

    Green when each failure is handled or known. Shards share the points.

    Args:
      name: of the test.
      binary: the program: any cc_binary or cc_test.
      srcs: in place of `binary`, the sources of one, built with //:malloc.
      deps: of these sources.
      copts: of these sources.
      program_args: what the program is called with.
      flags: of `dbgalloc sweep`, such as "--by=index".
      known_failures: a file of lines, each a verdict and a pattern.
      shard_count: how many shards.
      data: what the program needs when it runs.
      tags: of the test.
      **kwargs: as of sh_test.
    """
    if (binary == None) == (srcs == None):
        fail("dbgalloc_oom_sweep_test %s: either binary or srcs" % name)
    if srcs != None:
        binary = name + "_program"
        cc_binary(
            name = binary,
            testonly = True,
            srcs = srcs,
            copts = copts,
            malloc = str(Label("//:malloc")),
            tags = tags,
            deps = deps,
        )
    tool = str(Label("//tools:dbgalloc"))
    library = str(Label("//:libdbgalloc.so"))
    known = [known_failures] if known_failures else []
    sh_test(
        name = name,
        srcs = [str(Label("//tools/sweep:oom_sweep_test.sh"))],
        args = [
            "$(location %s)" % tool,
            "$(location %s)" % library,
            "$(location %s)" % known_failures if known_failures else "''",
            "$(location %s)" % binary,
        ] + flags + ["--"] + program_args,
        data = [tool, library, binary] + known + data,
        shard_count = shard_count,
        tags = tags + ["no_sanitizer"],
        **kwargs
    )
