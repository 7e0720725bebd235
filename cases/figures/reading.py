# SPDX-License-Identifier: BSD-3-Clause
"""What a run folder holds, read so that an interrupted run still gives what it has."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

# A case.yaml alone is a case, not a run.
CONTENTS = ("status.json", "history.csv", "metrics.json", "models.h5", "gathers.h5", "checkpoint.h5")


class NotARun(Exception):
    """The folder is not one that `fathom invert` writes."""


class Missing(Exception):
    """What a figure needs is not (or not yet) in the run folder."""


@dataclass
class Volume:
    """Velocity vp[x, y, z] in m/s on a regular grid of points; origin and spacing in m, z down."""

    vp: np.ndarray
    origin: np.ndarray
    spacing: np.ndarray

    @property
    def is_3d(self):
        return self.vp.shape[1] > 1

    def coordinates_km(self, axis):
        return (self.origin[axis] + self.spacing[axis] * np.arange(self.vp.shape[axis])) / 1000

    def length_km(self, axis):
        return (self.vp.shape[axis] - 1) * self.spacing[axis] / 1000

    def nearest(self, axis, km):
        return int(np.argmin(np.abs(self.coordinates_km(axis) - km)))

    def on_grid_of(self, other):
        """Linear interpolation onto another volume's points, constant beyond the edges."""
        vp = self.vp
        for axis in range(3):
            if vp.shape[axis] == 1:
                vp = np.repeat(vp, other.vp.shape[axis], axis=axis)
                continue
            position = np.interp(other.coordinates_km(axis), self.coordinates_km(axis), np.arange(vp.shape[axis]))
            below = np.minimum(position.astype(int), vp.shape[axis] - 2)
            shape = [-1 if a == axis else 1 for a in range(3)]
            weight = (position - below).reshape(shape)
            vp = (1 - weight) * vp.take(below, axis) + weight * vp.take(below + 1, axis)
        return vp


@dataclass
class Shot:
    """Gathers [receiver, sample] of one source; what was not stored is None. Positions in m, times in s."""

    name: str
    source: np.ndarray
    receivers: np.ndarray
    observed: np.ndarray = None
    predicted: np.ndarray = None
    initial: np.ndarray = None
    has_prediction: bool = False
    time_step: float = 1.0
    time_start: float = 0.0


