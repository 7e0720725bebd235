# SPDX-License-Identifier: BSD-3-Clause
"""The table and figures of runs that reproduce.py made."""

import csv
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

import style
from panels import draw_section, velocity_colours
from reading import Missing, Run

CONVENTIONAL = ("quasi_newton", "stochastic")
HEADINGS = {"quasi_newton": "quasi-Newton", "guided_quasi_newton": "guided quasi-Newton"}   # where it is not the name


@dataclass
class Result:
    """What a run came to."""

    work: object
    run: Run

    def metric(self, *path):
        value = self.run.metric(*path)
        return np.nan if value is None else value

    @property
    def rmse(self):
        return self.metric("model", "rmse_m_s", "final")

    def row(self):
        metric = self.metric
        guide = self.run.metrics.get("guide") or {}
        fates = {f"{kind}_{fate}": guide.get(kind, {}).get(fate, "") for kind in ("jumps", "steering")
                 for fate in ("accepted", "rejected")}
        return {"benchmark": self.work.benchmark, "start": self.work.start, "method": self.work.method,
                "seed": self.work.seed, "rmse_start_m_s": metric("model", "rmse_m_s", "initial"),
                "rmse_m_s": self.rmse, "ssim": metric("model", "ssim", "final"),
                "misfit_share": metric("data_misfit", "final") / metric("data_misfit", "initial"),
                "half_jeffreys": metric("divergence", "half_jeffreys", "final"),
                "pde_solves": int(metric("pde_solves")), "wall_s": metric("wall_s"), **fates,
                "abstained": guide.get("abstained", "")}


def heading_of(method):
    return HEADINGS.get(method, method.replace("_", " "))


def grouped(results):
    """By benchmark and start, then by method: results of all seeds."""
    groups = defaultdict(lambda: defaultdict(list))
    for result in results:
        groups[result.work.benchmark, result.work.start][result.work.method].append(result)
    return groups


def best_conventional(methods):
    """The method whose mean error is the least, of those that know neither regularizer nor guide; None: none was run."""
    known = [method for method in CONVENTIONAL if method in methods]
    return min(known, key=lambda method: np.mean([result.rmse for result in methods[method]]), default=None)


def write_rows(results, path):
    rows = [result.row() for result in results]
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows({key: f"{value:.6g}" if isinstance(value, float) else value for key, value in row.items()}
                        for row in rows)


def write_table(groups, path):
    """Means over the seeds; errors also as shares of the best conventional run's, seed by seed."""
    lines = ["| benchmark, start | method | seeds | RMSE (m/s) | share of conventional | SSIM | misfit / start | "
             "divergence | PDE solves |", "|---|---|---|---|---|---|---|---|---|"]
    for (benchmark, start), methods in groups.items():
        reference = best_conventional(methods)
        of_seed = {result.work.seed: result.rmse for result in methods.get(reference, [])}
        initial = next(iter(methods.values()))[0].row()["rmse_start_m_s"]
        lines.append(f"| {benchmark}, {start} | start | | {initial:.0f} | | | | | |")
        for method, results in methods.items():
            rows = [result.row() for result in results]
            shares = [row["rmse_m_s"] / of_seed[row["seed"]] for row in rows if row["seed"] in of_seed]
            mean = lambda key: np.nanmean([row[key] for row in rows])   # noqa: E731
            share = f"{np.mean(shares):.2f} ({min(shares):.2f} to {max(shares):.2f})" if shares else ""
            name = f"**{heading_of(method)}**" if method == reference else heading_of(method)
            lines.append(f"| | {name} | {len(rows)} | {mean('rmse_m_s'):.0f} | {share} | {mean('ssim'):.3f} | "
                         f"{mean('misfit_share'):.4f} | {mean('half_jeffreys'):.2f} | {mean('pde_solves'):.0f} |")
    path.write_text("\n".join(lines) + "\n")


def draw_models(groups, start, plan):
    """A benchmark a row: truth, start, the best conventional result, and those of the other methods, of one seed."""
    rows = []
    for (benchmark, own_start), methods in groups.items():
        reference = best_conventional(methods)
        if own_start != start or reference is None:
            continue
        others = [method for method in plan["methods"] if method in methods and method not in CONVENTIONAL]
        models = methods[reference][0].run.models
        panels = [("True", models["true"], None),
                  ("Start", models["start"], methods[reference][0].metric("model", "rmse_m_s", "initial"))]
        panels += [(heading_of(method), methods[method][0].run.models["model"], methods[method][0].rmse)
                   for method in [reference] + others]
        rows.append((plan["benchmarks"][benchmark]["title"], panels))
    if not rows:
        raise Missing(f"no conventional run from the {start} start is finished")
    left, right, gap, head, foot, between = 0.52, 0.92, 0.18, 0.34, 0.40, 0.22
    columns = max(len(panels) for _, panels in rows)
    width = (style.WIDTH + 2.4 - left - right - (columns - 1) * gap) / columns
    heights = [min(1.6, 1.6 * width * panels[0][1].length_km(2) / panels[0][1].length_km(0)) for _, panels in rows]
    figure = style.sheet(style.WIDTH + 2.4, sum(heights) + len(rows) * (head + between) + foot)
    top = 0.
    for number, ((title, panels), height) in enumerate(zip(rows, heights)):
        top += head + (between if number else 0.05)
        colours = velocity_colours([], panels[0][1])
        for column, (name, volume, error) in enumerate(panels):
            axes = style.place(figure, left + column * (width + gap), top, width, height)
            section = volume.vp[:, volume.vp.shape[1] // 2]
            image = draw_section(axes, section, volume.coordinates_km(0), volume.coordinates_km(2), colours)
            style.few_ticks(axes.xaxis, 4)
            style.few_ticks(axes.yaxis, 4)
            axes.tick_params(labelleft=column == 0)
            words = name if error is None else f"{name}\nRMSE {error:.0f} m/s"
            style.title(axes, words if column else f"{title}\n{name}")
            if column == 0:
                axes.set_ylabel("Depth (km)")
            if number == len(rows) - 1:
                axes.set_xlabel("Distance (km)")
        extend = style.exceeds([volume.vp for _, volume, _ in panels], colours.low, colours.high)
        style.colour_bar(figure, image, left + columns * (width + gap), top, height, colours.label, extend)
        top += height
    return figure


def summarize(works, plan, out):
    if not works:
        print("reproduce: no run is finished")
        return 1
    results = [Result(work, Run(work.folder)) for work in works]
    groups = grouped(results)
    write_rows(results, out / "results.csv")
    write_table(groups, out / "table.md")
    print((out / "table.md").read_text())
    print(out / "results.csv")
    for start in sorted({start for _, start in groups}):
        try:
            print(style.save(draw_models(groups, start, plan), out / f"models-{start}.png"))
        except Missing as missing:
            print(f"reproduce: models-{start}.png is not drawn: {missing}")
    return 0
