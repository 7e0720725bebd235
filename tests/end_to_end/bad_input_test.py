#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Mistakes of the user's: found before anything is written, with their place and what to change."""

import json
import unittest
from pathlib import Path

import numpy as np

from harness import SMALL_CASE, EndToEnd, changed, hashes


def line_of(text, words):
    """Its number in the text, which has it once."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if words in line]
    if len(found) != 1:
        raise ValueError(f"{words!r} is in {len(found)} lines")
    return found[0]


def write_raw(folder, name, slowest, fastest, size=(61, 31)):
    """A raw model whose velocity increases with depth."""
    values = np.broadcast_to(np.linspace(slowest, fastest, size[1], dtype="<f4"), size)
    (folder / f"{name}.f32").write_bytes(values.tobytes())
    (folder / f"{name}.json").write_text(json.dumps({"nx": size[0], "nz": size[1], "dx": 20, "dz": 20}))


class BadInput(EndToEnd):
    def refuse(self, *arguments, **options):
        """The words of a command that fails for a mistake of the user's, and writes nothing."""
        before = hashes(self.folder)
        result = self.fathom(*arguments, **options)
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertEqual(hashes(self.folder), before, "something was written")
        return result.stderr

    def assert_refused(self, text, line, key, value, *words):
        """With file, line, key, value and remedy."""
        case = self.write_case(text)
        place = f"{case}:{line_of(text, line)}: {key}: {value}: "
        for arguments in (["invert", case, "--out", self.folder / "run"], ["check", case]):
            errors = self.refuse(*arguments)
            self.assertIn(place, errors)
            told = errors.split(place)[1].split(f"\n{case}:")[0]
            self.assertEqual(told.count("remedy:"), 1, errors)
            for expected in ("\n  remedy: ", *words):
                self.assertIn(expected, told)

    def assert_change_refused(self, old, new, key, value, *words):
        self.assert_refused(changed(SMALL_CASE, (old, new)), new, key, value, *words)


class Values(BadInput):
    def test_an_unknown_key_is_refused_with_a_suggestion(self):
        self.assert_change_refused("sampling: 0.004", "samplin: 0.004", "survey.samplin", "0.004",
                                   "unknown key", 'did you mean "sampling"?')

    def test_a_value_of_the_wrong_type_is_refused(self):
        self.assert_change_refused("count: 30", "count: many", "survey.receivers.count", "many",
                                   "a whole number is expected")

    def test_a_value_out_of_range_is_refused(self):
        self.assert_change_refused("duration: 0.8", "duration: -0.8", "survey.duration", "-0.8", "0.001 to 1000")

    def test_an_unknown_choice_is_refused_with_a_suggestion(self):
        self.assert_change_refused("{weight: 0.1}", "{kind: tikonov}", "inversion.regularizer.kind", "tikonov",
                                   'did you mean "tikhonov"?')

    def test_a_missing_value_is_refused(self):
        text = changed(SMALL_CASE, ("{max_frequency: 4, iterations: 3, spacing: 40}", "{iterations: 3}"))
        case = self.write_case(text)
        errors = self.refuse("invert", case)
        self.assertIn(f"{case}:{line_of(text, '{iterations: 3}')}: inversion.stages[0]", errors)
        self.assertIn("max_frequency", errors)

    def test_several_mistakes_are_told_at_once(self):
        case = self.write_case(changed(SMALL_CASE, ("count: 30", "count: many"), ("duration: 0.8", "duration: -0.8")))
        for command in ("invert", "simulate", "check"):  # which do not make their default folders either
            self.assertEqual(self.refuse(command, case).count("remedy:"), 2, command)

    def test_a_mistake_in_an_override_is_told_as_one(self):
        case = self.write_case()
        for setting, words in (("survey.sorces.count=3", 'did you mean "sources"?'),
                               ("survey.sources.count=few", "--set: survey.sources.count: few:"),
                               ("survey", "--set key.path=value"), ("inversion.stages.5.iterations=3", "no item")):
            with self.subTest(setting=setting):
                errors = self.refuse("invert", case, "--set", setting)
                for expected in ("--set", "remedy:", words):
                    self.assertIn(expected, errors)


