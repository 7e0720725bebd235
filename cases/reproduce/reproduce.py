#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
"""Runs the comparison of plan.yaml and makes its table and figures: truth, start, conventional inversion, total
variation, the shipped network's guide, and what an oracle would reach, at the same limit of PDE solves.

    ./bootstrap reproduce                                        all of it, an estimated four hours on two cores
    ./bootstrap reproduce --benchmark salt --start linear        a part
    ./bootstrap reproduce --summary                              table and figures of what there is

Runs that are finished are left alone, those that were interrupted go on. Each has its case beside it
(runs/reproduce/NAME.yaml), which `fathom invert` runs alone.
"""

import argparse
import itertools
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "figures"))
sys.path.insert(0, str(HERE))

EVALUATIONS = 1.15   # of a quasi-Newton iteration, line searches included, on the whole
IMAGE = 3            # PDE solves a shot of a depth image


def merged(*parts):
    """Mappings, the later ones on top; lists and values are replaced."""
    result = {}
    for part in parts:
        for key, value in part.items():
            both = isinstance(value, dict) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both else value
    return result


def limit_of(passes, shots):
    """What quasi-Newton takes: gradients, images of each stage's start and of the result, and last predictions."""
    gradients = len(passes) + EVALUATIONS * sum(passes)
    return round(shots * (2 * gradients + IMAGE * (len(passes) + 1) + 2))


def own_case(known):
    """A case of the plan: without stages, and the stages, whose iterations are passes over all shots."""
    bands = known["bands"]
    stages = [{"min_frequency": bands.get("low", 0), "max_frequency": edge, "iterations": passes, "spacing": spacing}
              for edge, passes, spacing in zip(bands["edges"], bands["passes"], bands["spacings"])]
    limit = limit_of(bands["passes"], shots_of(known["case"]))
    return merged(known["case"], {"inversion": {"max_solves": limit}}), stages


def shipped_case(known):
    """A case beside this folder, without its minimiser and regularizer; `passes` take the place of its iterations and
    leave out the stages beyond them."""
    case = yaml.safe_load((HERE.parent / known["shipped"] / "case.yaml").read_text())
    for key in ("optimizer", "regularizer"):
        case["inversion"].pop(key, None)
    stages = case["inversion"].pop("stages")
    passes = known.get("passes", [stage["iterations"] for stage in stages])
    return case, [merged(stage, {"iterations": number}) for stage, number in zip(stages, passes)]


def shots_of(case):
    sources = case["survey"]["sources"]
    return sources["count"] * sources.get("lines", 1)


def is_stochastic(plan, method):
    return plan["methods"][method].get("inversion", {}).get("optimizer", {}).get("method") == "adam"


def case_of(plan, benchmark, start, method, seed, limit=None):
    """A whole case. A limit of PDE solves replaces the benchmark's own."""
    known = plan["benchmarks"][benchmark]
    base, stages = shipped_case(known) if "shipped" in known else own_case(known)
    case = merged({"inversion": {}}, plan["common"], base, known["starts"][start], plan["methods"][method])
    case["title"] = f"{known['title']}, {start}, {method.replace('_', ' ')}, seed {seed}"
    case["data"]["simulate"]["noise_seed"] = seed
    if is_stochastic(plan, method):
        adam = case["inversion"]["optimizer"]["adam"]
        batches = math.ceil(shots_of(case) / adam["batch"])
        stages = [merged(stage, {"iterations": round(EVALUATIONS * stage["iterations"] * batches)}) for stage in stages]
        adam["seed"] = seed
    case["inversion"]["stages"] = stages
    if limit:
        case["inversion"]["max_solves"] = limit
    regularizer = case["inversion"].get("regularizer", {})
    if regularizer.get("guide", {}).get("kind") == "network":
        regularizer["guards"] = merged(regularizer.get("guards", {}), {"seed": seed})
    return case


