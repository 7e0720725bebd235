# SPDX-License-Identifier: BSD-3-Clause
"""One shot: observed and predicted gathers and what is left between them, on one grey scale."""

import numpy as np

import style
from reading import Missing

CLIP_PERCENTILE = 98   # of |observed|, so that reflections stay visible beside the direct wave


def choose_shot(run, number=None):
    """The shot of a number, else the one nearest the middle of the line, with a predicted gather if there is any."""
    shots = run.shots
    if number is not None:
        found = [shot for shot in shots if shot.name.isdigit() and int(shot.name) == number]
        if not found:
            raise Missing(f"gathers.h5 holds no shot {number}, only {', '.join(shot.name for shot in shots)}")
        return run.gathers_of(found[0].name)
    sources = np.array([shot.source for shot in shots])
    middle = (sources.min(axis=0) + sources.max(axis=0)) / 2
    shots = [shot for shot in shots if shot.has_prediction] or shots
    sources = np.array([shot.source for shot in shots])
    nearest = np.argsort(np.linalg.norm(sources - middle, axis=1), kind="stable")
    return run.gathers_of(shots[nearest[0]].name)


def receiver_line(shot):
    """Receivers of one line, in order along it: their indices, positions in km and the axis's label."""
    receivers = shot.receivers
    chosen = np.arange(len(receivers))
    if np.ptp(receivers[:, 1]) > 0 and np.ptp(receivers[:, 0]) > 0:
        nearest = receivers[np.argmin(np.abs(receivers[:, 1] - shot.source[1])), 1]
        on_line = np.flatnonzero(np.isclose(receivers[:, 1], nearest, atol=1.))
        chosen = on_line if len(on_line) > 2 else chosen
    axis = int(np.argmax(np.ptp(receivers[chosen], axis=0)))
    chosen = chosen[np.argsort(receivers[chosen, axis], kind="stable")]
    return chosen, receivers[chosen, axis] / 1000, axis


def draw_gathers(run, number=None):
    shot = choose_shot(run, number)
    if shot.observed is None:
        raise Missing(f"gathers.h5: shot {shot.name} has no observed data")
    chosen, positions, axis = receiver_line(shot)
    if len(chosen) < 2:
        raise Missing(f"shot {shot.name} has one receiver only")
    panels = _panels(run, shot, chosen)
    clip = np.percentile(np.abs(panels[0][1]), CLIP_PERCENTILE) or 1.
    left, right, gap, top, height = 0.52, 0.88, 0.13, 0.47, 3.4
    width = min(2.2, (style.WIDTH - left - right - (len(panels) - 1) * gap) / len(panels))
    figure = style.sheet(left + len(panels) * (width + gap) - gap + right, top + height + 0.42)
    for index, (name, traces, figures) in enumerate(panels):
        axes = style.place(figure, left + index * (width + gap), top, width, height)
        image = _draw_traces(axes, traces / clip, positions, shot)
        style.title(axes, f"{style.letter(index)} {name}{figures}")
        axes.set_xlabel(f"Receiver {('x', 'y', 'depth')[axis]} (km)")
        axes.tick_params(labelleft=index == 0)
        style.few_ticks(axes.xaxis, max(3, int(width / 0.45)))
        style.few_ticks(axes.yaxis, 8)
        if index == 0:
            axes.set_ylabel("Time (s)")
        if positions[0] <= shot.source[axis] / 1000 <= positions[-1]:
            axes.plot(shot.source[axis] / 1000, 1, marker="*", ms=8, mfc=style.VERMILION, mec="white", mew=0.5,
                      transform=axes.get_xaxis_transform(), clip_on=False, zorder=5)
    page = figure.get_size_inches()
    figure.text(left / page[0], 1 - 0.06 / page[1], _caption(shot), va="top")
    bar = style.colour_bar(figure, image, left + len(panels) * (width + gap) - gap + 0.12, top, height,
                     f"Amplitude / {CLIP_PERCENTILE}th percentile of |observed|", "both")
    bar.set_ticks([-1, -0.5, 0, 0.5, 1])
    return figure


def _caption(shot):
    x, y, z = shot.source / 1000
    across = f"y = {y:.2f} km, " if np.ptp(shot.receivers[:, 1]) > 0 else ""
    name = int(shot.name) if shot.name.isdigit() else shot.name
    place = f"x = {x:.2f} km, {across}depth {z:.3f} km"
    return f"Shot {name}: source at {place}; residuals in % of the observed norm"


def _panels(run, shot, chosen):
    """Name, traces and relative size of each panel. Residual: predicted minus observed."""
    observed = shot.observed[chosen]
    norm = np.linalg.norm(observed) or 1.
    panels = [("Observed", observed, "")]
    if shot.predicted is not None:
        panels.append(("Predicted", shot.predicted[chosen], ""))
    for name, traces in (("Start residual", shot.initial), ("Final residual", shot.predicted)):
        if traces is not None:
            residual = traces[chosen] - observed
            panels.append((name, residual, f", {100 * np.linalg.norm(residual) / norm:.0f} %"))
    absent = [name for name, part in (("predicted", shot.predicted), ("initial", shot.initial)) if part is None]
    if absent:
        run.note(f"gathers.h5: shot {shot.name} has no {' and no '.join(absent)} gather")
    return panels


def _draw_traces(axes, traces, positions, shot):
    first, last = shot.time_start, shot.time_start + (traces.shape[1] - 1) * shot.time_step
    spacing = np.diff(positions)
    scale = dict(cmap=style.TRACE_MAP, vmin=-1, vmax=1)
    if np.ptp(spacing) <= 0.02 * abs(spacing.mean()):
        half = spacing.mean() / 2
        box = (positions[0] - half, positions[-1] + half, last, first)
        image = axes.imshow(traces.T, aspect="auto", extent=box, **scale)
    else:
        middles = (positions[1:] + positions[:-1]) / 2
        edges = np.concatenate([[2 * positions[0] - middles[0]], middles, [2 * positions[-1] - middles[-1]]])
        times = first + (np.arange(traces.shape[1] + 1) - 0.5) * shot.time_step
        image = axes.pcolormesh(edges, times, traces.T, rasterized=True, **scale)
    axes.set_ylim(last, first)
    return image
