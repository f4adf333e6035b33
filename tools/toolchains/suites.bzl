"""//:tests_<platform> and //:smoke_<platform>, for //:BUILD.

A suite names every test; what the platform of the build cannot serve is left
out there, because it says so (target_compatible_with).
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
    "alloc/leak",
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
    "testdata/matrix",
    "testdata/real_programs",
    "testdata/reports",
    "testdata/stacks",
    "testdata/suppressions",
    "testdata/watch",
    "third_party/demangler",
    "third_party/libbacktrace",
    "tools",
    "tools/bench",
    "tools/ci",
    "tools/demo",
    "tools/lint",
    "tools/mutate",
    "tools/sweep",
    "tools/symbolize",
]

# One test for a row of testdata/rows.txt, of those that need few libraries to be
# built; some hold several rows.
_SMOKE = {
    "Z1": "//alloc:debug_allocator_options_test",
    "Z2": "//alloc/heap:heap_test",
    "Z3": "//alloc:static_buffer_allocator_test",
    "Z4, Z5, Z8": "//alloc:debug_allocator_double_free_test",
    "Z6": "//alloc:debug_allocator_mismatch_test",
    "Z7": "//alloc:debug_allocator_leak_test",
    "Z9": "//alloc:debug_allocator_limit_test",
    "Z10, Z18": "//alloc:debug_allocator_parity_test",
    "Z12, Z13, Z17": "//alloc:debug_allocator_freed_memory_test",
    "Z14": "//alloc:debug_allocator_layout_test",
    "Z15": "//alloc:debug_allocator_threads_test",
    "Z16": "//alloc/debug:statistics_text_test",
    "Z19": "//alloc/heap:page_map_test",
    "Z21": "//alloc/os:conformance_test",
    "P1, P4, P5, P7": "//alloc/pool:pool_heap_test",
    "P2": "//alloc/pool:batch_stack_test",
    "P2 in every order": "//alloc/pool:batch_stack_order_test",
    "P3": "//alloc/pool:medium_tier_test",
    "P6": "//alloc/pool:pool_checks_test",
    "P8": "//alloc:system_allocator_test",
    "P9": "//alloc:process_memory_test",
    "P10": "//alloc:memory_tracker_test",
    "P11": "//alloc:leak_reporter_test",
    "P14": "//alloc/base:tagged_pointer_test",
    "F1, F2, F3": "//alloc:failing_allocator_test",
    "C2": "//runtime_flags:options_test",
    "C5": "//alloc/interpose:malloc_semantics_test_linked",
    "C5 under the preload library": "//alloc/interpose:malloc_semantics_test_preload",
    "N1": "//testdata/bugs:double_free",
    "N4": "//alloc/stack:stack_recorder_test",
    "the depot in every order": "//alloc/stack:chain_link_test",
    "left for another thread in every order": "//alloc/base:hand_over_list_test",
}

# What has been seen to pass under wine; most other tests ask for what POSIX has.
_WINDOWS = [
    "//alloc:debug_allocator_double_free_test",
    "//alloc:debug_allocator_fault_test",
    "//alloc:debug_allocator_overflow_test",
    "//alloc:failing_allocator_test",
    "//alloc/os:conformance_test",
    "//alloc/stack:stack_depot_test",
]

def platform_suites():
    """Declares the suites of every platform, and of the machine's own."""
    tests = ["//%s:tests" % package for package in _PACKAGES]
    for name in ["linux"] + [
        row.name
        for row in PLATFORMS
        if row.name != "windows"
    ]:
        native.test_suite(
            name = "tests_" + name,
            tests = tests,
        )
        native.test_suite(
            name = "smoke_" + name,
            tests = _SMOKE.values(),
        )
    for name in ["tests_windows", "smoke_windows"]:
        native.test_suite(
            name = name,
            tests = _WINDOWS,
        )
