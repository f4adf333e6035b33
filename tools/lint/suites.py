"""Every package with tests is in //:tests_<platform>: none is forgotten there."""

import re

from source_tree import files, lines

LIST = "tools/toolchains/suites.bzl"
TEST = re.compile(r"^\[?\s*(\w*_test)\(")
SUITE = re.compile(r'^    name = "tests",')
LISTED = re.compile(r'^    "([\w/]+)",$')


def listed_packages(root):
    """{package: line}"""
    return {match.group(1): number
            for number, line in enumerate(lines(root, LIST), 1)
            for match in [LISTED.match(line)] if match}


def check(root):
    listed = listed_packages(root)
    packages = set()
    for path in files(root, ("BUILD",)):
        package = path[:-len("/BUILD")] if "/" in path else ""
        text = lines(root, path)
        first = next((number for number, line in enumerate(text, 1)
                      if TEST.match(line)), None)
        if first is None:
            continue
        packages.add(package)
        if not any(SUITE.match(line) for line in text):
            yield path, first, 'tests, but no test_suite "tests"'
        if package not in listed:
            yield path, first, f"a package with tests that {LIST} lacks"
    for package in set(listed) - packages:
        yield LIST, listed[package], f"//{package} has no tests"
