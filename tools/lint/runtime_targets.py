"""BUILD files below the malloc line: the compiler options that hold the line,
static linking, and the visibility that holds the floors."""

import ast

from source_tree import files, labels, targets, text_of

LIBRARIES = ("cc_library", "dbgalloc_public_library")

GTEST = "@com_google_googletest//:gtest"

# Which package_group of alloc/BUILD opens a folder to those above it.
GROUPS = {
    "alloc/os": "above_os",
    "alloc/base": "above_base",
    "alloc/stack": "above_stack",
    "alloc/report": "above_heap",
    "alloc/heap": "above_heap",
    "alloc/pool": "above_heap",
    "alloc/debug": "above_debug",
    "alloc/fail": "above_debug",
    "alloc/leak": "above_debug",
    "alloc/interpose": "above_interpose",
}


def names_in(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def check_library(path, rule, line, attributes):
    name = text_of(attributes.get("name")) or "?"
    if text_of(attributes.get("testonly")) or name.startswith("glog_"):
        return
    has_sources = "srcs" in attributes
    copts = attributes.get("copts")
    if has_sources and rule == "cc_library" and (
            copts is None or "RUNTIME_COPTS" not in names_in(copts)):
        yield path, line, f"{name}: copts must be RUNTIME_COPTS"
    if has_sources and rule == "cc_library" and (
            text_of(attributes.get("linkstatic")) not in (True, 1)):
        yield path, line, f"{name}: linkstatic must be True"


def check_package(path, line, attributes):
    """The floor's own group, or private with exceptions target by target."""
    wanted = GROUPS.get(path.rpartition("/")[0])
    if wanted is None:
        return
    found = labels(attributes.get("default_visibility"))
    if found != ["//visibility:private"] and (
            "//alloc:" + wanted not in found or
            not all(group.startswith("//alloc:above_") for group in found)):
        yield path, line, f"default_visibility must be //alloc:{wanted}"
    if "layering_check" not in labels(attributes.get("features")):
        yield path, line, "features must have layering_check"


def check_visibility(path, rule, line, attributes):
    if (path.rpartition("/")[0] in GROUPS and rule == "cc_library" and
            "//visibility:public" in labels(attributes.get("visibility"))):
        name = text_of(attributes.get("name"))
        yield path, line, f"{name}: is public, below a public header"


def check_test(path, line, attributes):
    """Clang's layering check wants the owner of "gtest/gtest.h" by name."""
    deps = [node.value for node in ast.walk(attributes["deps"])
            if isinstance(node, ast.Constant)] if "deps" in attributes else []
    if GTEST + "_main" in deps and GTEST not in deps:
        name = text_of(attributes.get("name")) or "?"
        yield path, line, f"{name}: deps need {GTEST} beside gtest_main"


def check(root):
    for path in files(root, ("BUILD",), ("alloc", "runtime_flags")):
        if path.startswith("alloc/testing/"):
            continue
        for rule, line, attributes in targets(root, path):
            if rule in LIBRARIES:
                yield from check_library(path, rule, line, attributes)
                yield from check_visibility(path, rule, line, attributes)
            elif rule == "package":
                yield from check_package(path, line, attributes)
            yield from check_test(path, line, attributes)
