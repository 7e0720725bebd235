# SPDX-License-Identifier: BSD-3-Clause
"""What variants of a run trade: data misfit against model error or, without a truth, against the regularizer."""

import style
from comparison import labels_of
from reading import Missing


def draw_tradeoff(runs):
    labels = labels_of(runs)
    name, read = _price(runs)
    points = [(label, _misfit(run), read(run)) for run, label in zip(runs, labels)]
    for run, (_, misfit, price) in zip(runs, points):
        if misfit is None or price is None:
            run.note("it is not in the trade-off: the run has not ended, or has no such figure")
    points = [point for point in points if None not in point]
    if len(points) < 2:
        raise Missing("fewer than two runs have ended")
    figure = style.sheet(5.2, 3.6)
    axes = style.place(figure, 0.7, 0.2, 4.3, 2.9)
    _, misfits, prices = zip(*points)
    axes.plot(misfits, prices, color="#bbbbbb", lw=0.8, zorder=1)
    axes.scatter(misfits, prices, s=16, color=style.BLUE, zorder=2)
    for label, misfit, price in points:
        axes.annotate(label, (misfit, price), (4, 4), textcoords="offset points", fontsize=7)
    if min(misfits) > 0 and max(misfits) > 5 * min(misfits):
        axes.set_xscale("log")
    axes.margins(0.12)
    axes.set_xlabel("Data misfit of the last band, relative to no prediction")
    axes.set_ylabel(name)
    axes.grid(color="#dddddd", lw=0.4)
    axes.set_axisbelow(True)
    return figure


def _misfit(run):
    return run.metric("data_misfit", "final")


def _price(runs):
    """The name of the other axis, and how to read it."""
    if any(run.model_error("rmse_m_s", "final") is not None for run in runs):
        return "Model RMSE (m/s)", lambda run: run.model_error("rmse_m_s", "final")
    return "Regularizer $R$ of the result", lambda run: run.metric("regularizer", "value")
