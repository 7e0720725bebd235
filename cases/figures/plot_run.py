#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Figures of a run folder, or one figure that compares several.

    plot_run.py RUN_DIR                 writes RUN_DIR/figures/*.png
    plot_run.py RUN_DIR RUN_DIR...      writes comparison.png beside the first run; with --tradeoff, for runs that
                                        differ in one option, tradeoff.png as well
    plot_run.py TRAINING_DIR            writes learning.png and reliability.png of what `fathom train` left; of several,
                                        comparison.png beside the first

An interrupted run gives the figures it has data for; what is missing is said on stderr.
Exit 0: at least one figure was drawn; 1: none could be; 2: not a run folder, or wrong arguments.
"""

import argparse
import os
import sys
from pathlib import Path

import style
from acquisition import draw_acquisition
from comparison import draw_comparison
from convergence import draw_convergence
from divergence import draw_divergence, draw_images
from gathers import draw_gathers
from models import draw_errors, draw_models, draw_profiles
from proposals import draw_proposals, has_proposals
from reading import Missing, NotARun, Run
from tradeoff import draw_tradeoff
from training import draw_learning, draw_reliability, draw_trainings, is_training


def complain(text):
    print(f"plot_run: {text}", file=sys.stderr)


def draw(path, figure_of, *subject):
    """Draws and saves one figure; returns whether there is one. A damaged file costs its own figures only."""
    try:
        style.save(figure_of(*subject), path)
    except (Missing, KeyError, ValueError, IndexError, OSError) as error:
        reason = error if isinstance(error, Missing) else f"{type(error).__name__}: {error}"
        complain(f"{path.name} is not drawn: {reason}")
        return False
    print(path)
    return True


def plot_one(run, shot):
    figures = run.folder / "figures"
    drawn = [
        draw(figures / "models.png", draw_models, run),
        draw(figures / "profiles.png", draw_profiles, run),
        draw(figures / "gathers.png", draw_gathers, run, shot),
        draw(figures / "convergence.png", draw_convergence, run),
        draw(figures / "acquisition.png", draw_acquisition, run),
    ]
    if run.metric("divergence", "half_jeffreys", "final") is not None:
        drawn.append(draw(figures / "images.png", draw_images, run))
        drawn.append(draw(figures / "divergence.png", draw_divergence, run))
    if has_proposals(run):
        drawn.append(draw(figures / "proposals.png", draw_proposals, run))
    if "true" in run.models_or_none():
        drawn.append(draw(figures / "errors.png", draw_errors, run))
    return any(drawn)


def plot_training(folder):
    figures = folder / "figures"
    drawn = [draw(figures / "learning.png", draw_learning, folder),
             draw(figures / "reliability.png", draw_reliability, folder)]
    return any(drawn)


def plot_trainings(folders, output):
    if len(folders) == 1:
        return plot_training(folders[0])
    return draw(comparison_path(folders[0], output), draw_trainings, folders)


def comparison_path(first, output):
    """The figure of several folders, `first` and others."""
    if output:
        return Path(output)
    beside = first.resolve().parent
    return (beside if os.access(beside, os.W_OK) else Path.cwd()) / "comparison.png"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="+", metavar="RUN_DIR", help="a folder that `fathom invert` wrote")
    parser.add_argument("--shot", type=int, help="the shot of gathers.png (default: in the middle of the line)")
    parser.add_argument("--output", help="the comparison's file (default: comparison.png beside the first run)")
    parser.add_argument("--dpi", type=int, default=style.DPI, help="dots an inch (default: %(default)s)")
    parser.add_argument("--tradeoff", action="store_true", help="also data misfit against model error")
    arguments = parser.parse_args()
    style.plt.rcParams["savefig.dpi"] = arguments.dpi
    folders = [Path(folder) for folder in arguments.run]
    if all(is_training(folder) for folder in folders):
        return 0 if plot_trainings(folders, arguments.output) else 1
    try:
        runs = [Run(folder) for folder in arguments.run]
    except NotARun as error:
        complain(error)
        return 2
    if len(runs) == 1:
        drawn = plot_one(runs[0], arguments.shot)
    else:
        path = comparison_path(runs[0].folder, arguments.output)
        drawn = draw(path, draw_comparison, runs)
        if arguments.tradeoff:
            drawn = draw(path.with_name("tradeoff.png"), draw_tradeoff, runs) or drawn
    for run in runs:
        for note in run.notes:
            complain(f"{run.folder}: {note}")
    return 0 if drawn else 1


if __name__ == "__main__":
    sys.exit(main())
