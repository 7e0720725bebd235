#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""cases/reproduce: a plan's runs, each once; its table and figures; and the shipped plans' cases, which check accepts."""

import csv
import subprocess
import sys
import unittest

import yaml

from harness import PROGRAM, SOURCE, EndToEnd, changed, environment

FOLDER = SOURCE / "cases" / "reproduce"
PLAN = """\
seeds: [1, 2]
common:
  data: {simulate: {order: 8, noise_snr: 30}}
  physics: {boundary: {width: 10}}
benchmarks:
  small:
    title: A small earth
    case:
      truth: {generate: {kind: quickstart, width: 1200, depth: 600, spacing: 20}}
      survey:
        sources: {first: [100, 20], last: [1100, 20], count: 4}
        receivers: {first: [20, 20], last: [1180, 20], count: 30}
        wavelet: {frequency: 6}
        duration: 0.8
        sampling: 0.004
      data: {simulate: {spacing: 20}}
    starts: {linear: {start: {linear: {top: 1700, bottom: 3000}}}}
    bands: {edges: [4, 6], passes: [2, 2], spacings: [40, 20]}
methods:
  quasi_newton: {}
  stochastic: {inversion: {optimizer: {method: adam, adam: {batch: 2, step: 20}}}}
  total_variation: {inversion: {regularizer: {kind: total_variation, weight: 0.01}}}
"""
SHIPPED = """\
common: {data: {simulate: {noise_snr: 30}}}
benchmarks:
  own: {title: Quickstart, shipped: quickstart, passes: [2], starts: {linear: {}}}
"""


class Reproduce(EndToEnd):
    def reproduce(self, *arguments):
        command = [sys.executable, FOLDER / "reproduce.py", "--fathom", PROGRAM, "--ranks", "1", *arguments]
        return subprocess.run(list(map(str, command)), cwd=self.folder, env=environment(self.folder),
                              capture_output=True, text=True, check=False)

    def rows(self):
        with open(self.folder / "runs/reproduce/results.csv", newline="") as file:
            return list(csv.DictReader(file))

    def test_runs_what_is_left_and_sums_it_up(self):
        plan = self.folder / "plan.yaml"
        plan.write_text(PLAN)
        first = self.reproduce("--plan", plan, "--seed", "1", "--method", "quasi_newton,stochastic")
        self.assertEqual(first.returncode, 0, first.stdout + first.stderr)
        self.assertEqual([row["method"] for row in self.rows()], ["quasi_newton", "stochastic"])
        rest = self.reproduce("--plan", plan)
        self.assertEqual(rest.returncode, 0, rest.stdout + rest.stderr)
        self.assertIn("6 runs, 2 of them done", rest.stdout)
        rows = self.rows()
        self.assertEqual(len(rows), 6)
        limit = yaml.safe_load((self.folder / "runs/reproduce/small-linear-quasi_newton-1.yaml").read_text())
        for row in rows:
            self.assertLess(float(row["rmse_m_s"]), float(row["rmse_start_m_s"]), row)
            self.assertLess(float(row["misfit_share"]), 1, row)
            self.assertLessEqual(int(row["pde_solves"]), limit["inversion"]["max_solves"], row)
        # Noise and shots of another seed give another model.
        self.assertEqual(len({row["rmse_m_s"] for row in rows}), 6)
        table = (self.folder / "runs/reproduce/table.md").read_text()
        best = min(("quasi_newton", "stochastic"),
                   key=lambda method: sum(float(row["rmse_m_s"]) for row in rows if row["method"] == method))
        self.assertIn({"quasi_newton": "**quasi-Newton** | 2 |", "stochastic": "**stochastic** | 2 |"}[best], table)
        self.assertGreater((self.folder / "runs/reproduce/models-linear.png").stat().st_size, 5000)

        plan.write_text(changed(PLAN, ("noise_snr: 30", "noise_snr: 20")))
        other = self.reproduce("--plan", plan)
        self.assertNotEqual(other.returncode, 0)
        self.assertIn("another plan", other.stderr)

    def test_a_stochastic_run_of_a_shipped_case_gets_what_quasi_newton_took(self):
        plan = self.folder / "plan.yaml"
        plan.write_text(changed(PLAN, (PLAN[PLAN.index("common:"):PLAN.index("methods:")], SHIPPED)))
        early = self.reproduce("--plan", plan, "--seed", "1", "--method", "stochastic")
        self.assertNotEqual(early.returncode, 0)
        self.assertIn("run that first", early.stderr)
        both = self.reproduce("--plan", plan, "--seed", "1", "--method", "quasi_newton,stochastic")
        self.assertEqual(both.returncode, 0, both.stdout + both.stderr)
        newton, stochastic = self.rows()
        self.assertEqual([newton["method"], stochastic["method"]], ["quasi_newton", "stochastic"])
        self.assertLessEqual(int(stochastic["pde_solves"]), int(newton["pde_solves"]))
        self.assertGreater(int(stochastic["pde_solves"]), 0.8 * int(newton["pde_solves"]))
        case = yaml.safe_load((self.folder / "runs/reproduce/own-linear-stochastic-1.yaml").read_text())
        self.assertEqual([stage["max_frequency"] for stage in case["inversion"]["stages"]], [4])

    def test_the_shipped_plans_are_sound(self):
        sys.path.insert(0, str(FOLDER))
        from reproduce import case_of
        plans = sorted(FOLDER.glob("*.yaml"))
        self.assertGreaterEqual(len(plans), 3)
        for path in plans:
            plan = yaml.safe_load(path.read_text())
            for benchmark, known in plan["benchmarks"].items():
                for start in known["starts"]:
                    text = yaml.safe_dump(case_of(plan, benchmark, start, "stochastic", 1))
                    if "file:" in text and not (SOURCE.parent / "shared" / "data").is_dir():
                        continue
                    case = self.folder / f"{benchmark}-{start}.yaml"
                    case.write_text(text)
                    result = self.fathom("check", case)
                    said = f"{path.name}, {benchmark}, {start}\n{result.stdout}{result.stderr}"
                    self.assertEqual(result.returncode, 0, said)


if __name__ == "__main__":
    unittest.main()
