# SPDX-License-Identifier: BSD-3-Clause
"""What a guide proposed, how sure it was, and what came of it: a row a proposal, sections through the middle in y."""

import csv

import numpy as np

import style
from models import frame_of
from panels import Colours, draw_section
from reading import Missing

MOST_ROWS = 6                                       # of a page: the first ones
LEFT, RIGHT, GAP, BAR, HEAD, FOOT = 0.52, 0.12, 0.16, 0.34, 0.40, 0.42   # in


def has_proposals(run):
    return len(rows_of(run)) > 0


def rows_of(run):
    path = run.folder / "proposals.csv"
    if not path.is_file():
        return []
    with open(path, newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("pde_solves")]


def field_of(run, row, name):
    """A field of a proposal, or None where it has none."""
    try:
        return run.picture(f"proposals/{int(row['proposal']):02d}", name)
    except Missing:
        return None


def difference(after, before):
    return None if after is None else after.vp - before.vp


def columns_of(run, row):
    """Titles and values of a proposal's three panels."""
    before, confidence = field_of(run, row, "before"), field_of(run, row, "confidence")
    sure = ("Confidence", None if confidence is None else confidence.vp)
    if row["kind"] == "jump":
        return before, [("Proposed change (m/s)", difference(field_of(run, row, "reference"), before)), sure,
                        (f"Change made (m/s): {row['fate']}", difference(field_of(run, row, "accepted"), before))]
    theta = field_of(run, row, "theta")
    p = [field_of(run, row, name) for name in ("p_x", "p_z")]
    length = None if p[0] is None else np.hypot(p[0].vp, p[1].vp)
    return before, [(r"Weight $\Theta$", None if theta is None else theta.vp), sure,
                    (f"Steering |P|: {row['fate']}", length)]


def draw_proposals(run):
    rows = rows_of(run)[:MOST_ROWS]
    drawn = [(row, *columns_of(run, row)) for row in rows]
    changes = [values for row, _, columns in drawn if row["kind"] == "jump" for _, values in columns[::2]]
    limit = max([50.] + [50 * np.ceil(np.nanpercentile(np.abs(values), 99) / 50) for values in changes])
    change, share = Colours(-limit, limit, "m/s", style.ERROR_MAP), Colours(0, 1, "0 to 1", "cividis")

    frame = frame_of(run.models)
    width = (style.WIDTH - LEFT - RIGHT - 2 * GAP - 3 * BAR) / 3
    height = min(width * frame.length_km(2) / frame.length_km(0), (style.HEIGHT - FOOT) / len(rows) - HEAD)
    figure = style.sheet(style.WIDTH, len(rows) * (height + HEAD) + FOOT)
    for index, (row, before, columns) in enumerate(drawn):
        top = HEAD + index * (height + HEAD)
        for column, (name, values) in enumerate(columns):
            left = LEFT + column * (width + BAR + GAP)
            axes = style.place(figure, left, top, width, height)
            style.title(axes, f"{style.letter(3 * index + column)} {heading(row, column)}{name}")
            axes.tick_params(labelleft=column == 0, labelbottom=index + 1 == len(rows))
            if column == 0:
                axes.set_ylabel("Depth (km)")
            if index + 1 == len(rows):
                axes.set_xlabel("Distance (km)")
            across, down = before.coordinates_km(0), before.coordinates_km(2)
            if values is None:
                axes.set_xlim(across[0], across[-1])
                axes.set_ylim(down[-1], down[0])
                axes.text(0.5, 0.5, "not given", transform=axes.transAxes, ha="center", color=style.GREY)
                continue
            colours = change if row["kind"] == "jump" and column != 1 else share
            image = draw_section(axes, values[:, values.shape[1] // 2], across, down, colours)
            style.few_ticks(axes.xaxis, 4)
            style.few_ticks(axes.yaxis, 4)
            bar = style.colour_bar(figure, image, left + width + 0.05, top, height, "")
            bar.ax.tick_params(labelsize=6, pad=1)
    return figure


def heading(row, column):
    return f"Stage {int(row['stage']) + 1}. " if column == 0 else ""
