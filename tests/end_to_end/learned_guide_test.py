#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Learned guides as a user meets them: LibTorch stays away until it is wanted, files that are no guide are refused, a
training set comes out the same however it was made, and what was trained on it guides an inversion."""

import csv
import json
import os
import shutil
import signal
import subprocess
import unittest

import h5py

from harness import PROGRAM, SMALL_CASE, SOURCE, EndToEnd, changed, datasets, environment, hashes, history, metrics

GUIDED = ("regularizer: {weight: 0.1}",
          "regularizer:\n    kind: total_variation\n    guide:\n      kind: torchscript\n      file: guide.pt")

RECIPE = """\
title: a small set
seed: 3
models: 3
sections:
  kinds: [layered, salt]
  width: [40, 48]
  depth: [32, 36]
  spacing: [20, 30]
  shots: [2, 2]
states: {stages: 2, iterations: [1, 2]}
training: {epochs: 0}
"""
SHORT = SOURCE / "ml" / "recipes" / "short.yaml"


class LibTorch(EndToEnd):
    def test_is_not_loaded_with_the_program(self):
        libraries = subprocess.run([PROGRAM], env=dict(environment(self.folder), LD_TRACE_LOADED_OBJECTS="1"),
                                   capture_output=True, text=True, check=True).stdout
        self.assertIn("petsc", libraries)
        self.assertNotIn("torch", libraries)


class AFileThatIsNoGuide(EndToEnd):
    def test_is_refused_with_its_place_and_a_remedy_before_anything_is_written(self):
        (self.folder / "guide.pt").write_text("this is no module")
        case = self.write_case(changed(SMALL_CASE, GUIDED))
        before = hashes(self.folder)
        for arguments in (["check", case], ["invert", case, "--out", self.folder / "run"]):
            result = self.fathom(*arguments)
            self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
            self.assertIn("inversion.regularizer.guide.", result.stderr)
            self.assertIn(f"{case}:", result.stderr)
            self.assertEqual(result.stderr.count("remedy:"), 1, result.stderr)
            self.assertEqual(hashes(self.folder), before)

    def test_must_be_named(self):
        case = self.write_case(changed(SMALL_CASE, GUIDED).replace("      file: guide.pt\n", ""))
        result = self.fathom("check", case)
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("remedy:", result.stderr)


class TrainingSet(EndToEnd):
    def recipe(self, *changes):
        path = self.folder / "recipe.yaml"
        path.write_text(changed(RECIPE, *changes))
        return path

    def attributes(self, folder):
        with h5py.File(self.folder / folder / "set.h5", "r") as file:
            states = {name: [[state[images].shape for images in ("inputs", "targets")]
                             for state in model["states"].values()] for name, model in file["models"].items()}
            return dict(file.attrs), states

    def test_is_the_same_on_any_ranks_and_when_it_was_interrupted(self):
        recipe = self.recipe()
        self.succeed("train", recipe, "--out", "one")
        attributes, models = self.attributes("one")
        self.assertEqual(len(models), 3)
        for states in models.values():
            self.assertEqual(len(states), 2)
            for inputs, targets in states:
                self.assertEqual((inputs[0], targets[0]), (9, 5))
                self.assertEqual(inputs[1:], targets[1:])
        self.succeed("train", recipe, "--out", "two", ranks=2)
        self.assertEqual(self.attributes("two")[0]["hash"], attributes["hash"])

        process = self.start("train", recipe, "--out", "three")
        self.assertTrue(self.wait_for(process, lambda: list(self.folder.glob("three/models/*.h5"))))
        os.kill(process.pid, signal.SIGINT)
        stopped = self.end(process)
        self.assertEqual(stopped.returncode, 130, stopped.stdout + stopped.stderr)
        self.assertFalse((self.folder / "three/set.h5").exists())
        kept = len(list(self.folder.glob("three/models/*.h5")))
        goes_on = self.succeed("train", recipe, "--out", "three")
        self.assertIn(f"{3 - kept} of 3 models are to be inverted", goes_on.stdout)
        self.assertEqual(self.attributes("three")[0]["hash"], attributes["hash"])

    def test_is_not_gone_on_with_by_another_recipe(self):
        self.succeed("train", self.recipe(("models: 3", "models: 1")), "--out", "one")
        result = self.fathom("train", self.recipe(("seed: 3", "seed: 4")), "--out", "one")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("remedy:", result.stderr)

    def test_needs_ranges(self):
        result = self.fathom("train", self.recipe(("[40, 48]", "[48, 40]")), "--out", "one")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("sections.width", result.stderr)
        self.assertFalse((self.folder / "one").exists())

    def test_of_two_models_has_none_to_hold_out(self):
        result = self.fathom("train", self.recipe(("epochs: 0", "epochs: 2")), "--out", "one")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("held out", result.stderr)


class AShortTraining(EndToEnd):
    def epochs(self, run):
        with open(self.folder / run / "learning.csv", newline="") as file:
            return [{key: value for key, value in row.items() if key != "wall_s"} for row in csv.DictReader(file)]

    def test_learns_goes_on_where_it_was_stopped_and_guides_an_inversion(self):
        self.succeed("train", SHORT, "--out", "whole", ranks=2)
        whole = self.epochs("whole")
        self.assertEqual(len(whole), 10)
        self.assertLess(float(whole[-1]["training"]), float(whole[0]["training"]))
        trained = json.loads((self.folder / "whole/metrics.json").read_text())
        self.assertEqual(trained["samples"], {"training": 18, "validation": 6})
        self.assertIn("confidence", trained["calibration_error"])

        # The same set, on one rank: stopped between two epochs and gone on with, or not.
        for name in ("one", "two"):
            (self.folder / name).mkdir()
            for file in ("set.h5", "recipe.yaml"):
                shutil.copy(self.folder / "whole" / file, self.folder / name)
        self.succeed("train", SHORT, "--out", "one")
        process = self.start("train", SHORT, "--out", "two")
        self.assertTrue(self.wait_for(process, lambda: (self.folder / "two/checkpoint.h5").exists()))
        os.kill(process.pid, signal.SIGINT)
        self.assertEqual(self.end(process).returncode, 130)
        self.assertLess(len(self.epochs("two")), 10)
        self.succeed("train", SHORT, "--out", "two")
        self.assertEqual(self.epochs("two"), self.epochs("one"))
        self.assertEqual(datasets(self.folder / "two/network.h5"), datasets(self.folder / "one/network.h5"))

        shutil.copy(self.folder / "whole/network.h5", self.folder / "guide.pt")
        case = self.write_case(changed(SMALL_CASE, GUIDED).replace("torchscript", "network"))
        self.succeed("check", case)
        self.succeed("invert", case, "--out", "run")
        self.succeed("invert", case, "--out", "other", ranks=2)
        self.assertEqual(len(history(self.folder / "run")), len(history(self.folder / "other")))
        guide = metrics(self.folder / "run")["guide"]
        self.assertEqual(guide, metrics(self.folder / "other")["guide"])
        self.assertGreaterEqual(sum(guide[fate] for fate in ("accepted", "rejected", "abstained")), 1)

        # Variants of the training, each on a rank of its own; the set is there.
        sweep = ["--out", "whole", "--sweep", "training.batch=2,4"]
        both = self.succeed("train", SHORT, *sweep, "--set", "training.epochs=3", ranks=2)
        self.assertIn("the least loss of held-out earths is", both.stdout)
        with open(self.folder / "whole/variants.csv", newline="") as file:
            variants = {row["variant"]: float(row["validation_loss"]) for row in csv.DictReader(file)}
        self.assertEqual(set(variants), {"batch=2", "batch=4"})
        self.assertNotEqual(variants["batch=2"], variants["batch=4"])
        for name, loss in variants.items():
            self.assertEqual(loss, min(float(row["validation"]) for row in self.epochs(f"whole/{name}")))
        self.assertTrue((self.folder / "whole/comparison.png").exists())
        for wrong in ("sections.width=[40,48],[48,56]", "training.epochs=0,1"):
            self.assertEqual(self.fathom("train", SHORT, "--out", "none", "--sweep", wrong).returncode, 2, wrong)
        self.assertFalse((self.folder / "none").exists())

        # Another round, of states that it has had its say in, goes on from its weights.
        (self.folder / "more.yaml").write_text(
            SHORT.read_text() + "on_policy: {rounds: 1, models: 2, epochs: 2, learning_rate: 0.0001}\n")
        before = hashes(self.folder / "whole")
        more = self.succeed("train", "more.yaml", "--out", "whole")
        self.assertIn("2 of 14 models are to be inverted, guided by whole/network.h5", more.stdout)
        self.assertEqual(hashes(self.folder / "whole")["network.h5"], before["network.h5"])
        rounds = self.epochs("whole/round_1")
        self.assertEqual(len(rounds), 2)
        begin, end = float(whole[0]["training"]), float(whole[-1]["training"])
        self.assertLess(float(rounds[0]["training"]), (begin + end) / 2, "it does not begin anew")
        again = self.succeed("train", "more.yaml", "--out", "whole")
        self.assertIn("the network is there already: whole/round_1/network.h5", again.stdout)
        # What has been guided cannot be made by another recipe.
        self.assertEqual(self.fathom("train", SHORT, "--out", "whole").returncode, 2)


if __name__ == "__main__":
    unittest.main()
