# SPDX-License-Identifier: BSD-3-Clause
"""Runs the program that FATHOM_PROGRAM names as a user does, in folders that are removed afterwards."""

import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py
import numpy as np

SOURCE = Path(__file__).resolve().parents[2]
PROGRAM = os.path.abspath(os.environ.get("FATHOM_PROGRAM", "fathom"))
if not os.access(PROGRAM, os.X_OK):
    sys.exit(f"there is no program {PROGRAM}: set FATHOM_PROGRAM to the one to test")


def changed(text, *changes):
    """The text with each (old, new) replaced; each old is there exactly once."""
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} occurs {text.count(old)} times")
        text = text.replace(old, new)
    return text


# 61 x 31 cells, four shots, two stages; the first on a coarser grid, with noise and a regularizer: all that a
# checkpoint has to carry.
SMALL_CASE = """\
title: a small case
truth:
  generate: {kind: quickstart, seed: 1, width: 1200, depth: 600, spacing: 20}
start:
  linear: {top: 1700, bottom: 3000}
survey:
  sources:   {first: [100, 20], last: [1100, 20], count: 4}
  receivers: {first: [20, 20], last: [1180, 20], count: 30}
  wavelet:   {frequency: 6}
  duration: 0.8
  sampling: 0.004
data:
  simulate: {spacing: 20, noise_snr: 30}
inversion:
  regularizer: {weight: 0.1}
  stages:
    - {max_frequency: 4, iterations: 3, spacing: 40}
    - {max_frequency: 6, iterations: 4}
"""
# The same with absorbing layers that check warns of, for tests that invert it again and again.
QUICK_CASE = SMALL_CASE.replace("inversion:", "physics: {boundary: {width: 10}}\ninversion:")
# That with steering, a guidance and dual fields to carry as well, and kinks in the second stage.
STEERED_CASE = QUICK_CASE.replace(
    "regularizer: {weight: 0.1}",
    "regularizer: {kind: total_variation, weight: 0.3, guide: {kind: structure}}").replace(
    "iterations: 4}", "iterations: 4, method: proximal}")
# The same with the stochastic method in the second stage: three of the four shots an iteration at most, no epoch whole,
# and solves for four iterations, over which its step falls.
STOCHASTIC_CASE = changed(
    QUICK_CASE, ("{max_frequency: 6, iterations: 4}", "{max_frequency: 6, iterations: 8, method: adam}"),
    ("  stages:", "  optimizer: {adam: {batch: 3, seed: 5}}\n  max_solves: 120\n  stages:"))
# The same with a guide that proposes a jump and steers (write_guide() makes its file), and is tried before it is taken;
# with hardly any noise, so that a jump to the truth keeps well ahead.
GUARDED_CASE = changed(
    QUICK_CASE, ("count: 4}", "count: 8}"), ("noise_snr: 30", "noise_snr: 80"), (", spacing: 40}", "}"),
    ("regularizer: {weight: 0.1}",
     "regularizer: {weight: 0.01, guide: {kind: given, file: guide.h5}, guards: {mode: on}}"))
ROWS = 9  # of its history: two starts and seven iterations


def write_guide(path, models):
    """A guide whose reference is the true model of a run, with less weight and steering where that is steep."""
    with h5py.File(models, "r") as file:
        truth, grid = file["true/vp"][()].astype(float), dict(file["true/vp"].attrs)
    slope = np.diff(truth, axis=2, append=truth[:, :, -1:])
    edge = np.clip(np.abs(slope) / 100, 0, 1)
    steering = np.stack([0 * edge, 0 * edge, -0.4 * edge * np.sign(slope)], axis=-1)
    with h5py.File(path, "w") as file:
        for name, values in (("theta", 1 - 0.5 * edge), ("p", steering), ("reference", truth)):
            file.create_dataset(f"guide/{name}", data=values).attrs.update(grid)


