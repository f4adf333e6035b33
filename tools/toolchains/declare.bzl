"""The targets that a row of platforms.bzl becomes in //tools/toolchains."""

load("//tools/toolchains:platforms.bzl", "PLATFORMS")

def declare_platforms():
    """For every row: a constraint value, a config_setting(), a platform() and a
    toolchain().

    Which compiler builds is a constraint of its own, so that two platforms of
    one system and processor have a toolchain each. Its default value is the
    machine's own compiler: platforms of other projects, and the one that
    Bazel's tools are built for, need not know of it.
    """
    native.constraint_setting(
        name = "compiler",
        default_constraint_value = ":native_compiler",
        visibility = ["//visibility:public"],
    )
    native.constraint_value(
        name = "native_compiler",
        constraint_setting = ":compiler",
        visibility = ["//visibility:public"],
    )
    for row in PLATFORMS:
        _declare(row)

    # No platform has it: what asks for it is left out (compatible.bzl).
    native.constraint_setting(name = "service")
    native.constraint_value(
        name = "not_served",
        constraint_setting = ":service",
        visibility = ["//visibility:public"],
    )

def _declare(row):
    compiler = row.name + "_compiler"
    constraints = [
        "@platforms//os:" + row.os,
        "@platforms//cpu:" + row.cpu,
        ":" + compiler,
    ]
    native.constraint_value(
        name = compiler,
        constraint_setting = ":compiler",
        visibility = ["//visibility:public"],
    )
    native.config_setting(
        name = "is_" + row.name,
        constraint_values = [":" + compiler],
        visibility = ["//visibility:public"],
    )
    native.platform(
        name = row.name,
        constraint_values = constraints,
        visibility = ["//visibility:public"],
    )
    native.toolchain(
        name = row.name + "_toolchain",
        exec_compatible_with = ["@platforms//os:linux", "@platforms//cpu:x86_64"],
        target_compatible_with = constraints,
        toolchain = "@dbgalloc_compiler_%s//:toolchain" % row.name,
        toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
        visibility = ["//visibility:public"],
    )
