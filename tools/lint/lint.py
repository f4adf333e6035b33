"""Runs the rules over a source tree: lint.py ROOT [RULE...].

Prints one line a finding, as a compiler would, and exits with 1 if there were
any. A rule that found no file to read fails, too: it would pass by accident.
"""

import importlib
import sys

RULES = ("floors", "foreign_libraries", "formatting", "headers",
         "include_names", "layering", "platforms", "runtime_targets",
         "suites", "text_rules")


def findings(root, rule):
    """The sorted findings of one rule, as text."""
    module = importlib.import_module(rule)
    return [f"{path}:{line}: [{rule}] {message}"
            for path, line, message in sorted(module.check(root))]


def main(root, *rules):
    found = [text for rule in rules or RULES for text in findings(root, rule)]
    for text in found:
        print(text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
