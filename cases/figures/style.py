# SPDX-License-Identifier: BSD-3-Clause
"""One look for all figures: sizes, fonts, colours, and panels placed in inches so that a km is a km."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

WIDTH = 7.2    # in: two columns of most journals
HEIGHT = 8.8   # in: the most that leaves room for a caption
DPI = 200

# Perceptually uniform, rises monotonically in lightness (so it survives grey print and colour blindness), and, unlike
# turbo or jet, puts no edges into a smooth start model.
VELOCITY_MAP = "viridis"
ERROR_MAP = "RdBu_r"
TRACE_MAP = "gray"

# Okabe & Ito's colours, told apart with any colour vision.
BLACK, GREY = "#000000", "#7f7f7f"
VERMILION, BLUE, GREEN, PURPLE, ORANGE, SKY = "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"
CYCLE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY)
DASHES = ("-", "--", "-.", ":")
STAGE_SHADE = "#efefef"

plt.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8, "legend.fontsize": 7.5,
    "xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "axes.linewidth": 0.6, "lines.linewidth": 1.2,
    "xtick.major.width": 0.6, "ytick.major.width": 0.6, "xtick.major.size": 2.5, "ytick.major.size": 2.5,
    "xtick.minor.width": 0.4, "ytick.minor.width": 0.4, "xtick.minor.size": 1.5, "ytick.minor.size": 1.5,
    "legend.frameon": False, "axes.titlepad": 4, "axes.labelpad": 3,
    "savefig.dpi": DPI, "mathtext.default": "regular",
})


def letter(index):
    return f"({chr(ord('a') + index)})"


def sheet(width, height):
    return plt.figure(figsize=(width, height))


def place(figure, left, top, width, height, **options):
    """Axes at a place given in inches from the figure's upper left corner."""
    page_width, page_height = figure.get_size_inches()
    box = (left / page_width, 1 - (top + height) / page_height, width / page_width, height / page_height)
    return figure.add_axes(box, **options)


def title(axes, text):
    axes.set_title(text, loc="left")


def few_ticks(axis, count, steps=(1, 2, 5, 10)):
    axis.set_major_locator(MaxNLocator(nbins=count, steps=steps))


def colour_bar(figure, image, left, top, height, label, extend="neither"):
    bar = figure.colorbar(image, cax=place(figure, left, top, 0.11, height), extend=extend, extendfrac=0.03)
    bar.set_label(label)
    bar.outline.set_linewidth(0.6)
    few_ticks(bar.ax.yaxis, 8 if height > 1.6 else 5, (1, 2, 2.5, 5, 10))
    return bar


def exceeds(arrays, low, high):
    """The ends of a colour bar that need an arrow: "neither", "min", "max" or "both"."""
    below = any(np.nanmin(array) < low for array in arrays)
    above = any(np.nanmax(array) > high for array in arrays)
    return {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}[below, above]


def save(figure, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)
    return path
