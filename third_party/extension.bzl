"""The private copies for builds with modules (MODULE.bazel)."""

load("//third_party/demangler:repository.bzl", "demangler_repository")

def _private_copies_impl(_module_ctx):
    demangler_repository(name = "dbgalloc_demangler")

private_copies = module_extension(implementation = _private_copies_impl)
