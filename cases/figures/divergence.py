# SPDX-License-Identifier: BSD-3-Clause
"""The depth image of the data beside the reflectivity of start and result, and how far they are apart, in places."""

import numpy as np

import style
from models import frame_of
from panels import Colours, Panel, gallery
from reading import Volume

WHEN = {"initial": "start", "final": "recovered"}


def figures_of(run, when):
    jeffreys = run.metric("divergence", "half_jeffreys", when)
    return "" if jeffreys is None else f"half-Jeffreys {jeffreys:.2f}"


def draw_images(run):
    panels = [Panel("Image of the data", run.picture("image/final", "image"))]
    panels += [Panel(f"Reflectivity, {name}", run.picture(f"image/{when}", "reflectivity"), figures_of(run, when))
               for when, name in WHEN.items()]
    return gallery(panels, Colours(-3, 3, "Amplitude / rms", style.TRACE_MAP), frame_of(run.models))[0]


def draw_divergence(run):
    panels = []
    for when, name in WHEN.items():
        volume = run.picture(f"divergence/{when}", "half_jeffreys")
        dark = np.where(volume.vp < 0, np.nan, volume.vp)
        panels.append(Panel(f"Divergence, {name}", Volume(dark, volume.origin, volume.spacing), figures_of(run, when)))
    high = max(np.nanpercentile(panel.volume.vp, 98) for panel in panels)
    colours = Colours(0, max(high, 1e-3), "Half-Jeffreys divergence", "magma")
    return gallery(panels, colours, frame_of(run.models), tallest=4.6)[0]
