"""docs/porting.md has the matrix that the noted results make."""

import os
import sys
import unittest

import porting_matrix


class PortingMatrixTest(unittest.TestCase):
    def test_the_document_is_up_to_date(self):
        rows = porting_matrix.read_rows(ROOT)
        results = porting_matrix.read_results(ROOT)
        self.assertGreater(len(rows), 40)
        self.assertGreater(len(results), 2)
        with open(os.path.join(ROOT, "docs", "porting.md"),
                  encoding="utf-8") as file:
            text = file.read()
        lines = porting_matrix.matrix(rows, results)
        self.assertEqual(porting_matrix.with_matrix(text, lines), text,
                         "run python3 tools/ci/porting_matrix.py --write")

    def test_a_cell_says_the_worst_that_is_known(self):
        outcomes = {"//a": "passed", "//b": "failed", "//c": "skipped",
                    "//d": "built"}
        for labels, wanted in ((["//a", "//b"], "failed"),
                               (["//a", "//c"], "tested"),
                               (["//d", "//c"], "built"),
                               (["//c"], "n/a"), (["//e"], "-")):
            self.assertEqual(porting_matrix.state(labels, outcomes), wanted)

    def test_a_document_without_a_place_is_refused(self):
        with self.assertRaises(ValueError):
            porting_matrix.with_matrix("no place", ["|"])


if __name__ == "__main__":
    ROOT = sys.argv.pop(1)
    unittest.main()
