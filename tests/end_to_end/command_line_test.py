#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Each command does what it says, and the files it leaves say what they should."""

import json
import re
import unittest
import xml.etree.ElementTree

import h5py
import numpy as np
import yaml

from harness import ROWS, SMALL_CASE, EndToEnd, changed, datasets, hashes, history, metrics, status

# A case of its own: neither truth nor survey, but files with a start and with data.
FIELD_CASE = """\
start: {file: start.h5}
data: {file: records/gathers.h5}
inversion:
  bounds: {min: 1400, max: 4200}
  stages:
    - {max_frequency: 4, iterations: 2}
"""
WITHOUT_NOISE = (", noise_snr: 30", "")


def paths_of(options, above=""):
    """The keys of a resolved case, with those around them."""
    for key, value in options.items():
        yield above + key
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield from paths_of(inner, above + key + ".")


def paths_in_manual(manual):
    """What `explain` explains: a key is indented by two for each section around it."""
    around, found = [], set()
    for line in manual.splitlines():
        key = re.match(r"((?:  )*)(\w+):(?: .*\)$| .* \(text, one of: [^)]*$|$)", line)  # may be wrapped
        if key and len(key[1]) // 2 <= len(around):
            around[len(key[1]) // 2:] = [key[2]]
            found.add(".".join(around))
    return found


class Explain(EndToEnd):
    def test_every_option_of_a_run_is_explained(self):
        self.succeed("simulate", self.write_case(), "--out", "data")
        options = list(paths_of(yaml.safe_load((self.folder / "data" / "case.yaml").read_text())))
        self.assertGreater(len(options), 80)
        explained = paths_in_manual(self.succeed("explain").stdout)
        self.assertEqual([option for option in options if option not in explained], [])

    def test_a_section_can_be_explained_alone(self):
        manual = self.succeed("explain", "inversion.stages").stdout
        for words in ("max_frequency: required (number in Hz", "tolerance:", "list of sections"):
            self.assertIn(words, manual)
        self.assertNotIn("bounds", manual)


class Check(EndToEnd):
    def test_a_sound_case_is_approved_with_its_cost(self):
        result = self.succeed("check", self.write_case())
        for words in ("velocities", "points per wavelength", "absorbing layer", "memory", "0 errors, 1 warning",
                      "a rank, about"):
            self.assertIn(words, result.stdout)
        self.assertEqual(list(hashes(self.folder)), ["small.yaml"])

    def test_a_case_in_a_folder_is_found(self):
        (self.folder / "layers").mkdir()
        self.write_case(name="layers/case.yaml")
        self.succeed("check", "layers")

    def test_an_error_is_in_the_table_and_in_the_exit_code(self):
        result = self.fathom("check", self.write_case(), "--set", "survey.sources.last=[1300, 20]")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stdout, r"(?m)^error +sources +survey\.sources\.last: 1 of 4 sources")
        self.assertIn("1 error, 1 warning", result.stdout)

    def test_the_gradient_is_exact(self):
        result = self.succeed("check", self.write_case(), "--gradient")
        for words in ("<F w, d> = <w, F^T d>", "<J dm, d> = <dm, J^T d>", "Taylor remainder", "0 errors, 0 warnings"):
            self.assertIn(words, result.stdout)


class Convert(EndToEnd):
    def test_models_survive_the_way_to_hdf5_and_back(self):
        values = np.random.default_rng(1).uniform(1500, 4500, (23, 1, 17)).astype("<f4")
        (self.folder / "a.f32").write_bytes(values.tobytes())
        (self.folder / "a.json").write_text(json.dumps(
            {"nx": 23, "nz": 17, "dx": 12.5, "dz": 10, "origin": [100, 0, 50], "value_units": "m/s"}))
        self.succeed("convert", "a.f32", "b.h5")
        with h5py.File(self.folder / "b.h5") as file:
            vp = file["model/vp"]
            np.testing.assert_array_equal(vp[()], values)
            self.assertEqual(list(vp.attrs["origin"]), [100, 0, 50])
            self.assertEqual([vp.attrs["spacing"][0], vp.attrs["spacing"][2]], [12.5, 10])
        self.succeed("convert", "b.h5", "c.f32")
        self.assertEqual((self.folder / "c.f32").read_bytes(), values.tobytes())
        sidecar = json.loads((self.folder / "c.json").read_text())
        self.assertEqual([sidecar[key] for key in ("nx", "ny", "nz", "dx", "dz", "origin")],
                         [23, 1, 17, 12.5, 10, [100, 0, 50]])

    def test_unknown_formats_are_refused(self):
        self.succeed("simulate", self.write_case(), "--out", "data")
        for names in (("data/model.h5", "model.png"), ("small.yaml", "model.h5"), ("nowhere.h5", "model.h5")):
            with self.subTest(names=names):
                result = self.fathom("convert", *names)
                self.assertEqual(result.returncode, 2)
                self.assertIn("remedy:", result.stderr)
                self.assertFalse((self.folder / names[1]).exists())


