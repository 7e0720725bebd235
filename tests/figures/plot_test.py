#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Figures of synthetic run folders, drawn by the program a user runs."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import matplotlib.image
import numpy as np

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "cases" / "figures"))

from reading import Volume  # noqa: E402

ALL = {"models", "errors", "profiles", "gathers", "convergence", "acquisition", "images", "divergence"}
HISTORY = ("stage,iteration,pde_solves,misfit,regularization,objective,gradient_norm,step,evaluations,"
           "model_relative_l2,model_rmse_m_s,wall_s\n")


def layers(size, spacing, smooth=1.0):
    """Three dipping layers, their steps `smooth` cells of 10 m wide."""
    x, y, z = np.meshgrid(*(np.arange(n) * spacing for n in size), indexing="ij")
    depth = (z + 0.1 * x + 0.05 * y) / 10 / smooth
    return 1500 + 600 * (1 + np.tanh(depth - 15 / smooth)) + 500 * (1 + np.tanh(depth - 40 / smooth))


def write_pictures(file, size):
    def put(name, values, spacing):
        file.create_dataset(name, data=values.astype("f4")).attrs.update(origin=[0., 0., 0.], spacing=[spacing] * 3)

    reflectivity = np.diff(layers(size, 10., 3.), axis=2, append=0.) / 50
    windows = [max(1, n // 12 - 1) for n in size]
    for when in ("initial", "final"):
        put(f"image/{when}/image", reflectivity, 10.)
        put(f"image/{when}/reflectivity", 0.8 * reflectivity, 10.)
        divergence = np.linspace(0, 1, np.prod(windows)).reshape(windows)
        divergence.flat[0] = -1.    # in the dark
        put(f"divergence/{when}/half_jeffreys", divergence, 120.)


def write_models(folder, size, truth):
    with h5py.File(folder / "models.h5", "w") as file:
        def put(name, vp, spacing):
            data = file.create_dataset(f"{name}/vp", data=vp.astype("f4"))
            data.attrs.update(origin=[0., 0., 0.], spacing=[spacing] * 3, axes="x,y,z", units="m/s")

        if truth:   # on a finer grid than the inversion's
            put("true", layers([2 * n - 1 if n > 1 else 1 for n in size], 5.), 5.)
        put("start", layers(size, 10., 20.), 10.)
        put("model", layers(size, 10., 3.), 10.)
        write_pictures(file, size)
        put("stages/00", layers(size, 10., 8.), 10.)
        put("stages/01", layers(size, 10., 3.), 10.)


def write_gathers(folder, size):
    times = 0.002 * np.arange(300)
    x, y = (10. * n * np.linspace(0.05, 0.95, 24 if n > 1 else 1) for n in size[:2])
    receivers = np.array([(a, b, 10.) for a in x for b in y])
    with h5py.File(folder / "gathers.h5", "w") as file:
        for number, place in enumerate(np.linspace(0.1, 0.9, 5)):
            group = file.create_group(f"shots/{number:04d}")
            source = np.array([10. * size[0] * place, 10. * size[1] / 2 if size[1] > 1 else 0., 10.])
            arrival = 0.05 + np.linalg.norm(receivers - source, axis=1)[:, None] / 1800
            phase = (25 * np.pi * (times - arrival)) ** 2
            observed = (1 - 2 * phase) * np.exp(-phase)
            group["source"], group["receivers"] = source, receivers
            for name, data in (("data", observed), ("predicted", 0.9 * observed), ("initial", np.roll(observed, 9, 1))):
                group.create_dataset(name, data=data.astype("f4")).attrs.update(dt=0.002, t0=0.)


def write_progress(folder, truth):
    rows, solves = [], 0
    for stage in range(2):
        for iteration in range(6):
            solves += 20
            error = 0.12 * 0.9 ** (6 * stage + iteration)
            known = f"{error},{3000 * error}" if truth else ","
            rows.append(f"{stage},{iteration},{solves},{5 * 0.7 ** iteration},0,1,1,1,2,{known},{solves / 10}\n")
    (folder / "history.csv").write_text(HISTORY + "".join(rows))
    metrics = {"case": "layers", "state": "done", "pde_solves": solves, "wall_s": 24.,
               "data_misfit": {"initial": 5., "final": 0.8},
               "stages": [{"max_frequency": band, "min_frequency": 0, "iterations": 5, "spacing": 10., "reason": "limit"}
                          for band in (4., 8.)]}
    metrics["divergence"] = {name: {"initial": 2., "final": 0.3} for name in ("half_jeffreys", "jensen_shannon")}
    if truth:
        metrics["model"] = {"relative_l2": {"initial": 0.12, "final": 0.038}, "rmse_m_s": {"initial": 360, "final": 113},
                            "ssim": {"initial": 0.5, "final": 0.8}}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "status.json").write_text('{"state": "done"}')


def write_proposals(folder, size):
    """A jump that was accepted, by a guide that says how sure it is, and steering by one that does not."""
    with h5py.File(folder / "models.h5", "a") as file:
        def put(name, values):
            file.create_dataset(name, data=values.astype("f4")).attrs.update(origin=[0., 0., 0.], spacing=[10.] * 3)

        before, reference = layers(size, 10., 8.), layers(size, 10.)
        for name, values in (("before", before), ("reference", reference), ("accepted", (before + reference) / 2),
                             ("confidence", (reference - 1500) / 3000)):
            put(f"proposals/00/{name}", values)
        for name, values in (("before", before), ("theta", before / 5000), ("p_x", 0 * before), ("p_z", before / 6000)):
            put(f"proposals/01/{name}", values)
    (folder / "proposals.csv").write_text("proposal,stage,kind,fate,misfit_with,pde_solves\n"
                                          "0,0,jump,accepted,0.1,12\n1,1,steering,rejected,,40\n")


def write_run(folder, size=(120, 1, 60), truth=True):
    folder.mkdir(parents=True)
    write_models(folder, size, truth)
    write_gathers(folder, size)
    write_progress(folder, truth)
    return folder


def plot(*arguments, dpi=80):
    program = SOURCE / "cases" / "figures" / "plot_run.py"
    command = [sys.executable, str(program), "--dpi", str(dpi), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


class Figures(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def drawn(self, run):
        return {path.stem for path in (run / "figures").glob("*.png")}

    def assert_picture(self, path):
        pixels = matplotlib.image.imread(path)[..., :3]
        self.assertGreater(pixels.shape[1], 240, f"{path.name} is too small to print")
        self.assertGreater(pixels.var(), 1e-3, f"{path.name} is blank")
        edges = [pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]
        self.assertTrue(all((edge == 1).all() for edge in edges), f"{path.name} is cut off at its border")

    def assert_drawn(self, run, names):
        self.assertEqual(self.drawn(run), set(names))
        for name in names:
            self.assert_picture(run / "figures" / f"{name}.png")

    def test_a_run_in_two_dimensions_gives_all_figures(self):
        run = write_run(self.folder / "flat.run")
        result = plot(run)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assert_drawn(run, ALL)

    def test_a_guided_run_shows_what_was_proposed(self):
        run = write_run(self.folder / "guided.run")
        write_proposals(run, (120, 1, 60))
        result = plot(run)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assert_drawn(run, ALL | {"proposals"})

    def test_wide_and_deep_models_stay_on_the_page(self):
        for size in ((851, 1, 176), (900, 1, 50), (40, 1, 120)):
            with self.subTest(size=size):
                run = write_run(self.folder / f"{size[0]}.run", size)
                self.assertEqual(plot(run).returncode, 0)
                self.assert_drawn(run, ALL)

    def test_a_run_in_three_dimensions_gives_all_figures(self):
        run = write_run(self.folder / "cube.run", (50, 40, 30))
        result = plot(run)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assert_drawn(run, ALL)

    def test_without_a_truth_there_is_no_error_figure(self):
        run = write_run(self.folder / "field.run", truth=False)
        result = plot(run)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assert_drawn(run, ALL - {"errors"})

    def test_an_interrupted_run_gives_what_it_has_and_says_what_is_missing(self):
        run = write_run(self.folder / "interrupted.run")
        (run / "metrics.json").unlink()
        gathers = (run / "gathers.h5").read_bytes()
        (run / "gathers.h5").write_bytes(gathers[:len(gathers) // 3])
        history = (run / "history.csv").read_text()
        (run / "history.csv").write_text(history[:-25])
        with h5py.File(run / "models.h5", "a") as file:
            del file["model"]
        result = plot(run)
        self.assertEqual(result.returncode, 0)
        self.assert_drawn(run, ALL - {"gathers", "acquisition", "images", "divergence"})
        for said in ("gathers.h5 cannot be read", "metrics.json is missing", "line 13 is incomplete", "after stage 2"):
            self.assertIn(said, result.stderr)

    def test_several_runs_give_one_comparison(self):
        runs = [write_run(self.folder / f"weight={weight}.run") for weight in (0.1, 1, 10)]
        result = plot(*runs)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assert_picture(self.folder / "comparison.png")
        self.assertFalse((runs[0] / "figures").exists())

    def test_runs_that_differ_in_one_option_give_what_they_trade_too(self):
        runs = [write_run(self.folder / f"weight={weight}.run") for weight in (0.1, 1, 10)]
        result = plot("--tradeoff", *runs)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assert_picture(self.folder / "tradeoff.png")

    def test_without_a_truth_they_trade_misfit_against_the_regularizer(self):
        runs = [write_run(self.folder / f"weight={weight}.run", truth=False) for weight in (0.1, 1)]
        for value, run in enumerate(runs):
            path = run / "metrics.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | {"regularizer": {"weight": 1, "value": value}}))
        result = plot("--tradeoff", *runs)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assert_picture(self.folder / "tradeoff.png")

    def write_training(self, name):
        training = self.folder / name
        training.mkdir()
        parts = ("residual", "edge", "normal", "confidence")
        names = [f"{kind}{part}" for kind in ("training", "validation") for part in ("", *(f"_{p}" for p in parts))]
        (training / "learning.csv").write_text(
            ",".join(["epoch", *names]) + "\n" +
            "".join(f"{epoch}," + ",".join(f"{1 / epoch:.3f}" for _ in names) + "\n" for epoch in range(1, 9)))
        (training / "reliability.csv").write_text(
            "head,corrected,cells,probability,share\n" +
            "".join(f"{head},{corrected},{100 * bin},{0.1 * bin:.2f},{0.09 * bin:.2f}\n"
                    for head in ("edge", "confidence") for corrected in (0, 1) for bin in range(10)))
        return training

    def test_several_trainings_are_compared_by_their_loss(self):
        result = plot(self.write_training("batch=4"), self.write_training("batch=8"))
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assert_picture(self.folder / "comparison.png")

    def test_a_training_gives_learning_curves_and_reliability(self):
        training = self.write_training("training")
        result = plot(training, dpi=200)
        self.assertEqual(result.returncode, 0, result.stderr)
        for name in ("learning", "reliability"):
            self.assert_picture(training / "figures" / f"{name}.png")
        (training / "reliability.csv").unlink()
        self.assertIn("reliability", plot(training).stderr)

    def test_a_folder_that_is_no_run_gives_exit_code_2(self):
        (self.folder / "case.yaml").write_text("name: a case, not a run\n")
        for folder in (self.folder, self.folder / "nowhere"):
            result = plot(folder)
            self.assertEqual(result.returncode, 2)
            self.assertIn(str(folder), result.stderr)
            self.assertNotIn("Traceback", result.stderr)

    def test_a_run_with_nothing_to_draw_gives_exit_code_1(self):
        (self.folder / "status.json").write_text("{}")
        result = plot(self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("models.h5 is missing", result.stderr)

    def test_interpolation_between_grids_is_exact_for_linear_models(self):
        def ramp(size, spacing):
            x, _, z = np.meshgrid(*(np.arange(n) * spacing for n in size), indexing="ij")
            return Volume(1500 + 0.5 * z + 0.1 * x, np.zeros(3), np.full(3, spacing))

        coarse, fine = ramp((7, 1, 5), 20.), ramp((25, 1, 17), 5.)
        np.testing.assert_allclose(coarse.on_grid_of(fine), fine.vp, rtol=1e-12)


if __name__ == "__main__":
    unittest.main()
