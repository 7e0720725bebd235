# SPDX-License-Identifier: BSD-3-Clause
"""Velocity volumes side by side on one colour scale: sections of 2-D models, middle slices of 3-D ones."""

from dataclasses import dataclass

import numpy as np

import style
from reading import Volume

LEFT, RIGHT, BOTTOM, GAP = 0.52, 0.88, 0.42, 0.16   # in
LINE = 0.145                                        # in: one line of a title
NARROW = 1.65                                       # in: below it the figures of merit take a line each
WIDEST = 8.0                                        # width over height beyond which depth is exaggerated


@dataclass
class Panel:
    name: str
    volume: Volume
    figures: str = ""   # figures of merit, such as "SSIM 0.71"


@dataclass
class Colours:
    low: float
    high: float
    label: str = "$V_p$ (m/s)"
    map: str = style.VELOCITY_MAP


def velocity_colours(volumes, truth=None):
    """From the true model where there is one. The rarest 1 % of cells may saturate: gas sands flatten the rest."""
    values = np.concatenate([v.vp.ravel() for v in ([truth] if truth is not None else volumes)])
    low, high = np.nanpercentile(values, (0.5, 99.5))
    low, high = 100 * np.floor(low / 100 + 1e-9), 100 * np.ceil(high / 100 - 1e-9)
    return Colours(low, max(high, low + 100))


def exaggeration_of(length, depth):
    return next((times for times in (1, 2, 3, 4, 5, 10, 20, 50) if length / (depth * times) <= WIDEST), 100)


def draw_section(axes, values, across, down, colours):
    """values[across, down] at points, coordinates in km, cut at the outermost points."""
    half = [(c[1] - c[0]) / 2 if len(c) > 1 else 0.5 for c in (across, down)]
    box = (across[0] - half[0], across[-1] + half[0], down[-1] + half[1], down[0] - half[1])
    image = axes.imshow(values.T, extent=box, aspect="auto", cmap=colours.map, vmin=colours.low, vmax=colours.high)
    if len(across) > 1:
        axes.set_xlim(across[0], across[-1])
    if len(down) > 1:
        axes.set_ylim(down[-1], down[0])
    return image


def slice_name(across, down, cut, place):
    return f"{'xyz'[across]}\u2013{'xyz'[down]} at {'xyz'[cut]} = {place:.2f} km"


def gallery(panels, colours, frame, tallest=6.4, below=0.0):
    """Draws the panels over the extent of `frame`, and leaves `below` inches free under them.

    Returns the figure and where the free part starts, in inches from the top.
    """
    draw = _gallery_3d if frame.is_3d else _gallery_2d
    return draw(panels, colours, frame, tallest, below)


def _columns(count, aspect):
    if aspect >= 1.8:
        return 1 if count <= 4 else 2
    return 2 if count == 4 else min(count, 3)


def _headings(panels, width, stacked):
    """Titles of equal height, and their lines."""
    separator = ", " if stacked else "\n"
    titles = [f"{style.letter(index)} {panel.name}" + (separator + panel.figures if panel.figures else "")
              for index, panel in enumerate(panels)]
    if width < NARROW:
        titles = [title.replace("%, ", "%\n") for title in titles]
    lines = max(title.count("\n") for title in titles) + 1
    return [title + "\n " * (lines - 1 - title.count("\n")) for title in titles], lines


