"""The found compilers for builds with modules (MODULE.bazel)."""

load("//tools/toolchains:compilers.bzl", "compiler_repositories")

def _compilers_impl(_module_ctx):
    compiler_repositories()

compilers = module_extension(implementation = _compilers_impl)
