"""Holds the rules of tools/lint: the real tree has no finding, and each rule's
own tree in testdata/lint has exactly the planted ones."""

import os
import sys
import unittest

import lint
import source_tree

ROOT = None


def planted(rule):
    return os.path.join(ROOT, "testdata", "lint", rule)


def without_rule(finding):
    """As expected.txt has it: "path:line: message"."""
    place, _, message = finding.partition(": [")
    return place + ": " + message.partition("] ")[2]


class LintTest(unittest.TestCase):
    def test_the_tree_is_there(self):
        sources = source_tree.files(ROOT, (".h", ".cc"), ("alloc",))
        self.assertGreater(len(sources), 20, "too few sources: a wrong root?")

    def test_nothing_found(self):
        for rule in lint.RULES:
            with self.subTest(rule):
                found = lint.findings(ROOT, rule)
                self.assertFalse(found, "\n" + "\n".join(found))

    def test_planted_violations_are_found(self):
        for rule in lint.RULES:
            with self.subTest(rule):
                expected = source_tree.lines(planted(rule), "expected.txt")
                self.assertTrue(expected)
                found = [without_rule(f)
                         for f in lint.findings(planted(rule), rule)]
                self.assertEqual(len(found), len(expected), found)
                for have, want in zip(sorted(found), sorted(expected)):
                    self.assertTrue(have.startswith(want), (have, want))


if __name__ == "__main__":
    ROOT = sys.argv.pop(1)
    unittest.main()