def _gallery_2d(panels, colours, frame, tallest, below):
    length, depth = frame.length_km(0), frame.length_km(2)
    exaggeration = exaggeration_of(length, depth)
    aspect = length / (depth * exaggeration)
    columns = _columns(len(panels), aspect)
    rows = -(-len(panels) // columns)
    width = (style.WIDTH - LEFT - RIGHT - (columns - 1) * GAP) / columns
    headings, lines = _headings(panels, width, columns == 1)
    head = lines * LINE + 0.12
    height = min(width / aspect, (tallest - BOTTOM) / rows - head)
    width = height * aspect
    block = rows * (height + head)
    page = (LEFT + columns * width + (columns - 1) * GAP + RIGHT, block + BOTTOM + below)
    figure = style.sheet(max(page[0], style.WIDTH) if below else page[0], page[1])
    left = LEFT + (figure.get_size_inches()[0] - page[0]) / 2
    for index, panel in enumerate(panels):
        row, column = divmod(index, columns)
        axes = style.place(figure, left + column * (width + GAP), head + row * (height + head), width, height)
        volume = panel.volume
        image = draw_section(axes, volume.vp[:, 0], volume.coordinates_km(0), volume.coordinates_km(2), colours)
        _frame_axes(axes, frame, (0, 2), width, height)
        style.title(axes, headings[index])
        _label(axes, "Distance (km)", "Depth (km)", index + columns >= len(panels), column == 0)
    _bar(figure, image, panels, colours, left + columns * width + (columns - 1) * GAP + 0.12, head, block - head)
    if exaggeration > 1:
        figure.text(1 - 0.08 / figure.get_size_inches()[0], 0.08 / page[1], f"vertical exaggeration {exaggeration}:1",
                    ha="right", va="bottom", fontsize=7, color=style.GREY)
    return figure, block + BOTTOM


def _gallery_3d(panels, colours, frame, tallest, below):
    """One column a model; rows x-z, y-z and x-y through the middle, all on one scale."""
    lengths = [frame.length_km(axis) for axis in range(3)]
    middle = [frame.coordinates_km(axis)[frame.vp.shape[axis] // 2] for axis in range(3)]
    views = ((0, 2, 1), (1, 2, 0), (0, 1, 2))   # across, down, the axis that is cut
    gap, between, foot = 0.26, 0.22, 0.40
    room = (style.WIDTH - LEFT - RIGHT - (len(panels) - 1) * gap) / len(panels)
    headings, lines = _headings(panels, room, False)
    head = LINE * (lines + 1) + 0.12
    scale = min(room / max(lengths[:2]),
                (tallest + 2 - head - 3 * foot - 2 * between) / (2 * lengths[2] + lengths[1]))
    column = scale * max(lengths[:2])
    block = head + scale * (2 * lengths[2] + lengths[1]) + 3 * foot + 2 * between
    width = LEFT + len(panels) * column + (len(panels) - 1) * gap + RIGHT
    figure = style.sheet(max(width, style.WIDTH) if below else width, block + below)
    left = LEFT + (figure.get_size_inches()[0] - width) / 2
    for index, panel in enumerate(panels):
        top = head
        for row, (across, down, cut) in enumerate(views):
            size = scale * lengths[across], scale * lengths[down]
            axes = style.place(figure, left + index * (column + gap), top, *size)
            volume = panel.volume
            values = volume.vp.take(volume.nearest(cut, middle[cut]), cut)
            image = draw_section(axes, values, volume.coordinates_km(across), volume.coordinates_km(down), colours)
            _frame_axes(axes, frame, (across, down), *size)
            where = slice_name(across, down, cut, middle[cut])
            style.title(axes, (headings[index] + "\n" if row == 0 else "") + where)
            _label(axes, f"{'xyz'[across]} (km)", "Depth (km)" if down == 2 else "y (km)", True, index == 0)
            top += size[1] + foot + between
    _bar(figure, image, panels, colours, left + len(panels) * column + (len(panels) - 1) * gap + 0.12, head,
         block - head - foot)
    return figure, block


def _frame_axes(axes, frame, shown, width, height):
    across, down = (frame.coordinates_km(axis) for axis in shown)
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(down[-1], down[0])
    style.few_ticks(axes.xaxis, max(3, int(width / 0.6)))
    style.few_ticks(axes.yaxis, max(3, int(height / 0.28)))


def _label(axes, across, down, bottom, left):
    axes.tick_params(labelbottom=bottom, labelleft=left)
    if bottom:
        axes.set_xlabel(across)
    if left:
        axes.set_ylabel(down)


def _bar(figure, image, panels, colours, left, top, height):
    extend = style.exceeds([panel.volume.vp for panel in panels], colours.low, colours.high)
    style.colour_bar(figure, image, left, top, height, colours.label, extend)
