# SPDX-License-Identifier: BSD-3-Clause
"""Where the sources and receivers are, over the model."""

import numpy as np
from matplotlib.lines import Line2D

import style
from models import frame_of, name_of
from panels import draw_section, exaggeration_of, slice_name, velocity_colours

RECEIVER = dict(marker="v", ls="none", ms=5, mfc="white", mec="black", mew=0.5)
SOURCE = dict(marker="*", ls="none", ms=9.5, mfc=style.VERMILION, mec="black", mew=0.5)


def draw_acquisition(run):
    shots, models = run.shots, run.models
    name = "true" if "true" in models else "start" if "start" in models else "model"
    frame, volume = frame_of(models), models[name]
    sources = _distinct([shot.source[None] for shot in shots])
    receivers = _distinct([shot.receivers for shot in shots])
    views = ((0, 1, 2), (0, 2, 1)) if frame.is_3d else ((0, 2, 1),)
    left, right, head, foot = 0.52, 0.88, 0.36, 0.42
    times = 1 if frame.is_3d else exaggeration_of(frame.length_km(0), frame.length_km(2))
    width = style.WIDTH - left - right
    heights = [width * times * frame.length_km(down) / frame.length_km(0) for _, down, _ in views]
    shrink = min(1., 6.5 / sum(heights))
    width, heights = width * shrink, [height * shrink for height in heights]
    figure = style.sheet(left + width + right, sum(heights) + len(views) * (head + foot))
    top = head
    for index, ((across, down, cut), height) in enumerate(zip(views, heights)):
        axes = style.place(figure, left, top, width, height)
        middle = frame.coordinates_km(cut)[frame.vp.shape[cut] // 2]
        image = draw_section(axes, volume.vp.take(volume.nearest(cut, middle), cut), volume.coordinates_km(across),
                             volume.coordinates_km(down), velocity_colours([volume]))
        axes.set_xlim(*frame.coordinates_km(across)[[0, -1]])
        axes.set_ylim(*frame.coordinates_km(down)[[-1, 0]])
        every = [_mark(axes, points, (across, down), width, height, mark)
                 for points, mark in ((receivers, RECEIVER), (sources, SOURCE))]
        axes.set_xlabel("x (km)" if frame.is_3d else "Distance (km)")
        axes.set_ylabel("Depth (km)" if down == 2 else "y (km)")
        style.few_ticks(axes.xaxis, max(3, int(width / 0.6)))
        style.few_ticks(axes.yaxis, max(3, int(height / 0.28)))
        if frame.is_3d:
            style.title(axes, f"{style.letter(index)} {slice_name(across, down, cut, middle)}")
        if index == 0:
            _legend(axes, len(sources), len(receivers), every)
        top += height + foot + head
    style.colour_bar(figure, image, left + width + 0.12, head, sum(heights) + (len(views) - 1) * (head + foot),
                     f"{name_of(run, name)}: $V_p$ (m/s)", style.exceeds([volume.vp], *image.get_clim()))
    if times > 1:
        page = figure.get_size_inches()
        figure.text(1 - 0.08 / page[0], 0.08 / page[1], f"vertical exaggeration {times}:1", ha="right", va="bottom",
                    fontsize=7, color=style.GREY)
    return figure


def _distinct(positions):
    """Positions in km, each place once (to a metre)."""
    metres = np.concatenate(positions)
    return metres[np.unique(np.round(metres), axis=0, return_index=True)[1]] / 1000


def _mark(axes, points, shown, width, height, mark):
    """Draws points so that neighbours do not cover each other: smaller marks first, then only every n-th; returns n."""
    seen = np.unique(np.round(points[:, shown], 4), axis=0)
    spans = [72 * size * np.ptp(seen[:, k]) / abs(np.diff(limits)[0])   # points of the page
             for k, (size, limits) in enumerate(((width, axes.get_xlim()), (height, axes.get_ylim())))]
    areal = len(seen) > 2 * max(len(np.unique(seen[:, k])) for k in (0, 1))
    pitch = np.sqrt(spans[0] * spans[1] / len(seen)) if areal else max(spans) / max(1, len(seen) - 1)
    size = np.clip(0.8 * pitch, 0.8 * mark["ms"], mark["ms"]) if pitch > 0 else mark["ms"]
    every = 1 if areal or pitch == 0 else max(1, int(np.ceil(size / pitch)))
    axes.plot(*seen[::every].T, clip_on=False, zorder=4 if mark is SOURCE else 3, **{**mark, "ms": size})
    return every


def _legend(axes, sources, receivers, every):
    def words(noun, count, step):
        return f"{count} {noun}" + (f" (every {step}th drawn)" if step > 1 else "")

    marks = [Line2D([], [], **SOURCE), Line2D([], [], **RECEIVER)]
    names = [words("sources", sources, every[1]), words("receivers", receivers, every[0])]
    axes.legend(marks, names, loc="lower right", bbox_to_anchor=(1, 1), ncol=2, borderaxespad=0.3, handletextpad=0.2)
