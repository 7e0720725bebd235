# SPDX-License-Identifier: BSD-3-Clause
"""Data misfit and model error against the number of PDE solves, stage by stage."""

import numpy as np

import style


def stages_of(history):
    """Row indices of each stage, in order."""
    return [(int(stage), np.flatnonzero(history["stage"] == stage)) for stage in np.unique(history["stage"])]


def band_of(run, position):
    """What sets a stage apart: its frequency band, or its number when metrics.json does not know it."""
    stages = run.metrics.get("stages")
    stage = stages[position] if isinstance(stages, list) and position < len(stages) else None
    high = stage.get("max_frequency") if isinstance(stage, dict) else None
    if not isinstance(high, (int, float)) or high <= 0:
        return f"stage {position + 1}"
    low = stage.get("min_frequency") or 0
    return f"{low:g}\u2013{high:g} Hz" if low > 0 else f"\u2264 {high:g} Hz"


def error_columns(history):
    """The model's error as it was recorded: values and label, or None without a truth."""
    for name, factor, label in (("model_relative_l2", 100, "Relative $L_2$ model error (%)"),
                                ("model_rmse_m_s", 1, "Model RMSE (m/s)")):
        if np.isfinite(history[name]).any():
            return factor * history[name], label
    return None


def draw_convergence(run):
    history = run.history
    error = error_columns(history)
    left, top, height, gap, width = 0.62, 0.30, 1.65, 0.30, 5.2
    rows = 2 if error else 1
    figure = style.sheet(left + width + 0.15, top + rows * height + (rows - 1) * gap + 0.42)
    panels = [style.place(figure, left, top + row * (height + gap), width, height) for row in range(rows)]
    _draw_misfit(panels[0], history)
    if error:
        values, label = error
        known = np.isfinite(values)
        panels[1].plot(history["pde_solves"][known], values[known], color=style.BLUE, marker=".", ms=4)
        panels[1].set_ylabel(label)
    for index, axes in enumerate(panels):
        _shade_stages(run, history, axes, named=index == 0)
        axes.margins(y=0.08)
        axes.tick_params(labelbottom=axes is panels[-1])
        if rows > 1:
            axes.annotate(style.letter(index), (0, 1), (-left * 72 + 4, 2), "axes fraction",
                          textcoords="offset points", va="bottom")
    panels[-1].set_xlabel("PDE solves")
    return figure


def _draw_misfit(axes, history):
    smallest = 1.
    for _, rows in stages_of(history):
        start = history["misfit"][rows[0]]
        relative = history["misfit"][rows] / (start if start > 0 else 1.)
        axes.plot(history["pde_solves"][rows], relative, color=style.BLUE, marker=".", ms=4)
        smallest = min(smallest, np.nanmin(relative))
    if 0 < smallest < 0.05:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    axes.set_ylabel("Data misfit (stage start = 1)")


def _shade_stages(run, history, axes, named):
    solves = history["pde_solves"]
    stages = stages_of(history)
    starts = [solves[rows[0]] for _, rows in stages]
    ends = starts[1:] + [np.nanmax(solves)]
    margin = 0.012 * max(ends[-1] - starts[0], 1)
    axes.set_xlim(starts[0] - margin, ends[-1] + margin)
    for position, (begin, end) in enumerate(zip(starts, ends)):
        if position % 2 == 1:
            axes.axvspan(begin, end + margin * (position == len(starts) - 1), color=style.STAGE_SHADE, lw=0, zorder=0)
        if position > 0:
            axes.axvline(begin, color=style.GREY, lw=0.5, zorder=1)
    if named:
        _name_stages(run, axes, stages, starts, ends)


def _name_stages(run, axes, stages, starts, ends):
    """Bands above the axes; a stage too narrow for its words shows none rather than run into its neighbour's."""
    width = axes.get_window_extent().width / axes.figure.dpi * 72   # points
    low, high = axes.get_xlim()
    for (number, _), begin, end in zip(stages, starts, ends):
        words = band_of(run, number)
        if (end - begin) / (high - low) * width >= 4.6 * len(words):
            axes.text((begin + end) / 2, 1.02, words, transform=axes.get_xaxis_transform(), ha="center", va="bottom",
                      fontsize=7.5)