def environment(scratch):
    """Open MPI as root and with more ranks than cores; what a killed mpirun leaves behind stays in scratch."""
    return dict(os.environ, OMP_NUM_THREADS="1", OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                OMPI_MCA_rmaps_base_oversubscribe="1", OMPI_MCA_hwloc_base_binding_policy="none",
                OMPI_MCA_mpi_yield_when_idle="1", OMPI_MCA_btl_vader_backing_directory=str(scratch),
                OMPI_MCA_orte_tmpdir_base=str(scratch))


def command(arguments, ranks):
    """Without mpirun for one rank: a user without MPI does the same."""
    launcher = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
    return [*launcher, PROGRAM, *map(str, arguments)]


def session_of(process):
    """The living processes of a session: mpirun and its ranks."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[3]) == process.pid and fields[0] != "Z":
            members.append(int(stat.parent.name))
    return members


def ranks_of(process):
    """Of them, those that run the program."""
    program = os.path.realpath(PROGRAM)
    return [member for member in session_of(process) if os.path.realpath(f"/proc/{member}/exe") == program]


def send(members, number):
    for member in members:
        try:
            os.kill(member, number)
        except ProcessLookupError:
            pass


def hashes(folder):
    """Of all files below a folder, by their names; folders have no hash."""
    return {path.relative_to(folder).as_posix():
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
            for path in sorted(folder.rglob("*"))}


def history(run):
    """The rows of history.csv, all but the wall time, as they are written."""
    path = run / "history.csv"
    if not path.exists():
        return []
    with open(path, newline="") as file:
        return [{key: value for key, value in row.items() if key != "wall_s"} for row in csv.DictReader(file)]


def metrics(run):
    values = json.loads((run / "metrics.json").read_text())
    for clock in ("wall_s", "regularizer_s", "guide_s"):
        del values[clock]
    return values


def status(run):
    return json.loads((run / "status.json").read_text())


def datasets(path):
    """All arrays of an HDF5 file, by their names, as bytes."""
    arrays = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            arrays[name] = (item.shape, item.dtype.str, item[()].tobytes())

    with h5py.File(path, "r") as file:
        file.visititems(visit)
    return arrays


class EndToEnd(unittest.TestCase):
    """`self.folder` is empty at the beginning of each test, and the commands run in it."""

    longest = 300  # s, for one command

    def setUp(self):
        self.folder = self.scratch()

    @classmethod
    def scratch(cls):
        folder = Path(tempfile.mkdtemp(prefix="fathom-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def write_case(self, text=SMALL_CASE, name="small.yaml"):
        path = self.folder / name
        path.write_text(text)
        return path

    def start(self, *arguments, ranks=1, **options):
        """Begins a command in a session of its own, so that it can be killed with all its ranks."""
        process = subprocess.Popen(command(arguments, ranks), cwd=self.folder, env=environment(self.scratch()),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   **options)
        self.addCleanup(lambda: send(session_of(process), signal.SIGKILL))
        return process

    def end(self, process):
        """Waits for a command; what it did, as subprocess.run would tell."""
        output, errors = process.communicate(timeout=self.longest)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def fathom(self, *arguments, **options):
        return self.end(self.start(*arguments, **options))

    def succeed(self, *arguments, **options):
        result = self.fathom(*arguments, **options)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result

    def wait_for(self, process, condition):
        """Whether the condition came true while the command ran."""
        limit = time.monotonic() + self.longest
        while process.poll() is None:
            if condition():
                return True
            self.assertLess(time.monotonic(), limit, "the run does not get on")
            time.sleep(0.002)
        return False

    def assert_same_results(self, run, other):
        """Bit for bit, but for the time it took."""
        self.assertEqual(history(run), history(other))
        self.assertEqual(metrics(run), metrics(other))
        tables = [(folder / "proposals.csv").read_bytes() for folder in (run, other)
                  if (folder / "proposals.csv").exists()]
        self.assertEqual(tables[:1], tables[1:])
        for name in ("models.h5", "gathers.h5"):
            arrays, others = datasets(run / name), datasets(other / name)
            self.assertEqual(sorted(arrays), sorted(others), name)
            for key in arrays:
                self.assertEqual(arrays[key], others[key], f"{name}: {key} differs")
