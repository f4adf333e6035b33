"""Collects the archives that a library links, for the tests that read them."""

load("@rules_cc//cc:defs.bzl", "CcInfo")

def _archives_of(target):
    archives = []
    for linker_input in target[CcInfo].linking_context.linker_inputs.to_list():
        for library in linker_input.libraries:
            archive = library.pic_static_library or library.static_library
            if archive:
                archives.append(archive)
    return archives

def _linked_archives_impl(ctx):
    archives = []
    for target in ctx.attr.deps:
        archives += _archives_of(target)
    return [DefaultInfo(
        files = depset(archives),
        runfiles = ctx.runfiles(files = archives),
    )]

linked_archives = rule(
    implementation = _linked_archives_impl,
    attrs = {"deps": attr.label_list(providers = [CcInfo])},
    doc = "The static archives of some libraries and of all they depend on.",
)
