"""Compiler options of dbgalloc's own targets; a consumer's code sees none."""

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Werror",
]

# For everything below the malloc line: no exceptions, no RTTI, thread locals
# that need no allocation. -fno-builtin-* keeps the compiler from turning our
# definitions of these functions into calls of themselves, and from dropping
# pairs of calls. Symbols are not hidden here: a consumer's shared libraries
# link to the classes. The preload library hides them by its version script.
RUNTIME_COPTS = ["-std=c++20"] + _WARNINGS + [
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-omit-frame-pointer",
    "-ftls-model=initial-exec",
    # Its canary is the C library's thread control block: freestanding programs
    # have none.
    "-fno-stack-protector",
    "-fno-semantic-interposition",
    "-fno-builtin-malloc",
    "-fno-builtin-calloc",
    "-fno-builtin-realloc",
    "-fno-builtin-free",
] + select({
    # The runtime is part of every program under test: worth its speed also
    # where the program is not built for speed.
    "//tools/bazel:is_dbg": [],
    "//conditions:default": ["-O2"],
}) + select({
    "//tools/bazel:is_clang": [
        "-Wglobal-constructors",
        "-Wexit-time-destructors",
    ],
    "//conditions:default": [],
})

# For tools, sinks and everything else above the line.
TOOL_COPTS = ["-std=c++20"] + _WARNINGS

# Sized deletes are on by default in GCC only.
TEST_COPTS = ["-std=c++20", "-fsized-deallocation"] + _WARNINGS

# For the test that public headers demand nothing of their users.
PUBLIC_HEADER_COPTS = ["-std=c++17"] + _WARNINGS
