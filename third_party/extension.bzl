"""The private copies for builds with modules (MODULE.bazel)."""

load("//third_party/demangler:repository.bzl", "demangler_repositories")

def _private_copies_impl(_module_ctx):
    demangler_repositories()

private_copies = module_extension(implementation = _private_copies_impl)
