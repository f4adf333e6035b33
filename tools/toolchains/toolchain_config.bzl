"""What Bazel is told of a compiler: few words, for Bazel adds what is usual.

No feature here is named "no_legacy_features", so that Bazel's own options for
GCC-like drivers (include paths, dependency files, libraries, ...) stay.
"""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load(
    "@rules_cc//cc:cc_toolchain_config_lib.bzl",
    "artifact_name_pattern",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
    "with_feature_set",
)
load("@rules_cc//cc:defs.bzl", "CcToolchainConfigInfo", "cc_common")

_CXX_ACTIONS = [
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.cpp_module_compile,
    ACTION_NAMES.linkstamp_compile,
]

_COMPILE_ACTIONS = _CXX_ACTIONS + [
    ACTION_NAMES.assemble,
    ACTION_NAMES.c_compile,
    ACTION_NAMES.preprocess_assemble,
]

_LINK_ACTIONS = [
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

# As the toolchain that Bazel finds by itself has them.
_WARNINGS = ["-Wall", "-Wunused-but-set-parameter", "-Wno-free-nonheap-object"]
_CLANG_WARNINGS = ["-Wall", "-Wthread-safety", "-Wself-assign"]

# No path of this machine and no date in what is built.
_REPRODUCIBLE = [
    "-no-canonical-prefixes",
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
]

def _flags(actions, options, modes = []):
    return [flag_set(
        actions = actions,
        flag_groups = [flag_group(flags = options)],
        with_features = [with_feature_set(features = modes)] if modes else [],
    )] if options else []

def _compile_options(is_clang):
    warnings = _CLANG_WARNINGS if is_clang else _WARNINGS
    gcc_only = [] if is_clang else ["-fno-canonical-system-headers"]
    return feature(
        name = "default_compile_flags",
        enabled = True,
        flag_sets =
            _flags(_COMPILE_ACTIONS, warnings + ["-fno-omit-frame-pointer"]) +
            _flags(_COMPILE_ACTIONS, ["-g"], ["dbg"]) +
            _flags(_COMPILE_ACTIONS, [
                "-g0",
                "-O2",
                "-DNDEBUG",
                "-ffunction-sections",
                "-fdata-sections",
            ], ["opt"]) +
            _flags(_CXX_ACTIONS, ["-std=c++20"]) +
            _flags(_COMPILE_ACTIONS, gcc_only),
    )

def _features(ctx):
    is_clang = ctx.attr.compiler == "clang"
    link_early = ["-no-canonical-prefixes", "-pass-exit-codes"]
    if is_clang:
        link_early = ["-no-canonical-prefixes"]
    return [
        feature(name = "supports_pic", enabled = not ctx.attr.is_windows),
        feature(name = "supports_dynamic_linker", enabled = not ctx.attr.is_windows),
        feature(name = "targets_windows", enabled = ctx.attr.is_windows),
        feature(
            name = "copy_dynamic_libraries_to_binary",
            enabled = ctx.attr.is_windows,
        ),
        feature(name = "dbg"),
        feature(name = "fastbuild"),
        feature(name = "opt"),
        _compile_options(is_clang),
        feature(
            name = "chosen_cxx_library",
            enabled = True,
            flag_sets = _flags(_CXX_ACTIONS, ctx.attr.cxx_options),
        ),
        feature(
            name = "default_link_flags",
            enabled = True,
            flag_sets = _flags(_LINK_ACTIONS, link_early) +
                        _flags(_LINK_ACTIONS, ["-Wl,--gc-sections"], ["opt"]),
        ),
        feature(
            name = "unfiltered_compile_flags",
            enabled = True,
            flag_sets = _flags(_COMPILE_ACTIONS, _REPRODUCIBLE),
        ),
        # After everything that is linked.
        feature(
            name = "default_link_libraries",
            enabled = True,
            flag_sets = _flags(_LINK_ACTIONS, ctx.attr.link_options),
        ),
    ]

def _artifact_names(is_windows):
    return [
        artifact_name_pattern("executable", "", ".exe"),
        artifact_name_pattern("dynamic_library", "", ".dll"),
        artifact_name_pattern("object_file", "", ".o"),
    ] if is_windows else []

def _toolchain_config_impl(ctx):
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        abi_libc_version = "local",
        abi_version = "local",
        artifact_name_patterns = _artifact_names(ctx.attr.is_windows),
        compiler = ctx.attr.compiler,
        cxx_builtin_include_directories = ctx.attr.builtin_include_directories,
        features = _features(ctx),
        host_system_name = "local",
        target_cpu = ctx.attr.cpu,
        target_libc = "local",
        target_system_name = "local",
        tool_paths = [
            tool_path(name = name, path = path)
            for name, path in ctx.attr.tools.items()
        ],
        toolchain_identifier = ctx.attr.identifier,
    )

toolchain_config = rule(
    implementation = _toolchain_config_impl,
    attrs = {
        "builtin_include_directories": attr.string_list(),
        "compiler": attr.string(mandatory = True),
        "cpu": attr.string(mandatory = True),
        "cxx_options": attr.string_list(),
        "identifier": attr.string(mandatory = True),
        "is_windows": attr.bool(),
        "link_options": attr.string_list(),
        "tools": attr.string_dict(mandatory = True),
    },
    provides = [CcToolchainConfigInfo],
)
