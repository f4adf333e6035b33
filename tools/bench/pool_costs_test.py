"""The comparison compares what it says, with programs that do what it says.

pool_costs_test.py WORKLOAD_PROGRAM LATENCY_PROGRAM
"""

import subprocess
import sys
import unittest

import pool_costs
import pool_latency

WORKLOAD_PROGRAM, LATENCY_PROGRAM = sys.argv[1:3]


class Ratios(unittest.TestCase):

    FIGURES = {
        "glibc": [(10.0, 20), (20.0, 20), (90.0, 20)],
        "mimalloc": [(4.0, 40), (8.0, 40), (20.0, 40)],
        "pool": [(5.0, 30), (12.0, 30), (18.0, 30)],
    }

    def test_a_ratio_is_the_median_of_the_runs_ratios(self):
        self.assertEqual(pool_costs.ratios_to(self.FIGURES, "glibc"), 0.5)
        self.assertEqual(pool_costs.ratios_to(self.FIGURES, "mimalloc"), 1.25)

    def test_a_row_names_the_best_of_the_others(self):
        row = pool_costs.row("pair 16", self.FIGURES, list(self.FIGURES))
        self.assertEqual(row, "| pair 16 | 20.0 | 8.0 | 12.0 "
                              "| **1.25** (mimalloc) | 20 | 40 | 30 |")

    def test_a_mean_is_geometric(self):
        self.assertAlmostEqual(pool_costs.mean([0.5, 2.0]), 1.0)

    def test_latency_takes_medians_and_the_shortest_of_the_longest(self):
        rows = [[1, 2, 3, 900] * 2, [3, 4, 5, 700] * 2, [2, 3, 4, 800] * 2]
        self.assertEqual(pool_latency.summary(rows), [2, 3, 4, 700] * 2)


class Programs(unittest.TestCase):

    def test_a_workload_prints_time_and_memory(self):
        time, memory = pool_costs.run(WORKLOAD_PROGRAM, "short_threads",
                                      "glibc", None)
        self.assertGreater(time, 0)
        self.assertGreater(memory, 1)

    def test_a_workload_that_is_not_known_fails(self):
        self.assertEqual(
            subprocess.run([WORKLOAD_PROGRAM, "no such"],
                           check=False).returncode, 2)

    def test_latencies_are_in_order(self):
        times = pool_latency.run(LATENCY_PROGRAM, 4, "glibc", None)
        self.assertEqual(len(times), pool_latency.COLUMNS)
        for part in (times[:4], times[4:]):
            self.assertEqual(part, sorted(part))
            self.assertGreater(part[0], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
