# SPDX-License-Identifier: BSD-3-Clause
"""The models of a run, their errors, and velocity against depth."""

import numpy as np

import style
from panels import Colours, Panel, gallery, velocity_colours
from reading import Missing, Volume

NAMES = {"true": "True", "start": "Start", "model": "Recovered"}


def name_of(run, name):
    if name == "model" and run.unfinished_after is not None:
        return f"After stage {run.unfinished_after + 1}"
    return NAMES[name]


def figures_of_merit(run, when):
    """Of the start ("initial") or the recovered ("final") model; empty when no truth is known."""
    error, ssim = run.model_error("relative_l2", when), run.model_error("ssim", when)
    parts = [f"relative $L_2$ {100 * error:.1f} %"] if error is not None else []
    parts += [f"SSIM {ssim:.2f}"] if ssim is not None else []
    return ", ".join(parts)


def frame_of(models):
    """The volume whose extent is shown: what was inverted, not a wider truth."""
    return models.get("start") or models.get("model") or models["true"]


def draw_models(run):
    models = run.models
    when = {"start": "initial", "model": "final"}
    panels = [Panel(name_of(run, name), volume, figures_of_merit(run, when[name]) if name in when else "")
              for name, volume in models.items()]
    return gallery(panels, velocity_colours(models.values(), models.get("true")), frame_of(models))[0]


def draw_errors(run):
    models = run.models
    if "true" not in models or len(models) < 2:
        raise Missing("it needs the true model and another one in models.h5")
    true = models["true"]
    panels = []
    for name in ("start", "model"):
        if name in models:
            error = models[name].on_grid_of(true) - true.vp
            panels.append(Panel(f"{name_of(run, name)} \u2212 true", Volume(error, true.origin, true.spacing)))
    limit = max(50., 50 * np.ceil(np.nanpercentile(np.abs(panels[0].volume.vp), 98) / 50))
    colours = Colours(-limit, limit, "Velocity error (m/s)", style.ERROR_MAP)
    return gallery(panels, colours, frame_of(models), tallest=4.6)[0]


LINES = {"true": dict(color=style.BLACK, lw=1.3), "start": dict(color=style.GREY, lw=1.1, ls=(0, (4, 2))),
         "model": dict(color=style.VERMILION, lw=1.3)}


def draw_profiles(run):
    models = run.models
    frame = frame_of(models)
    places = [frame.coordinates_km(0)[round(share * (frame.vp.shape[0] - 1))] for share in (0.2, 0.4, 0.6, 0.8)]
    across = frame.coordinates_km(1)[frame.vp.shape[1] // 2]
    height, left, gap, top = 3.1, 0.52, 0.14, 0.46
    width = (style.WIDTH - left - 0.12 - 3 * gap) / 4
    figure = style.sheet(style.WIDTH, top + height + 0.42)
    for index, place in enumerate(places):
        axes = style.place(figure, left + index * (width + gap), top, width, height)
        for name, volume in models.items():
            column = volume.vp[volume.nearest(0, place), volume.nearest(1, across)]
            axes.plot(column, volume.coordinates_km(2), label=name_of(run, name), **LINES[name])
        depths = frame.coordinates_km(2)
        axes.set_ylim(depths[-1], depths[0])
        axes.grid(color="#dddddd", lw=0.4)
        axes.set_axisbelow(True)
        axes.set_xlabel("$V_p$ (m/s)")
        axes.tick_params(labelleft=index == 0)
        style.few_ticks(axes.xaxis, 4)
        if index == 0:
            axes.set_ylabel("Depth (km)")
        style.title(axes, f"{style.letter(index)} x = {place:.2f} km")
    # One velocity axis for all panels, so that they can be compared across.
    lows, highs = zip(*(axes.get_xlim() for axes in figure.axes))
    for axes in figure.axes:
        axes.set_xlim(min(lows), max(highs))
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncol=len(labels), bbox_to_anchor=(0.5, 1.0), borderaxespad=0.2)
    return figure