class Run:
    """A run folder. Files are read when they are asked for; `notes` collects what is absent or broken."""

    def __init__(self, folder):
        self.folder = Path(folder)
        if not self.folder.is_dir():
            raise NotARun(f"{folder}: no such folder")
        if not any((self.folder / name).is_file() for name in CONTENTS):
            raise NotARun(f"{folder}: not a run folder: it holds none of {', '.join(CONTENTS)}")
        name = self.folder.resolve().name
        self.label = name[:-4] if name.endswith(".run") else name
        self.notes = []
        self.unfinished_after = None   # the last finished stage, when /model is its model and not the final one
        self._cache = {}

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    @property
    def models(self):
        """Volumes by name: true, start, model; only those present."""
        return self._once("models", self._read_models)

    @property
    def history(self):
        """Columns by name as arrays, NaN where a cell is empty."""
        return self._once("history", self._read_history)

    @property
    def metrics(self):
        return self._once("metrics", self._read_metrics)

    @property
    def shots(self):
        """All shots, positions only: see `gathers_of` for the traces."""
        return self._once("shots", self._read_shots)

    def models_or_none(self):
        try:
            return self.models
        except Missing:
            return {}

    def metric(self, *path):
        """A number of metrics.json, such as ("model", "ssim", "final"), or None."""
        value = self.metrics
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return float(value) if isinstance(value, (int, float)) and np.isfinite(value) else None

    def model_error(self, name, when):
        """A model metric at "initial" or "final"; relative L2 also from the history, when there are no metrics yet."""
        value = self.metric("model", name, when)
        column = {"relative_l2": "model_relative_l2", "rmse_m_s": "model_rmse_m_s"}.get(name)
        if value is not None or column is None:
            return value
        try:
            known = self.history[column]
        except Missing:
            return None
        if self.unfinished_after is not None:
            known = known[self.history["stage"] <= self.unfinished_after]
        known = known[np.isfinite(known)]
        return float(known[0 if when == "initial" else -1]) if known.size else None

    def gathers_of(self, name):
        with self._open("gathers.h5") as file:
            return _read_shot(name, file["shots"][name], traces=True)

    def _once(self, name, read):
        if name not in self._cache:
            self._cache[name] = read()
        return self._cache[name]

    def _open(self, name):
        path = self.folder / name
        if not path.is_file():
            raise Missing(f"{name} is missing")
        try:
            return h5py.File(path, "r")
        except OSError as error:
            raise Missing(f"{name} cannot be read, perhaps it is still being written ({error})") from error

    def _read_models(self):
        volumes = {}
        with self._open("models.h5") as file:
            for name in ("true", "start", "model"):
                if name in file:
                    self._add_volume(volumes, name, file[name])
            finished = sorted(file["stages"]) if "stages" in file else []
            if "model" not in volumes and finished:
                self._add_volume(volumes, "model", file["stages"][finished[-1]])
                self.unfinished_after = int(finished[-1])
                self.note(f"models.h5 has no final model: that after stage {self.unfinished_after + 1} is drawn")
        if not volumes:
            raise Missing("models.h5 holds no model")
        for name in ("start", "model"):
            if name not in volumes:
                self.note(f"models.h5 has no /{name}")
        return volumes

    def picture(self, group, name):
        """A field of models.h5 other than a velocity, such as "image/final", "reflectivity"."""
        with self._open("models.h5") as file:
            if f"{group}/{name}" not in file:
                raise Missing(f"models.h5 has no /{group}/{name}")
            return _read_volume(file[group], name)

    def _add_volume(self, volumes, name, group):
        try:
            volumes[name] = _read_volume(group)
        except (KeyError, OSError, ValueError) as error:
            self.note(f"models.h5: {group.name} cannot be read ({error})")

    def _read_history(self):
        path = self.folder / "history.csv"
        if not path.is_file():
            raise Missing("history.csv is missing")
        with open(path, newline="") as file:
            rows = list(csv.reader(file))
        if len(rows) < 2:
            raise Missing("history.csv has no rows yet")
        names = [name.strip() for name in rows[0]]
        absent = {"stage", "pde_solves", "misfit"} - set(names)
        if absent:
            raise Missing(f"history.csv has no column {', '.join(sorted(absent))}")
        numbers = []
        for line, row in enumerate(rows[1:], start=2):
            try:
                if len(row) != len(names):
                    raise ValueError
                numbers.append([float(cell) if cell.strip() else np.nan for cell in row])
            except ValueError:
                self.note(f"history.csv: line {line} is incomplete and is skipped")
        if not numbers:
            raise Missing("history.csv has no complete rows")
        table = dict(zip(names, np.array(numbers).T))
        for name in ("model_relative_l2", "model_rmse_m_s"):
            table.setdefault(name, np.full(len(numbers), np.nan))
        return table

    def _read_metrics(self):
        path = self.folder / "metrics.json"
        if not path.is_file():
            self.note("metrics.json is missing")
            return {}
        try:
            metrics = json.loads(path.read_text())
        except ValueError as error:
            self.note(f"metrics.json cannot be read ({error})")
            return {}
        return metrics if isinstance(metrics, dict) else {}

    def _read_shots(self):
        shots = []
        with self._open("gathers.h5") as file:
            for name in sorted(file.get("shots", {})):
                try:
                    shots.append(_read_shot(name, file["shots"][name], traces=False))
                except (KeyError, OSError, ValueError) as error:
                    self.note(f"gathers.h5: shot {name} cannot be read ({error})")
        if not shots:
            raise Missing("gathers.h5 holds no shots")
        return shots


def _attribute(name, *owners):
    for owner in owners:
        if owner is not None and name in owner.attrs:
            return owner.attrs[name]
    return None


def _read_volume(group, name="vp"):
    data = group[name]
    if data.ndim != 3:
        raise ValueError(f"vp has {data.ndim} dimensions where 3 are expected")
    origin, spacing = (_attribute(name, data, group) for name in ("origin", "spacing"))
    if spacing is None:
        raise ValueError("no attribute spacing")
    origin = np.zeros(3) if origin is None else np.asarray(origin, float)
    return Volume(data[...].astype(float), origin, np.asarray(spacing, float))


def _read_shot(name, group, traces):
    shot = Shot(name, np.asarray(group["source"][...], float).reshape(3),
                np.asarray(group["receivers"][...], float).reshape(-1, 3), has_prediction="predicted" in group)
    if not traces:
        return shot
    shot.observed, shot.predicted, shot.initial = (
        group[part][...].astype(float) if part in group else None for part in ("data", "predicted", "initial"))
    time_step, time_start = (_attribute(key, group.get("data"), group) for key in ("dt", "t0"))
    if time_step is None:
        raise Missing(f"gathers.h5: shot {name} has no attribute dt")
    shot.time_step = float(time_step)
    shot.time_start = 0. if time_start is None else float(time_start)
    return shot