class Simulate(EndToEnd):
    """Records of one case, inverted by another that knows nothing but files."""

    def setUp(self):
        super().setUp()
        (self.folder / "field").mkdir()
        self.truth_case = self.write_case(changed(SMALL_CASE, WITHOUT_NOISE))
        self.succeed("simulate", self.truth_case, "--out", "field/records")
        self.gathers = self.folder / "field" / "records" / "gathers.h5"
        self.succeed("invert", self.truth_case, "--out", "start",
                     "--set", "inversion.stages=[{max_frequency: 4, iterations: 0}]")
        self.succeed("convert", "start/models.h5", "field/start.h5")
        self.field_case = self.write_case(FIELD_CASE, "field/field.yaml")

    def test_the_records_are_complete(self):
        with h5py.File(self.gathers) as file:
            self.assertEqual(sorted(file["shots"]), ["0000", "0001", "0002", "0003"])
            self.assertEqual(file["wavelet"].shape, (201,))
            for number, shot in enumerate(file["shots"].values()):
                self.assertEqual(shot["data"].shape, (30, 201))
                self.assertEqual([shot["data"].attrs[key] for key in ("dt", "t0")], [0.004, 0])
                self.assertGreater(np.abs(shot["data"][()]).max(), 0)
                np.testing.assert_allclose(shot["source"][()].ravel(), [100 + number * 1000 / 3, 0, 20])
                self.assertEqual(shot["receivers"].shape, (30, 3))

    def test_they_are_inverted_like_the_case_they_come_from(self):
        self.succeed("invert", self.field_case, "--out", "run")
        self.succeed("invert", self.truth_case, "--out", "same", "--set",
                     "inversion.stages=[{max_frequency: 4, iterations: 2}]", "--set", "inversion.regularizer=false",
                     "--set", "inversion.bounds={min: 1400, max: 4200}")
        for row, other in zip(history(self.folder / "run"), history(self.folder / "same"), strict=True):
            np.testing.assert_allclose(float(row["misfit"]), float(other["misfit"]), rtol=1e-4)
            self.assertEqual((row["model_relative_l2"], row["model_rmse_m_s"]), ("", ""))
        self.assertNotIn("model", metrics(self.folder / "run"))
        self.assertNotIn("true/vp", datasets(self.folder / "run" / "models.h5"))
        self.assertLess(metrics(self.folder / "run")["data_misfit"]["final"],
                        metrics(self.folder / "run")["data_misfit"]["initial"])

    def test_shots_may_be_left_out(self):
        with h5py.File(self.gathers, "a") as file:
            del file["shots/0001"]
        result = self.succeed("invert", self.field_case, "--out", "run")
        self.assertIn("3 shots", result.stdout)
        with h5py.File(self.folder / "run" / "gathers.h5") as file:
            self.assertEqual(sorted(file["shots"]), ["0000", "0002", "0003"])

    def test_records_that_do_not_fit_are_refused(self):
        with h5py.File(self.gathers, "a") as file:
            traces = file["shots/0002/data"][()]
            traces[3, 7] = np.nan
            file["shots/0002/data"][()] = traces
        result = self.fathom("invert", self.field_case, "--out", "run")
        self.assertEqual(result.returncode, 2, result.stderr)
        for words in ("field.yaml:2: data.file", "/shots/0002/data is nan at receiver 3, sample 7", "remedy:"):
            self.assertIn(words, result.stderr)
        self.assertFalse((self.folder / "run").exists())

    def test_the_resolved_case_means_the_same_in_the_run_folder(self):
        self.succeed("invert", self.field_case, "--out", "first/field")
        self.succeed("invert", "first/field", "--out", "second/field")
        self.assert_same_results(self.folder / "first" / "field", self.folder / "second" / "field")


