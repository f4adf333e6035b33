"""Each of the consumer's targets, once a C++ standard."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

STANDARDS = ("17", "20")

WARNINGS = ["-Wall", "-Wextra", "-Werror"]

def _for_each_standard(rule, name, deps = [], own_deps = [], **kwargs):
    for standard in STANDARDS:
        rule(
            name = "%s_cxx%s" % (name, standard),
            # As strict as a consumer may be, our headers included.
            copts = ["-std=c++" + standard] + WARNINGS,
            deps = deps + ["%s_cxx%s" % (dep, standard) for dep in own_deps],
            **kwargs
        )

def consumer_library(name, **kwargs):
    _for_each_standard(cc_library, name, **kwargs)

def consumer_binary(name, **kwargs):
    _for_each_standard(cc_binary, name, **kwargs)

def consumer_test(name, **kwargs):
    _for_each_standard(cc_test, name, size = "small", **kwargs)
