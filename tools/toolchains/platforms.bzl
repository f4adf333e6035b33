"""The platforms that dbgalloc is built for: one table, read by everything.

From a row come a constraint value, a platform(), a toolchain(), the repository
that finds its compiler, and the suites //:tests_<name> and //:smoke_<name>.
What a row needs on the command line stands under --config=<name> in .bazelrc,
and its Debian packages in tools/setup/packages_<name>.txt. docs/porting.md says
how a row is added.
"""

def _row(
        name,
        cc,
        os = "linux",
        cpu = "x86_64",
        kind = "gcc",
        cxx = [],
        link = [],
        tool_prefix = "",
        target = ""):
    return struct(
        name = name,
        # Names of the C compiler's driver; it compiles C++ and links, too.
        cc = cc,
        os = os,
        cpu = cpu,
        # What code may select() on: @bazel_tools//tools/cpp:compiler.
        kind = kind,
        # Options of every C++ compilation, and of every link.
        cxx = cxx,
        link = link,
        # Goes before ar, nm, objcopy, strip.
        tool_prefix = tool_prefix,
        # What `zig cc` is told to compile for.
        target = target,
    )

_LIBSTDCXX = ["-lstdc++", "-lm"]

# Linux on x86-64 with the machine's own compiler is no row: it is what a build
# without --config does, with the toolchain that Bazel itself finds.
PLATFORMS = [
    _row(
        name = "clang14",
        cc = "clang-14",
        kind = "clang",
        link = _LIBSTDCXX,
    ),
    _row(
        name = "clang16",
        cc = "clang-16",
        kind = "clang",
        link = _LIBSTDCXX,
    ),
    _row(
        name = "clang19",
        cc = "clang-19",
        kind = "clang",
        link = _LIBSTDCXX,
    ),
    _row(
        name = "libcxx",
        cc = "clang-14",
        kind = "clang",
        cxx = ["-stdlib=libc++"],
        link = ["-stdlib=libc++", "-lc++", "-lc++abi", "-lm"],
    ),
    _row(
        name = "musl",
        cc = "zig",
        kind = "clang",
        link = ["-static", "-lc++"],
        target = "x86_64-linux-musl",
    ),
    _row(
        name = "i386",
        cc = "i686-linux-gnu-gcc",
        cpu = "i386",
        link = _LIBSTDCXX,
        tool_prefix = "i686-linux-gnu-",
    ),
    _row(
        name = "aarch64",
        cc = "aarch64-linux-gnu-gcc",
        cpu = "aarch64",
        link = _LIBSTDCXX,
        tool_prefix = "aarch64-linux-gnu-",
    ),
    _row(
        name = "riscv64",
        cc = "riscv64-linux-gnu-gcc",
        cpu = "riscv64",
        link = _LIBSTDCXX,
        tool_prefix = "riscv64-linux-gnu-",
    ),
    _row(
        name = "windows",
        cc = "x86_64-w64-mingw32-gcc-posix",
        os = "windows",
        link = ["-static"] + _LIBSTDCXX,
        tool_prefix = "x86_64-w64-mingw32-",
    ),
]