class Work:
    """One run of the plan."""

    def __init__(self, plan, out, benchmark, start, method, seed):
        self.plan, self.out = plan, out
        self.benchmark, self.start, self.method, self.seed = benchmark, start, method, seed
        self.name = f"{benchmark}-{start}-{method}-{seed}"
        self.folder, self.path = out / self.name, out / f"{self.name}.yaml"

    def metrics(self):
        """Those of the finished run; None: it is not finished."""
        path = self.folder / "metrics.json"
        metrics = json.loads(path.read_text()) if path.is_file() else {}
        return metrics if metrics.get("state") == "done" else None

    def is_done(self):
        return self.metrics() is not None

    def limit(self):
        """A shipped case has no limit that holds for all: the stochastic method gets what quasi-Newton took."""
        if "shipped" not in self.plan["benchmarks"][self.benchmark] or not is_stochastic(self.plan, self.method):
            return None
        pace = Work(self.plan, self.out, self.benchmark, self.start, "quasi_newton", self.seed)
        if not pace.is_done():
            sys.exit(f"reproduce: {self.name} gets the PDE solves that {pace.name} took: run that first")
        return pace.metrics()["pde_solves"]

    def text(self):
        case = case_of(self.plan, self.benchmark, self.start, self.method, self.seed, self.limit())
        return yaml.safe_dump(case, sort_keys=False)

    def require_same(self):
        if self.folder.exists() and self.path.exists() and self.path.read_text() != self.text():
            sys.exit(f"reproduce: {self.folder} was made by another plan: remove it, or take another --out")

    def command(self, fathom, ranks):
        launcher = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
        command = launcher + [str(fathom), "invert", str(self.path), "--out", str(self.folder)]
        return command + (["--resume"] if (self.folder / "checkpoint.h5").is_file() else [])

    def run(self, fathom, ranks):
        self.path.write_text(self.text())
        with open(self.path.with_suffix(".log"), "a") as log:
            # In a session of its own, it gets a Ctrl-C once: from here.
            process = subprocess.Popen(self.command(fathom, ranks), stdout=log, stderr=subprocess.STDOUT,
                                       start_new_session=True)
            try:
                return process.wait()
            except KeyboardInterrupt:
                process.send_signal(signal.SIGINT)
                process.wait()
                sys.exit(130)


def works_of(plan, out, arguments):
    """The first seed's runs first; those of one benchmark and start side by side."""
    pairs = [(benchmark, start) for benchmark, known in plan["benchmarks"].items() for start in known["starts"]]
    wanted = lambda names, name: not names or name in names   # noqa: E731
    return [Work(plan, out, benchmark, start, method, seed)
            for seed, (benchmark, start), method in itertools.product(plan["seeds"], pairs, plan["methods"])
            if wanted(arguments.seed, seed) and wanted(arguments.benchmark, benchmark)
            and wanted(arguments.start, start) and wanted(arguments.method, method)]


def run_all(works, fathom, ranks):
    left = [work for work in works if not work.is_done()]
    print(f"{len(works)} runs, {len(works) - len(left)} of them done")
    begin = time.monotonic()
    for number, work in enumerate(left):
        since = time.monotonic()
        code = work.run(fathom, ranks)
        if code != 0:
            sys.exit(f"reproduce: {work.name} ended with {code}: see {work.path.with_suffix('.log')}")
        now = time.monotonic()
        to_go = (now - begin) / (number + 1) * (len(left) - number - 1)
        print(f"[{number + 1}/{len(left)}] {work.name}: {now - since:.0f} s, about {to_go / 60:.0f} min to go", flush=True)


def names(text):
    return text.split(",")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plan", type=Path, default=HERE / "plan.yaml", help="what is compared, and on what")
    parser.add_argument("--out", type=Path, default=Path("runs/reproduce"), help="folder of the runs")
    parser.add_argument("--fathom", type=Path, default=ROOT / "build/release/bin/fathom", help="the program")
    parser.add_argument("--ranks", type=int, default=os.cpu_count(), help="MPI ranks of a run")
    for name, what in (("benchmark", "benchmarks"), ("start", "starts"), ("method", "methods")):
        parser.add_argument(f"--{name}", type=names, metavar="A,B", help=f"only these {what}")
    parser.add_argument("--seed", type=lambda text: [int(seed) for seed in text.split(",")], metavar="1,2",
                        help="only these seeds")
    parser.add_argument("--summary", action="store_true", help="run nothing")
    arguments = parser.parse_args()
    plan = yaml.safe_load(arguments.plan.read_text())
    arguments.out.mkdir(parents=True, exist_ok=True)
    works = works_of(plan, arguments.out, arguments)
    for work in works:
        work.require_same()
    if not arguments.summary:
        run_all(works, arguments.fathom, arguments.ranks)
    from summary import summarize   # it needs matplotlib, which runs do not
    return summarize([work for work in works if work.is_done()], plan, arguments.out)


if __name__ == "__main__":
    sys.exit(main())
