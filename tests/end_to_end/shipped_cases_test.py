#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""A case of the repository reaches on two ranks what its expected.yaml says.

    shipped_cases_test.py NAME             all of it, against cases/NAME/expected.yaml
    shipped_cases_test.py NAME --briefly   an iteration or two with two shots of half the time, for cases that take longer

expected.yaml has, by the names in metrics.json:

    falls: {data_misfit: 0.95}                     1 - final / initial, at least
    final: {model.ssim_all: {min: 0.7, max: 1}}    bounds of the final value
    at_most: {pde_solves: 3000}                    of values that have no beginning

Without the case's data the exit code is 77, which CTest takes for a skipped test.
"""

import json
import sys
import unittest

import yaml

from harness import SOURCE, EndToEnd, history

SKIPPED = 77


def read_metrics(run):
    return json.loads((run / "metrics.json").read_text())


def shortfalls(expected, reached):
    """What was not reached, in words; with everything that was expected, reached or not."""
    def value(name):
        found = reached
        for part in name.split("."):
            found = found[part]
        return found

    checks = []
    for name, least in expected.pop("falls", {}).items():
        fall = 1 - value(name)["final"] / value(name)["initial"]
        checks.append((fall >= least, f"{name} falls by {fall:.4g}, at least {least} is expected"))
    for name, bounds in expected.pop("final", {}).items():
        final = value(name)["final"]
        if not bounds or set(bounds) - {"min", "max"}:
            raise ValueError(f"expected.yaml: final: {name}: give min, max or both, not {bounds}")
        good = bounds.get("min", final) <= final <= bounds.get("max", final)
        checks.append((good, f"{name} ends at {final:.6g}, expected is {bounds}"))
    for name, most in expected.pop("at_most", {}).items():
        checks.append((value(name) <= most, f"{name} is {value(name):.6g}, at most {most} is expected"))
    if expected or not checks:
        raise ValueError(f"expected.yaml has unknown keys {list(expected)}, or expects nothing")
    return [words for good, words in checks if not good], [words for _, words in checks]


class ShippedCase(EndToEnd):
    name = ""
    longest = 3300  # less than CTest waits: the ranks are ended with it

    def setUp(self):
        super().setUp()
        self.case = SOURCE / "cases" / self.name
        result = self.fathom("check", self.case)
        if result.returncode == 2 and "there is no data set" in result.stderr:
            self.skipTest("its data is absent: " + result.stderr)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_it_reaches_what_it_promises(self):
        expected = yaml.safe_load((self.case / "expected.yaml").read_text())
        run = self.folder / self.name
        self.succeed("invert", self.case, "--out", run, ranks=2)
        reached = read_metrics(run)
        self.assertEqual(reached["state"], "done")
        missed, all_checks = shortfalls(expected, reached)
        print("\n".join([f"{self.name}: {reached['pde_solves']} PDE solves, {reached['wall_s']:.0f} s"] + all_checks))
        self.assertEqual(missed, [])


class ShippedCaseBriefly(ShippedCase):
    def test_it_reaches_what_it_promises(self):
        case = yaml.safe_load((self.case / "case.yaml").read_text())
        stage = case["inversion"]["stages"][0]
        run = self.folder / self.name
        # A stochastic method says what it sees before its step.
        stochastic = case["inversion"].get("optimizer", {}).get("method") == "adam"
        stages = json.dumps([stage | {"iterations": 2 if stochastic else 1}])
        self.succeed("invert", self.case, "--out", run, "--set", f"inversion.stages={stages}",
                     "--set", f"survey.duration={case['survey']['duration'] / 2}",
                     "--set", "survey.sources.count=2", "--set", "survey.sources.lines=1", "--set", "inversion.divergence=false", ranks=2)
        start, *_, end = (float(row["objective"]) for row in history(run))
        self.assertLess(end, start)
        shortfalls(yaml.safe_load((self.case / "expected.yaml").read_text()), read_metrics(run))  # can be judged


class Expectations(unittest.TestCase):
    """What shortfalls() finds, on figures made up."""

    REACHED = {"pde_solves": 1200, "data_misfit": {"initial": 1, "final": 0.1},
               "model": {"ssim_all": {"initial": 0.5, "final": 0.8}}}

    def test_what_is_reached_is_let_pass(self):
        missed, checks = shortfalls({"falls": {"data_misfit": 0.89}, "at_most": {"pde_solves": 1200},
                                     "final": {"model.ssim_all": {"min": 0.7, "max": 0.8}}}, self.REACHED)
        self.assertEqual((missed, len(checks)), ([], 3))

    def test_what_is_missed_is_found(self):
        for expected in ({"falls": {"data_misfit": 0.91}}, {"at_most": {"pde_solves": 1199}},
                         {"final": {"model.ssim_all": {"min": 0.81}}}, {"final": {"model.ssim_all": {"max": 0.79}}}):
            with self.subTest(expected=expected):
                self.assertEqual(len(shortfalls(expected, self.REACHED)[0]), 1)

    def test_nonsense_is_an_error(self):
        for expected in ({}, {"rises": {"data_misfit": 1}}, {"final": {"model.ssim_all": {"least": 0.7}}},
                         {"falls": {"model.ssim": 0.1}}, {"final": {"model.ssim_all": {}}}):
            with self.subTest(expected=expected), self.assertRaises((ValueError, KeyError)):
                shortfalls(expected, self.REACHED)


def main(arguments):
    briefly = "--briefly" in arguments
    names = [argument for argument in arguments if argument != "--briefly"]
    if len(names) != 1:
        sys.exit(__doc__)
    case = ShippedCaseBriefly if briefly else ShippedCase
    case.name = names[0]
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite([load(Expectations), load(case)]))
    sys.exit(1 if not result.wasSuccessful() else SKIPPED if result.skipped else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
