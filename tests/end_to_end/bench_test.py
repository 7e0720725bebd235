#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""`fathom bench` measures what it names, and its figures fit together. How fast the machine is, is no test."""

import json
import unittest

from harness import EndToEnd

LIMITS = ["dram_gb_per_s", "l3_gb_per_s", "fp32_fma_256_gflop_per_s", "fp32_fma_512_gflop_per_s"]
PROBLEMS = {"2d-1000": 1040 ** 2, "3d-240": 240 ** 3, "3d-340": 340 ** 3, "m2d-gradient": 501 * 191}  # padded cells
FIGURES = ["gpts_per_s", "gpts_per_s_without_pad", "seconds_per_shot", "peak_mb", "start_up_mb", "forecast_mb",
           "fraction_of_limit"]


class Bench(EndToEnd):
    def measure(self, *names, **options):
        result = self.succeed("bench", "--quick", "--json", "bench.json", *names, **options)
        for words in ("limits of this machine", *names):
            self.assertIn(words, result.stdout)
        return json.loads((self.folder / "bench.json").read_text())

    def check(self, measured, ranks):
        self.assertEqual(measured["limits"]["ranks"], ranks)
        for limit in LIMITS:
            for who in ("one_rank", "all_ranks"):
                self.assertGreater(measured["limits"][limit][who], 0, limit)
        for problem in measured["problems"]:
            for figure in FIGURES:
                self.assertGreater(problem[figure], 0, f"{figure} of {problem}")
            self.assertIn(problem["limit"], ("l3", "dram"))
            self.assertGreater(problem["gpts_per_s"], problem["gpts_per_s_without_pad"])
            points = PROBLEMS[problem["name"]] * problem["steps"]
            self.assertAlmostEqual(problem["gpts_per_s"] * problem["seconds_per_shot"] / (1e-9 * points), 1)
            self.assertEqual(problem["history"] != "none", problem["name"] == "m2d-gradient")
            if problem["name"] == "m2d-gradient":
                self.assertGreater(problem["gradient_over_forward"], 0)   # above 1 but for what the machine does besides

    def test_all_problems_are_measured_at_both_orders_and_gradients_under_every_history(self):
        measured = self.measure()
        self.check(measured, 1)
        for order in (4, 8):
            names = [problem["name"] for problem in measured["problems"]
                     if problem["order"] == order and problem["history"] == "none"]
            self.assertEqual(names, ["2d-1000", "3d-240", "3d-340"])
        under = {order: [problem["history"] for problem in measured["problems"]
                         if problem["order"] == order and problem["name"] == "m2d-gradient"] for order in (4, 8)}
        self.assertEqual(under[4], under[8])
        self.assertEqual(len(set(under[4])), len(under[4]))
        self.assertLessEqual({"full", "thinned", "half", "checkpointing", "boundary"}, set(under[4]))

    def test_ranks_propagate_a_shot_each_and_problems_can_be_chosen(self):
        measured = self.measure("2d-1000", ranks=2)
        self.check(measured, 2)
        self.assertEqual({problem["name"] for problem in measured["problems"]}, {"2d-1000"})

    def test_mistakes_are_met_before_anything_is_measured(self):
        for arguments, words in ((["2d-100"], 'did you mean "2d-1000"'), (["--json", "nowhere/bench.json"], "nowhere")):
            with self.subTest(arguments=arguments):
                result = self.fathom("bench", "--quick", *arguments)
                self.assertEqual(result.returncode, 2)
                self.assertIn(words, result.stderr)
                self.assertIn("remedy:", result.stderr)
                self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    unittest.main()
