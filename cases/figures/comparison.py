# SPDX-License-Identifier: BSD-3-Clause
"""Several runs in one figure: recovered models, model error against PDE solves, and a table of figures of merit."""

import numpy as np

import style
from convergence import error_columns
from models import figures_of_merit, frame_of, name_of
from panels import LEFT, Panel, gallery, velocity_colours
from reading import Missing

CURVES, ROW, CHARACTER = 2.1, 0.19, 0.066   # in

# Heading, its width in inches, the value of a run, how to print it, and whether less is better (None: neither).
COLUMNS = (
    ("PDE solves", 0.75, lambda run: run.metric("pde_solves") or _last_solves(run), "{:.0f}", None),
    ("misfit / start", 0.85, lambda run: _share(run), "{:.3f}", True),
    ("relative $L_2$ (%)", 1.0, lambda run: _percent(run.model_error("relative_l2", "final")), "{:.1f}", True),
    ("RMSE (m/s)", 0.85, lambda run: run.model_error("rmse_m_s", "final"), "{:.0f}", True),
    ("SSIM", 0.6, lambda run: run.model_error("ssim", "final"), "{:.3f}", False),
    ("time (s)", 0.65, lambda run: run.metric("wall_s"), "{:.0f}", None),
)


def labels_of(runs):
    """Folder names, with as many parents as it takes to tell them apart."""
    names = [run.label for run in runs]
    paths = [run.folder.resolve() for run in runs]
    for parents in range(1, 4):
        longer = ["/".join(path.parent.parts[1:][-parents:] + (run.label,)) for path, run in zip(paths, runs)]
        if len(set(names)) < len(set(longer)):
            names = longer
    return names


def draw_comparison(runs):
    labels, drawn = labels_of(runs), []
    for run, label in zip(runs, labels):
        try:
            drawn.append((run, label, run.models))
        except Missing as missing:
            run.note(f"its model is not in the comparison: {missing}")
    if not drawn:
        raise Missing("none of the runs has a model")
    truth = next((models["true"] for *_, models in drawn if "true" in models), None)
    panels = _common_panels([models for *_, models in drawn], truth, drawn[0][0])
    panels += [Panel(_panel_name(run, label), models["model"], figures_of_merit(run, "final"))
               for run, label, models in drawn if "model" in models]
    table = 0.45 + ROW * (len(runs) + 1)
    curves = _error_curves(runs)
    below = (CURVES + 0.6 if curves else 0.1) + table
    colours = velocity_colours([panel.volume for panel in panels], truth)
    figure, top = gallery(panels, colours, frame_of(drawn[0][2]), tallest=style.HEIGHT - below, below=below)
    if curves:
        _draw_curves(figure, top + 0.15, curves, labels)
        top += CURVES + 0.6
    _draw_table(figure, top + 0.1, runs, labels)
    return figure


def _panel_name(run, label):
    return label if run.unfinished_after is None else f"{label} {name_of(run, 'model').lower()}"


def _common_panels(models, truth, first):
    """The truth, and the start when all runs share it."""
    panels = [Panel("True", truth)] if truth else []
    starts = [each.get("start") for each in models]
    if all(s is not None and s.vp.shape == starts[0].vp.shape and np.allclose(s.vp, starts[0].vp) for s in starts):
        panels.append(Panel("Start", starts[0], figures_of_merit(first, "initial")))
    return panels


def _error_curves(runs):
    """(run's position, solves, values, label) of the runs whose model error was recorded; all of one kind."""
    curves = []
    for position, run in enumerate(runs):
        try:
            error = error_columns(run.history)
        except Missing as missing:
            run.note(f"its curve is not in the comparison: {missing}")
            continue
        if error:
            known = np.isfinite(error[0])
            curves.append((position, run.history["pde_solves"][known], error[0][known], error[1]))
    return [curve for curve in curves if curve[3] == curves[0][3]]


def _line(position):
    lap, colour = divmod(position, len(style.CYCLE))
    return dict(color=style.CYCLE[colour], ls=style.DASHES[lap % len(style.DASHES)])


def _draw_curves(figure, top, curves, labels):
    width = figure.get_size_inches()[0]
    axes = style.place(figure, LEFT + 0.1, top, width - LEFT - 0.3, CURVES)
    for position, solves, values, label in curves:
        axes.plot(solves, values, label=labels[position], **_line(position))
    axes.set_xlim(0, max(solves[-1] for _, solves, *_ in curves) or 1)
    axes.set_xlabel("PDE solves")
    axes.set_ylabel(curves[0][3])
    axes.grid(axis="y", color="#dddddd", lw=0.4)
    axes.set_axisbelow(True)


def _draw_table(figure, top, runs, labels):
    """Three rules and no boxes; the line's colour beside each name makes it the legend of the curves, too."""
    width, _ = figure.get_size_inches()
    height = ROW * (len(runs) + 1) + 0.1
    axes = style.place(figure, LEFT + 0.1, top, width - LEFT - 0.3, height)
    axes.set_axis_off()
    axes.set_xlim(0, axes.bbox.width / figure.dpi)
    axes.set_ylim(height, 0)
    span = axes.get_xlim()[1]
    name_width = min(0.35 * span, 0.45 + CHARACTER * max(len(label) for label in labels))
    values = [(heading, wide, [read(run) for run in runs], form, less) for heading, wide, read, form, less in COLUMNS]
    values = [column for column in values if any(value is not None for value in column[2])]
    stretch = (span - name_width) / max(1., sum(column[1] for column in values))
    x = name_width
    for depth, weight in ((0.02, 0.9), (ROW + 0.02, 0.5), (height - 0.04, 0.9)):
        axes.axhline(depth, color="black", lw=weight)
    for row, label in enumerate(labels):
        y = ROW * (row + 1.5) + 0.03
        axes.plot([0.02, 0.27], [y, y], lw=1.6, **_line(row))
        axes.text(0.35, y, label, va="center_baseline", fontsize=7.5)
    for heading, wide, column, form, less in values:
        x += wide * stretch
        axes.text(x, ROW * 0.5 + 0.03, heading, va="center_baseline", ha="right", fontsize=7.5)
        known = [value for value in column if value is not None]
        equal = len({form.format(value) for value in known}) < 2
        best = None if less is None or equal else form.format(min(known) if less else max(known))
        for row, value in enumerate(column):
            words = "\u2013" if value is None else form.format(value)
            axes.text(x, ROW * (row + 1.5) + 0.03, words, va="center_baseline", ha="right", fontsize=7.5,
                      fontweight="bold" if words == best else "normal")


def _last_solves(run):
    try:
        return float(np.nanmax(run.history["pde_solves"]))
    except Missing:
        return None


def _share(run):
    initial, final = run.metric("data_misfit", "initial"), run.metric("data_misfit", "final")
    return final / initial if initial and final is not None else None


def _percent(value):
    return None if value is None else 100 * value
