"""Which test targets the BUILD files of a checkout define.

A BUILD file and the .bzl files that it loads are close enough to Python to be
run as such, with stand-ins for Bazel's functions that only write down what is
declared.
"""

import fnmatch
import os

TEST_RULES = ("cc_test", "sh_test", "test_suite")


class Anything:
    """Stands for whatever a BUILD file may name and we need not know."""

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        return self

    def __add__(self, other):
        return other if isinstance(other, list) else self

    def __radd__(self, other):
        return other

    def __iter__(self):
        return iter(())

    def __contains__(self, item):
        return False


class Package:
    """One BUILD file; tests: {name: tags}."""

    def __init__(self, root, folder):
        self.tests = {}
        self._root, self._folder = root, folder
        self._run(os.path.join(folder, "BUILD"), self._rules())

    def _rules(self):
        names = {rule: self._declare for rule in TEST_RULES}
        names.update(glob=self._glob, select=lambda *a, **k: [],
                     package_name=lambda: self._folder)
        native = type("native", (), {n: staticmethod(f)
                                     for n, f in names.items()})
        native.__getattr__ = lambda self, name: Anything()
        return dict(names, native=native())

    def _declare(self, name, tags=None, **_):
        self.tests[name] = list(tags or ())

    def _glob(self, patterns, exclude=(), **_):
        folder = os.path.join(self._root, self._folder)
        return sorted(
            name for name in os.listdir(folder)
            if any(fnmatch.fnmatch(name, p) for p in patterns)
            and not any(fnmatch.fnmatch(name, p) for p in exclude))

    def _run(self, path, rules):
        scope = Scope(rules)
        scope["load"] = lambda label, *names, **renamed: scope.update(
            self._load(label, names, renamed, rules))
        with open(os.path.join(self._root, path), encoding="utf-8") as file:
            # pylint: disable-next=exec-used
            exec(compile(file.read(), path, "exec"), scope)
        return scope

    def _load(self, label, names, renamed, rules):
        renamed = dict(renamed, **{name: name for name in names})
        if label.startswith("@"):
            return {own: rules.get(theirs, Anything())
                    for own, theirs in renamed.items()}
        path = label.removeprefix("//").replace(":", "/").lstrip("/")
        if label.startswith(":"):
            path = os.path.join(self._folder, path)
        scope = self._run(path, rules)
        return {own: scope[theirs] for own, theirs in renamed.items()}


class Scope(dict):
    """Names that nobody defined are Anything."""

    def __missing__(self, name):
        builtin = __builtins__ if isinstance(__builtins__, dict) else vars(
            __builtins__)
        if name in builtin:
            return builtin[name]
        return Anything()


def tests_of(root, label):
    """{name: tags} of the package of a label "//folder:name"."""
    return Package(root, label.removeprefix("//").partition(":")[0]).tests
