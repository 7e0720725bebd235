#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""The number of ranks changes how long an inversion takes, and not what it finds."""

import unittest

import h5py
import numpy as np

from harness import (GUARDED_CASE, QUICK_CASE, ROWS, STEERED_CASE, STOCHASTIC_CASE, EndToEnd, changed, history, metrics,
                     write_guide)


def model(run):
    with h5py.File(run / "models.h5") as file:
        return file["model/vp"][()].astype(float)


class Ranks(EndToEnd):
    def invert(self, ranks, name=None, text=QUICK_CASE):
        run = self.folder / (name or f"ranks-{ranks}")
        self.succeed("invert", self.write_case(text), "--out", run, ranks=ranks)
        self.assertEqual(metrics(run)["ranks"], ranks)
        self.assertEqual(len(history(run)), ROWS)
        return run

    def test_the_result_does_not_depend_on_the_number_of_ranks(self):
        alone = self.invert(1)
        for ranks in (2, 3):
            with self.subTest(ranks=ranks):
                shared = self.invert(ranks)
                for column in ("objective", "misfit", "gradient_norm"):
                    expected = float(history(alone)[0][column])
                    self.assertLessEqual(abs(float(history(shared)[0][column]) / expected - 1), 1e-12, column)
                change = np.linalg.norm(model(shared) - model(alone)) / np.linalg.norm(model(alone))
                self.assertLess(change, 1e-3)
                self.assertEqual(metrics(shared)["pde_solves"], metrics(alone)["pde_solves"])

    def test_nor_does_it_with_a_guide_and_proximal_steps(self):
        """Single precision rounds the image, and the primal-dual iteration stops at a gap of a part in a thousand."""
        case = self.write_case(STEERED_CASE)
        runs = {}
        for ranks in (1, 2, 3):
            runs[ranks] = self.folder / f"steered-{ranks}"
            self.succeed("invert", case, "--out", runs[ranks], ranks=ranks)
        for ranks in (2, 3):
            with self.subTest(ranks=ranks):
                expected = float(history(runs[1])[0]["objective"])
                self.assertLessEqual(abs(float(history(runs[ranks])[0]["objective"]) / expected - 1), 1e-7)
                change = np.linalg.norm(model(runs[ranks]) - model(runs[1])) / np.linalg.norm(model(runs[1]))
                self.assertLess(change, 1e-3)

    def test_nor_does_what_a_guide_may_do(self):
        write_guide(self.folder / "guide.h5", self.invert(1) / "models.h5")
        case = self.write_case(GUARDED_CASE, "guarded.yaml")
        runs = {}
        for ranks in (1, 2, 3):
            runs[ranks] = self.folder / f"guarded-{ranks}"
            self.succeed("invert", case, "--out", runs[ranks], ranks=ranks)
        guide = metrics(runs[1])["guide"]
        self.assertGreaterEqual(guide["accepted"], 1, guide)
        for ranks in (2, 3):
            with self.subTest(ranks=ranks):
                self.assertEqual(metrics(runs[ranks])["guide"], guide)
                change = np.linalg.norm(model(runs[ranks]) - model(runs[1])) / np.linalg.norm(model(runs[1]))
                self.assertLess(change, 1e-3)

    def test_nor_does_that_of_the_stochastic_method(self):
        alone = self.invert(1, text=STOCHASTIC_CASE)
        solves = [int(row["pde_solves"]) for row in history(alone)]
        # Four shots in groups of one, one and two: each shot once in two iterations. The first needs no solve.
        self.assertEqual([after - before for before, after in zip(solves[-5:], solves[-4:])][0], 0)
        for before, after in zip(solves[-4:], solves[-3:]):
            self.assertIn(after - before, (2, 4, 6))
        for ranks in (2, 3):
            with self.subTest(ranks=ranks):
                shared = self.invert(ranks, text=STOCHASTIC_CASE)
                self.assertEqual([row["pde_solves"] for row in history(shared)],
                                 [row["pde_solves"] for row in history(alone)])
                change = np.linalg.norm(model(shared) - model(alone)) / np.linalg.norm(model(alone))
                self.assertLess(change, 1e-3)

    def test_another_seed_gives_another_result(self):
        first = self.invert(1, "first", STOCHASTIC_CASE)
        other = self.invert(1, "other", changed(STOCHASTIC_CASE, ("seed: 5", "seed: 6")))
        self.assertGreater(np.abs(model(first) - model(other)).max(), 0.01)

    def test_one_number_of_ranks_gives_the_same_bits_each_time(self):
        self.assert_same_results(self.invert(2, "first"), self.invert(2, "second"))

    def test_there_may_be_more_ranks_than_shots(self):
        self.write_case(changed(QUICK_CASE, ("count: 4", "count: 2")))
        run, alone = self.folder / "idle", self.folder / "alone"
        result = self.succeed("invert", "small.yaml", "--out", run, ranks=3)
        self.assertIn("3 ranks share 2 shots: 1 will idle", result.stdout)
        self.succeed("invert", "small.yaml", "--out", alone)
        np.testing.assert_allclose(model(run), model(alone), rtol=1e-3)

    def test_a_mistake_is_reported_once(self):
        case = self.write_case(changed(QUICK_CASE, ("count: 30", "count: many")))
        result = self.fathom("invert", case, "--out", self.folder / "run", ranks=2)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(result.stderr.count("survey.receivers.count: many"), 1, result.stderr)
        self.assertFalse((self.folder / "run").exists())


if __name__ == "__main__":
    unittest.main()