class Physics(BadInput):
    def test_velocities_that_cannot_be_are_refused(self):
        for velocity in ("1.5", "15000"):
            with self.subTest(velocity=velocity):
                self.assert_change_refused("top: 1700", f"top: {velocity}", "start.linear.top", velocity,
                                           "300 to 9000 m/s")

    def test_a_model_in_km_per_second_is_refused(self):
        write_raw(self.folder, "slow", 1.5, 4.5)
        self.assert_change_refused("linear: {top: 1700, bottom: 3000}", "file: slow", "start.file", "slow", "km/s",
                                   "multiply them by 1000")
        self.assert_change_refused("generate: {kind: quickstart, seed: 1, width: 1200, depth: 600, spacing: 20}",
                                   "file: slow.f32", "truth.file", "slow.f32", "km/s", "multiply them by 1000")

    def test_sources_and_receivers_outside_the_model_are_refused(self):
        self.assert_change_refused("last: [1100, 20]", "last: [1300, 20]", "survey.sources.last", "[1300, 20]",
                                   "1 of 4 sources outside the model", "x = 0 to 1200 m")
        self.assert_change_refused("first: [20, 20]", "first: [20, 800]", "survey.receivers.first", "[20, 800]",
                                   "receivers outside the model", "z = 0 to 600 m")

    def test_too_few_points_per_wavelength_are_refused(self):
        text = changed(SMALL_CASE, ("{frequency: 6}", "{frequency: 12}"), ("max_frequency: 4", "max_frequency: 10"))
        self.assert_refused(text, "max_frequency: 10", "inversion.stages[0].spacing", "40",
                            "3.16 points per wavelength", "inversion.stages[0].spacing at most",
                            "inversion.stages[0].max_frequency at most")

    def test_an_unstable_time_step_is_refused(self):
        text = changed(SMALL_CASE, ("inversion:", "physics: {time_step: 0.02}\ninversion:"))
        self.assert_refused(text, "time_step: 0.02", "physics.time_step", "0.02", "unstable (CFL)")

    def test_a_memory_budget_that_nothing_fits_is_refused(self):
        text = changed(SMALL_CASE, ("inversion:", "physics: {memory_budget: 1.0e+5}\ninversion:"))
        self.assert_refused(text, "memory_budget: 1.0e+5", "physics.memory_budget", "1.0e+5", "100 kB are not enough",
                            "raise it to ")

    def test_a_start_beyond_the_bounds_is_refused(self):
        self.assert_change_refused("regularizer: {weight: 0.1}", "bounds: {max: 2500}", "inversion.bounds.max", "2500",
                                   "lie above the bounds", "3000 m/s")

    def test_a_survey_on_the_free_surface_is_refused(self):
        text = changed(SMALL_CASE, ("first: [20, 20], last: [1180, 20]", "first: [20, 0], last: [1180, 0]"),
                       ("inversion:", "physics: {boundary: {free_surface: true}}\ninversion:"))
        self.assert_refused(text, "first: [20, 0]", "survey.receivers.first", "[20, 0]", "free surface")


class Files(BadInput):
    def test_missing_data_is_refused(self):
        self.assert_change_refused("simulate: {spacing: 20, noise_snr: 30}", "file: nowhere.h5", "data.file",
                                   "nowhere.h5", 'no data set "nowhere.h5"', "--data", "FATHOM_DATA")

    def test_missing_models_are_refused(self):
        self.assert_change_refused("linear: {top: 1700, bottom: 3000}", "file: nowhere", "start.file", "nowhere",
                                   'no data set "nowhere"', "--data")
        self.assert_change_refused("generate: {kind: quickstart, seed: 1, width: 1200, depth: 600, spacing: 20}",
                                   "file: marmousi2/vp_19m", "truth.file", "marmousi2/vp_19m", "wiki.seg.org")
        self.assert_change_refused("spacing: 20, noise_snr: 30", "model: {file: nowhere.h5}", "data.simulate.model",
                                   "{file: nowhere.h5}", 'no data set "nowhere.h5"')

    def test_a_missing_start_is_refused(self):
        text = changed(SMALL_CASE, ("start:\n  linear: {top: 1700, bottom: 3000}\n", "start: {}\n"))
        self.assert_refused(text, "start: {}", "start", "{}", "no start model is given", "file, linear and blur")

    def test_a_raw_model_of_the_wrong_size_is_refused(self):
        write_raw(self.folder, "short", 1700, 3000)
        (self.folder / "short.f32").write_bytes((self.folder / "short.f32").read_bytes()[:-4])
        self.assert_change_refused("linear: {top: 1700, bottom: 3000}", "file: short", "start.file", "short",
                                   f"has {61 * 31 * 4 - 4} bytes", "61 x 1 x 31")

    def test_a_case_that_is_not_yaml_is_refused(self):
        for old, new, where in (("linear: {top: 1700, bottom: 3000}", "linear: {top: 1700, bottom: 3000", "survey:"),
                                ("  duration: 0.8", "\tduration: 0.8", "\tduration: 0.8")):
            with self.subTest(new=new):
                text = changed(SMALL_CASE, (old, new))
                case = self.write_case(text)
                errors = self.refuse("invert", case)
                self.assertIn(f"{case}:{line_of(text, where)}: ", errors)
                self.assertIn("this is not YAML", errors)
                self.assertIn("remedy:", errors)

    def test_a_missing_case_is_refused(self):
        self.write_case(name="marmousi.yaml")
        self.assertIn('did you mean "marmousi.yaml"?', self.refuse("invert", "marmuosi.yaml"))
        self.assertIn("nowhere", self.refuse("check", Path("nowhere")))

    def test_a_run_folder_that_is_a_file_is_refused(self):
        (self.folder / "taken").write_text("a file\n")
        errors = self.refuse("invert", self.write_case(), "--out", self.folder / "taken")
        self.assertIn("is a file", errors)
        self.assertIn("--out", errors)


class CommandLine(BadInput):
    def test_unknown_commands_and_options_are_refused(self):
        for arguments, words in (([], "--help"), (["invret"], 'did you mean "invert"?'), (["invert"], "CASE"),
                                 (["invert", "small.yaml", "--resme"], "--resme"), (["--fast"], "--help"),
                                 (["check", "small.yaml", "--set"], "--set"), (["convert", "model.h5"], "OUT"),
                                 (["plot"], "RUN"), (["explain", "inversion.stags"], "inversion.stages")):
            with self.subTest(arguments=arguments):
                self.assertIn(words, self.refuse(*arguments))

    def test_help_and_version_succeed(self):
        self.assertRegex(self.succeed("--version").stdout, r"^\d+\.\d+\.\d+\n$")
        for command in ("invert", "simulate", "check", "plot", "convert", "explain"):
            self.assertIn(command, self.succeed("--help").stdout)
            self.assertIn("Usage:", self.succeed(command, "--help").stdout)


if __name__ == "__main__":
    unittest.main()
