"""//:tests_<platform> and //:smoke_<platform>, for //:BUILD.

A suite names every test; what the platform of the build cannot serve is left
out there, because it says so (target_compatible_with). The smoke suites are the
tests with the tag "smoke": one or two a row of testdata/rows.txt.
"""

load("//tools/toolchains:platforms.bzl", "PLATFORMS")

# Every package that has tests has a test_suite "tests" of all of them.
# //tools/lint compares.
_PACKAGES = [
    "alloc",
    "alloc/base",
    "alloc/debug",
    "alloc/fail",
    "alloc/heap",
    "alloc/interpose",
    "alloc/os",
    "alloc/pool",
    "alloc/report",
    "alloc/stack",
    "alloc/testing",
    "docs",
    "runtime_flags",
    "testdata",
    "testdata/bugs",
    "testdata/glog",
    "testdata/guards",
    "testdata/leaks",
    "testdata/make_user",
    "testdata/real_programs",
    "testdata/reports",
    "testdata/stacks",
    "testdata/suppressions",
    "testdata/watch",
    "third_party/demangler",
    "third_party/libbacktrace",
    "tools",
    "tools/ci",
    "tools/demo",
    "tools/lint",
    "tools/mutate",
    "tools/sweep",
    "tools/symbolize",
]

def platform_suites():
    """Declares the suites of every platform, and of the machine's own."""
    tests = ["//%s:tests" % package for package in _PACKAGES]
    for name in ["linux"] + [row.name for row in PLATFORMS]:
        native.test_suite(
            name = "tests_" + name,
            tests = tests,
        )
        native.test_suite(
            name = "smoke_" + name,
            tags = ["smoke"],
            tests = tests,
        )
