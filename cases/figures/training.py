# SPDX-License-Identifier: BSD-3-Clause
"""Learning curves of a training, and how far its probabilities can be trusted."""

import csv
import itertools
from pathlib import Path

import numpy as np

import style
from reading import Missing

PARTS = ("residual", "edge", "normal", "confidence")


def is_training(folder):
    return (folder / "learning.csv").is_file()


def columns(path):
    """A table's columns by name: numbers where all of a column are, else words."""
    if not path.is_file():
        raise Missing(f"there is no {path.name}")
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise Missing(f"{path.name} has no rows yet")

    def values(name):
        words = [row[name] for row in rows]
        try:
            return np.array([float(word) for word in words])
        except ValueError:
            return np.array(words)

    return {name: values(name) for name in rows[0]}


def draw_learning(folder):
    """The loss against the epochs, whole and in its parts."""
    table = columns(folder / "learning.csv")
    left, top, width, height, gap = 0.62, 0.30, 2.9, 2.0, 0.75
    figure = style.sheet(2 * (left + width) + 0.15, top + height + 0.45)
    whole, parts = (style.place(figure, left + column * (width + gap), top, width, height) for column in range(2))
    for name, label, colour in (("training", "training", style.GREY), ("validation", "held-out earths", style.BLUE)):
        whole.plot(table["epoch"], table[name], color=colour, label=label)
    best = int(np.argmin(table["validation"]))
    whole.plot(table["epoch"][best], table["validation"][best], "o", ms=4, color=style.VERMILION, label="kept")
    whole.legend()
    for part, colour in zip(PARTS, style.CYCLE):
        parts.plot(table["epoch"], table[f"validation_{part}"], color=colour, label=part)
    parts.legend()
    for index, (axes, words) in enumerate(((whole, "loss"), (parts, "its parts, held-out earths"))):
        style.title(axes, f"{style.letter(index)} {words}")
        axes.set_xlabel("epoch")
    return figure


def draw_trainings(folders):
    """The losses of several trainings on held-out earths against the epochs, and how they ended."""
    labels = [Path(folder).resolve().name for folder in folders]
    tables = [columns(Path(folder) / "learning.csv") for folder in folders]
    left, top, width, height = 0.62, 0.30, 4.2, 2.4
    figure = style.sheet(left + width + 2.6, top + height + 0.45)
    axes = style.place(figure, left, top, width, height)
    for label, table, colour in zip(labels, tables, itertools.cycle(style.CYCLE)):
        best = int(np.argmin(table["validation"]))
        axes.plot(table["epoch"], table["validation"], color=colour,
                  label=f"{label}: {table['validation'][best]:.3f}")
        axes.plot(table["epoch"][best], table["validation"][best], "o", ms=4, color=colour)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0)
    axes.set_xlabel("epoch")
    style.title(axes, "loss of held-out earths")
    return figure


def draw_reliability(folder):
    """How often what is said with a probability comes true, before and after the correction."""
    table = columns(folder / "reliability.csv")
    left, top, size, gap = 0.62, 0.30, 2.4, 0.75
    figure = style.sheet(2 * (left + size) + 0.25, top + size + 0.45)
    for index, head in enumerate(("edge", "confidence")):
        axes = style.place(figure, left + index * (size + gap), top, size, size)
        axes.plot([0, 1], [0, 1], color=style.GREY, lw=0.6)
        for corrected, label, colour in ((0, "as trained", style.ORANGE), (1, "corrected", style.BLUE)):
            rows = (table["head"] == head) & (table["corrected"] == corrected) & (table["cells"] > 0)
            gaps = np.abs(table["share"][rows] - table["probability"][rows])
            error = np.average(gaps, weights=table["cells"][rows]) if rows.any() else np.nan
            axes.plot(table["probability"][rows], table["share"][rows], color=colour, marker="o", ms=3,
                      label=f"{label}: error {error:.3f}")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
        axes.set_xlabel("probability that is said")
        axes.set_ylabel("share that is true")
        axes.legend(loc="upper left")
        style.title(axes, f"{style.letter(index)} {head}")
    return figure