class RunFolder(EndToEnd):
    def test_a_run_leaves_what_the_manual_promises(self):
        self.succeed("invert", self.write_case())
        run = self.folder / "runs" / "small"
        files = {"case.yaml", "status.json", "history.csv", "metrics.json", "models.h5", "models.xdmf", "gathers.h5",
                 "checkpoint.h5", "log.txt"}
        self.assertEqual(set(hashes(run)), files)
        self.check_status(status(run))
        self.check_metrics(json.loads((run / "metrics.json").read_text()))
        self.check_history(history(run))
        self.check_models(run)
        self.assertIn("stage 2 ended after 4 iterations", (run / "log.txt").read_text())

        self.succeed("invert", run, "--out", "again/small")
        self.assert_same_results(self.folder / "again" / "small", run)

        self.succeed("plot", run)
        self.assertEqual({path.stem for path in (run / "figures").glob("*.png")},
                         {"models", "errors", "profiles", "gathers", "convergence", "acquisition"})
        before = (run / "figures/models.png").read_bytes()
        self.succeed("plot", "--shot", "0", run, "--dpi", "60")
        self.assertLess((run / "figures/models.png").stat().st_size, len(before))
        self.succeed("plot", run, "again/small")

    def check_status(self, told):
        expected = {"state": "done", "stage": 2, "stages": 2, "iteration": 4, "iterations": 4, "progress": 1, "eta_s": 0}
        self.assertEqual({key: told[key] for key in expected}, expected)
        for key in ("misfit", "pde_solves", "elapsed_s"):
            self.assertGreater(told[key], 0, key)

    def check_metrics(self, told):
        self.assertEqual((told["case"], told["state"], told["ranks"]), ("small", "done", 1))
        self.assertEqual([told["guide"][fate] for fate in ("accepted", "rejected", "abstained", "pde_solves")], [0] * 4)
        for key in ("pde_solves", "cell_steps", "wall_s", "regularizer_s"):
            self.assertGreater(told[key], 0, key)
        self.assertLess(told["regularizer_s"], 0.5 * told["wall_s"])
        self.assertLess(told["guide_s"], 0.01)
        falling = [told["data_misfit"]]
        for name in ("relative_l2", "rmse_m_s", "mae_m_s"):
            falling += [told["model"][name], told["model"][name + "_all"]]
        for pair in falling:
            self.assertLess(pair["final"], pair["initial"])
        for name in ("ssim", "ssim_all"):
            self.assertLess(told["model"][name]["initial"], told["model"][name]["final"])
        self.assertEqual([stage["iterations"] for stage in told["stages"]], [3, 4])

    def check_history(self, rows):
        self.assertEqual(len(rows), ROWS)
        self.assertEqual(list(rows[0]), ["stage", "iteration", "pde_solves", "misfit", "regularization", "objective",
                                         "gradient_norm", "step", "evaluations", "model_relative_l2",
                                         "model_rmse_m_s", "half_jeffreys", "jensen_shannon", "orientation"])
        self.assertEqual([int(row["iteration"]) for row in rows], [0, 1, 2, 3, 0, 1, 2, 3, 4])
        # No cell is further than a wavelength and a half from sources and receivers: no window, no divergence.
        self.assertEqual({row["jensen_shannon"] for row in rows}, {""})
        for row in rows:
            self.assertAlmostEqual(float(row["objective"]) / (float(row["misfit"]) + float(row["regularization"])), 1)

    def check_models(self, run):
        with h5py.File(run / "models.h5") as file:
            for group in ("true", "start", "model", "stages/00", "stages/01"):
                vp = file[group]["vp"]
                self.assertEqual(vp.shape, (61, 1, 31), group)
                self.assertEqual((vp.attrs["units"], vp.attrs["axes"]), (b"m/s", b"x,y,z"), group)
            self.assertEqual(file["stages/01/vp"][()].tobytes(), file["model/vp"][()].tobytes())
        sidecar = xml.etree.ElementTree.parse(run / "models.xdmf").getroot()
        self.assertTrue(all(item.text.strip().startswith("models.h5:/") for item in sidecar.iter("DataItem")
                            if item.get("Format") == "HDF"))

    def test_overrides_are_in_the_resolved_case(self):
        self.succeed("invert", self.write_case(), "--out", "run", "--set", "title='another one'",
                     "--set", "survey.sources.count=2", "--set", "inversion.stages=[{max_frequency: 5, iterations: 1}]")
        resolved = yaml.safe_load((self.folder / "run" / "case.yaml").read_text())
        self.assertEqual((resolved["title"], resolved["survey"]["sources"]["count"]), ("another one", 2))
        self.assertEqual([stage["iterations"] for stage in resolved["inversion"]["stages"]], [1])
        self.assertEqual(len(history(self.folder / "run")), 2)


if __name__ == "__main__":
    unittest.main()
