"""Bug programs: each carries its expectation, each is a test."""

load("@rules_cc//cc:defs.bzl", "cc_binary")
load("@rules_shell//shell:sh_test.bzl", "sh_test")

# The mistakes are meant. Tail calls would take the callers out of the stacks,
# and a fortified libc would find some mistakes itself.
_COPTS = [
    "-std=c++17",
    "-w",
    "-U_FORTIFY_SOURCE",
    "-fno-optimize-sibling-calls",
    # Clang 14 has it off; without it delete does not state a size.
    "-fsized-deallocation",
]

_PLAIN_COPTS = _COPTS + ["-O0"]

# As packaged programs are: inlined, and without frame pointers.
_OPTIMIZED_COPTS = _COPTS + [
    "-O2",
    "-fomit-frame-pointer",
]

_RUNNER = [
    "compare.py",
    "expectation.py",
    "report_text.py",
    "run_bug.py",
]

def _programs(name, copts, **kwargs):
    """The program as it is, and its fixed twin."""
    for suffix, defines in [("", []), ("_fixed", ["-DFIXED"])]:
        cc_binary(
            name = name + suffix,
            testonly = True,
            copts = copts + defines,
            linkopts = ["-pthread"],
            tags = ["no_sanitizer"],
            visibility = [
                "//testdata/reports:__pkg__",
                "//tools:__subpackages__",
            ],
            **kwargs
        )

def _run_test(name, source, program, library = None):
    libraries = [library] if library else []
    sh_test(
        name = name,
        size = "small",
        srcs = ["run_bug.sh"],
        args = ["$(location %s)" % label for label in [
            source,
            program,
            program + "_fixed",
        ] + libraries],
        data = _RUNNER + [
            source,
            program,
            program + "_fixed",
        ] + libraries,
        tags = ["no_sanitizer"],
    )

def bug_test(name, deps = []):
    """name.cc runs on //:malloc, and, built against libc's, under //:preload.

    The targets are name and name_preload.

    Args:
      name: of the program.
      deps: what it needs besides bug.h.
    """
    source = name + ".cc"
    _programs(
        name = name + "_program",
        srcs = [source],
        copts = _PLAIN_COPTS,
        malloc = "//:malloc",
        deps = deps + [":bug"],
    )
    _run_test(name, source, name + "_program")
    _programs(
        name = name + "_stranger",
        srcs = [source],
        copts = _OPTIMIZED_COPTS,
        deps = deps + [":bug"],
    )
    _run_test(name + "_preload", source, name + "_stranger", "//:preload")

def class_bug_test(name):
    """name.cc uses the classes, and libc's malloc.

    The targets are name and name_optimized.

    Args:
      name: of the program.
    """
    source = name + ".cc"
    for suffix, copts in [("", _PLAIN_COPTS), ("_optimized", _OPTIMIZED_COPTS)]:
        program = name + suffix + "_program"
        _programs(
            name = program,
            srcs = [source],
            copts = copts,
            deps = [
                ":bug",
                "//:dbgalloc",
            ],
        )
        _run_test(name + suffix, source, program)
