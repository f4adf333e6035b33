"""MODULE.bazel and deps.bzl name the same repositories.

MODULE.bazel cannot be run by the Bazel that is pinned here, so its text is
compared with the macros': same repository names, nothing older than the
archive, and what only this repository's own programs need is marked so. The
compilers that it names are those of the table of platforms.
"""

import ast
import re
import sys
import unittest

MODULE = DEPS = PLATFORMS = None
COMPILER = "dbgalloc_compiler_"
DEMANGLER = "dbgalloc_demangler"


def parse(path):
    with open(path, encoding="utf-8") as file:
        return ast.parse(file.read(), path)


def calls(tree, name):
    for node in ast.walk(tree):
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and
                node.func.id == name):
            yield node, {k.arg: k.value for k in node.keywords}


def numbers(text):
    """The parts of a version that count: "release-1.12.1" is (1, 12, 1)."""
    return tuple(int(n) for n in re.findall(r"\d+", text.split(".bcr")[0]))


def version_of_archive(attributes):
    """The last thing that looks like a version in the archive's url."""
    url = ast.literal_eval(attributes["urls"])[0]
    return numbers(re.findall(r"\d+(?:\.\d+)+", url)[-1])


def archives(tree):
    """{repository: (version or None, is for development)} of deps.bzl."""
    found = {}
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            development = "dev" in function.name
            for node, attributes in calls(function, "maybe"):
                name = ast.literal_eval(attributes["name"])
                has_url = node.args[0].id == "http_archive"
                found[name] = (version_of_archive(attributes) if has_url
                               else None, development)
    return found


def modules(tree):
    """The same of MODULE.bazel."""
    found = {}
    for _, attributes in calls(tree, "bazel_dep"):
        values = {k: ast.literal_eval(v) for k, v in attributes.items()}
        found[values.get("repo_name", values["name"])] = (
            numbers(values["version"]), values.get("dev_dependency", False))
    for node, _ in calls(tree, "use_repo"):
        for argument in node.args[1:]:
            found[ast.literal_eval(argument)] = (None, False)
    return found


def platforms(tree):
    """The names of the rows of platforms.bzl."""
    return [ast.literal_eval(attributes["name"])
            for _, attributes in calls(tree, "_row")]


def cross_platforms(tree):
    """Those of them that a cross compiler builds."""
    return [ast.literal_eval(attributes["name"])
            for _, attributes in calls(tree, "_row")
            if "tool_prefix" in attributes]


def with_prefix(prefix, module_tree):
    """The rest of the repositories' names that begin so in MODULE.bazel."""
    return sorted(name[len(prefix):] for name in modules(module_tree)
                  if name.startswith(prefix))


def differences(module_tree, deps_tree):
    """What the two disagree on, as text."""
    have, want = modules(module_tree), archives(deps_tree)
    have = {n: v for n, v in have.items() if not n.startswith((COMPILER, DEMANGLER))}
    found = [f"{n} is only in MODULE.bazel" for n in have if n not in want]
    found += [f"{n} is only in deps.bzl" for n in want if n not in have]
    for name in sorted(set(have) & set(want)):
        if have[name][1] != want[name][1]:
            found.append(f"{name} is for development in one of them only")
        if want[name][0] and have[name][0] < want[name][0]:
            found.append(f"{name} is older in MODULE.bazel")
    return found


class ModuleTest(unittest.TestCase):
    def test_both_name_the_same(self):
        self.assertGreater(len(archives(parse(DEPS))), 5)
        self.assertEqual(differences(parse(MODULE), parse(DEPS)), [])

    def test_differences_are_seen(self):
        deps = ast.parse(
            'def deps():\n'
            '    maybe(http_archive, name = "a", urls = ["h/v1.2.0.tar.gz"])\n'
            '    maybe(http_archive, name = "b", urls = ["h/v2.0.tar.gz"])\n'
            'def dev_deps():\n'
            '    maybe(http_archive, name = "c", urls = ["h/v3.0.tar.gz"])\n')
        module = ast.parse(
            'bazel_dep(name = "x", version = "1.1.9", repo_name = "a")\n'
            'bazel_dep(name = "c", version = "3.0")\n'
            'bazel_dep(name = "d", version = "3.0")\n')
        self.assertEqual(differences(module, deps), [
            "d is only in MODULE.bazel", "b is only in deps.bzl",
            "a is older in MODULE.bazel",
            "c is for development in one of them only"])

    def test_every_platform_has_its_compiler(self):
        self.assertEqual(with_prefix(COMPILER, parse(MODULE)),
                         sorted(platforms(parse(PLATFORMS))))

    def test_every_cross_compiler_has_its_demangler(self):
        names = [""] + ["_" + name
                        for name in cross_platforms(parse(PLATFORMS))]
        self.assertEqual(with_prefix(DEMANGLER, parse(MODULE)), sorted(names))

    def test_module_has_the_name_of_the_workspace(self):
        (_, attributes), = calls(parse(MODULE), "module")
        self.assertEqual(ast.literal_eval(attributes["name"]), "dbgalloc")


if __name__ == "__main__":
    MODULE, DEPS, PLATFORMS = (sys.argv.pop(1) for _ in range(3))
    unittest.main()
