#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Variants of a case side by side: each is the run that --set would make, and a figure shows what they trade."""

import unittest

from harness import SMALL_CASE, EndToEnd, changed

WEIGHTS = "inversion.regularizer.weight"
SHORT = changed(SMALL_CASE, ("iterations: 3", "iterations: 1"), ("iterations: 4", "iterations: 1"))


class Sweep(EndToEnd):
    def test_each_variant_is_the_run_that_set_would_make(self):
        case = self.write_case(SHORT)
        self.succeed("invert", case, "--out", "sweep", "--sweep", f"{WEIGHTS}=0.01,0.1,1", ranks=2)
        self.succeed("invert", case, "--out", "one", "--set", f"{WEIGHTS}=1")
        self.assert_same_results(self.folder / "sweep" / "weight=1", self.folder / "one")
        for name in ("weight=0.01", "weight=0.1"):
            self.assertTrue((self.folder / "sweep" / name / "metrics.json").exists(), name)
        for name in ("comparison.png", "tradeoff.png"):
            self.assertGreater((self.folder / "sweep" / name).stat().st_size, 5000, name)

    def test_more_ranks_than_variants_share_them(self):
        case = self.write_case(SHORT)
        output = self.succeed("invert", case, "--out", "sweep", "--sweep", f"{WEIGHTS}=0.1,1", ranks=3).stdout
        self.assertIn("[weight=0.1] small: 4 shots on 2 ranks", output)
        self.assertIn("[weight=1] small: 4 shots on 1 rank", output)

    def test_a_mistake_in_any_variant_is_met_before_the_first_runs(self):
        case = self.write_case(SHORT)
        for values, word in (("0.1,-1", "-1"), ("0.1", "two values"), ("0.1,heavy", "heavy")):
            result = self.fathom("invert", case, "--out", "sweep", "--sweep", f"{WEIGHTS}={values}")
            self.assertEqual(result.returncode, 2, values)
            self.assertIn(word, result.stderr)
            self.assertFalse((self.folder / "sweep").exists(), values)

    def test_results_are_not_written_over_and_resume_goes_on_with_them(self):
        case = self.write_case(SHORT)
        words = ("invert", case, "--out", "sweep", "--sweep", f"{WEIGHTS}=0.1,1")
        self.succeed(*words)
        result = self.fathom(*words)
        self.assertEqual(result.returncode, 2)
        self.assertIn("holds the results of a run", result.stderr)
        self.succeed(*words, "--resume")


if __name__ == "__main__":
    unittest.main()
