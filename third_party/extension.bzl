"""The private copies for builds with modules (MODULE.bazel)."""

load("//third_party/demangler:repository.bzl", "demangler_repository")
load("//third_party/libbacktrace:repository.bzl", "libbacktrace_repository")

def _private_copies_impl(_module_ctx):
    demangler_repository(name = "dbgalloc_demangler")
    libbacktrace_repository(name = "dbgalloc_libbacktrace")

private_copies = module_extension(implementation = _private_copies_impl)
