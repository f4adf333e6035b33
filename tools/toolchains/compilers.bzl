"""Repositories that find the compilers of platforms.bzl on the machine.

Each is fetched only when its platform is asked for. Nothing is downloaded: a
compiler that is not installed is named, with what installs it.
"""

load("//tools/toolchains:platforms.bzl", "PLATFORMS")

_MISSING = """
--config={name} needs {cc}, which is not in PATH. `tools/bazelw test
--config={name} ...` installs it on a Debian-like machine; the packages are
listed in tools/setup/packages_{name}.txt."""

_TOOLS = ["ar", "nm", "objcopy", "objdump", "strip", "gcov", "dwp"]

_BUILD = """\
load("@dbgalloc//tools/toolchains:toolchain_config.bzl", "toolchain_config")
load("@rules_cc//cc:defs.bzl", "cc_toolchain")

filegroup(
    name = "files",
    srcs = glob(["*.sh"], allow_empty = True),
)

toolchain_config(
    name = "config",
    builtin_include_directories = {include_directories},
    compiler = "{kind}",
    cpu = "{cpu}",
    cxx_options = {cxx},
    identifier = "{name}",
    is_windows = {is_windows},
    link_options = {link},
    tools = {tools},
)

cc_toolchain(
    name = "toolchain",
    all_files = ":files",
    ar_files = ":files",
    as_files = ":files",
    compiler_files = ":files",
    dwp_files = ":files",
    linker_files = ":files",
    objcopy_files = ":files",
    strip_files = ":files",
    supports_param_files = 1,
    toolchain_config = ":config",
    visibility = ["//visibility:public"],
)
"""

_WRAPPER = """\
#!/bin/sh
# What Bazel takes for one compiler is a subcommand of this program. Its cache
# may not be below a home that a sandbox hides.
export ZIG_GLOBAL_CACHE_DIR="${{ZIG_GLOBAL_CACHE_DIR:-/var/tmp/dbgalloc-zig-cache}}"
export ZIG_LOCAL_CACHE_DIR="$ZIG_GLOBAL_CACHE_DIR"
exec "{program}" {arguments} "$@"
"""

def _wrapper(ctx, name, program, arguments):
    text = _WRAPPER.format(program = program, arguments = arguments)
    ctx.file(name + ".sh", text, executable = True)
    return name + ".sh"

def _searched_folders(ctx, command):
    """Where the compiler looks for headers, as it names the folders itself."""
    folders = {}
    for options in [
        ["-xc"],
        ["-xc", "-no-canonical-prefixes"],
        ["-xc++"],
        ["-xc++", "-no-canonical-prefixes"],
    ]:
        result = ctx.execute(command + options + ["-E", "-", "-v"])
        if result.return_code != 0:
            fail("%s: %s" % (" ".join(command), result.stderr))
        listed = result.stderr.partition("> search starts here:\n")[2]
        for line in listed.partition("End of search list.")[0].split("\n"):
            if line.strip():
                folders[str(ctx.path(line.strip()))] = None
                folders[str(ctx.path(line.strip()).realpath)] = None
    return folders.keys()

def _compiler_repository_impl(ctx):
    program = ctx.which(ctx.attr.cc)
    if not program:
        fail(_MISSING.format(name = ctx.attr.platform, cc = ctx.attr.cc))
    if ctx.attr.target:
        # The driver chooses the language by the file's name.
        options = "-target %s" % ctx.attr.target
        _wrapper(ctx, "archiver", program, "ar")
        gcc = _wrapper(ctx, "compiler", program, "cc " + options)
        command = [str(ctx.path(gcc))]
        tools = {"ar": "archiver.sh"}
    else:
        gcc = str(program)
        command = [gcc]
        tools = {}
    for tool in _TOOLS:
        found = ctx.which(ctx.attr.tool_prefix + tool)
        tools.setdefault(tool, str(found) if found else "/bin/false")
    tools.update(gcc = gcc, cpp = gcc, ld = gcc)
    ctx.file("BUILD", _BUILD.format(
        cpu = ctx.attr.cpu,
        cxx = repr(ctx.attr.cxx),
        include_directories = repr(
            _searched_folders(ctx, command + ctx.attr.cxx),
        ),
        is_windows = ctx.attr.os == "windows",
        kind = ctx.attr.kind,
        link = repr(ctx.attr.link),
        name = ctx.attr.platform,
        tools = repr(tools),
    ), executable = False)

_compiler_repository = repository_rule(
    implementation = _compiler_repository_impl,
    attrs = {
        "cc": attr.string(mandatory = True),
        "cpu": attr.string(mandatory = True),
        "cxx": attr.string_list(),
        "kind": attr.string(mandatory = True),
        "link": attr.string_list(),
        "os": attr.string(mandatory = True),
        "platform": attr.string(mandatory = True),
        "target": attr.string(),
        "tool_prefix": attr.string(),
    },
    configure = True,
    environ = ["PATH"],
    local = True,
)

def compiler_repositories():
    """Declares @dbgalloc_compiler_<name> for every row of platforms.bzl."""
    for row in PLATFORMS:
        _compiler_repository(
            name = "dbgalloc_compiler_" + row.name,
            cc = row.cc,
            cpu = row.cpu,
            cxx = row.cxx,
            kind = row.kind,
            link = row.link,
            os = row.os,
            platform = row.name,
            target = row.target,
            tool_prefix = row.tool_prefix,
        )
