"""Document classes: ours beside SetFit, logistic regression and the Trainer, in one call.

    python -m tests.benchmarks.classes [--corpus banking77 | clinc150-full | …] [--sizes 8 64 all]
        [--sides ours head SetFit regression Trainer] [--seeds 1] [--steps 1540] [--threads N]
        [--json]

A size is the number of train documents of each class, a seeded sample. Each side trains the
bundled encoder in a process of its own on the same documents and is judged on all of test by one
scorer; what exactly it does stands in ``class_sides``. *ours* is the default recipe, *head* the
recipe quick, which fits a head and leaves the encoder alone. Seconds are those of the training
function; for ours those of the whole run, from the frozen data to the report and the saved model,
test and its figures included.

The goals: at each size an accuracy of at least the best of the peers', and on all data the
Trainer's final accuracy in a third of its time. The time to it is that of the recipe that first
has it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from engine.system import environment
from tests.benchmarks import class_corpora
from tests.benchmarks.parts import measuring

SIDES = ("ours", "head", "regression", "SetFit", "Trainer")
OURS = {"ours": "balanced", "head": "quick"}
PEERS = tuple(side for side in SIDES if side not in OURS)
SEED, GOAL = 13, 1 / 3
SIZES = ("8", "64", "all")
# What SetFit's paper takes for eight examples of 77 classes: 20 pairs of each kind a text.
STEPS = 1540
ROWS = {
    "accuracy": ("accuracy", 4),
    "macro_f1": ("macro F1", 4),
    "in_scope_accuracy": ("in-scope accuracy", 4),
    "out_of_scope_recall": ("out-of-scope recall", 4),
    "auroc": ("out-of-scope AUROC", 4),
    "seconds": ("seconds", 1),
    "cpu_seconds": ("CPU seconds", 1),
    "peak_mib": ("peak memory, MiB", 0),
}
Found = dict[str, Any]


def job_of(side: str, size: str, seed: int, chosen: argparse.Namespace) -> Found:
    """Return what a side's process is asked."""
    return {
        "side": "ours" if side in OURS else side,
        "recipe": OURS.get(side, ""),
        "set": {},
        "corpus": chosen.corpus,
        "size": None if size == "all" else int(size),
        "seed": seed,
        "base": "bundled",
        "steps": chosen.steps,
        "threads": chosen.threads or environment.cores(),
    }


def compete(size: str, chosen: argparse.Namespace) -> dict[str, Found]:
    """Let the sides train on a size once for every seed; return mean and deviation of each."""
    found = {}
    for side in chosen.sides:
        rows = []
        for number in range(chosen.seeds):
            job = job_of(side, size, SEED + number, chosen)
            rows.append(measuring.ask("tests.benchmarks.class_sides", job))
            told = f"{rows[-1]['accuracy']:.4f} after {rows[-1]['seconds']:.0f} s"
            print(f"{side}, {size}, seed {job['seed']}: {told}", file=sys.stderr)
        mean, deviation = measuring.summarize(rows)
        found[side] = {"runs": rows, "mean": mean, "deviation": deviation}
    return found


def judge(size: str, columns: dict[str, Found]) -> list[str]:
    """Say of a size which goals are reached; nothing of sides that did not train."""
    means = {side: column["mean"] for side, column in columns.items()}
    peers = {side: means[side]["accuracy"] for side in PEERS if side in means}
    told = []
    if "ours" in means and peers:
        best, own = max(peers, key=lambda side: peers[side]), means["ours"]["accuracy"]
        verdict = "reached" if own >= peers[best] else "not reached"
        told.append(f"goal, best at {size}: {verdict}: {own:.4f}, {best} {peers[best]:.4f}")
    if size == "all" and "Trainer" in means:
        told.append(_time_goal(means))
    if size == "all" and "ours" in means and "auroc" in means["ours"]:
        inside, far = means["ours"]["in_scope_accuracy"], means["ours"]["auroc"]
        verdict = "reached" if inside >= 0.94 and far >= 0.95 else "not reached"
        told.append(
            f"goal, in-scope accuracy 0.94 with AUROC 0.95: {verdict}: {inside:.4f}, {far:.4f}"
        )
    return told


def _time_goal(means: dict[str, Found]) -> str:
    wanted, whole = means["Trainer"]["accuracy"], means["Trainer"]["seconds"]
    there = [s for s in OURS if s in means and means[s]["accuracy"] >= wanted]
    goal = f"goal, the Trainer's {wanted:.4f} in {GOAL:.2f} of its time"
    if not there:
        return f"{goal}: not reached: nothing of ours is as accurate"
    first = min(there, key=lambda side: means[side]["seconds"])
    share = means[first]["seconds"] / whole
    verdict = "reached" if share <= GOAL else "not reached"
    return f"{goal}: {verdict}: {first} took {share:.2f} of it"


def run(chosen: argparse.Namespace) -> Found:
    """Do what was asked for, and describe on what."""
    loads, sizes = [os.getloadavg()[0]], {}
    for size in chosen.sizes:
        sizes[size] = compete(size, chosen)
        loads.append(os.getloadavg()[0])
    return {
        "corpus": chosen.corpus,
        "threads": chosen.threads or environment.cores(),
        "setfit_steps": chosen.steps,
        "sizes": sizes,
        "goals": [told for size, columns in sizes.items() for told in judge(size, columns)],
        "machine": measuring.describe_machine(),
        "load_average": loads,
    }


def show(found: Found) -> None:
    """Print what was found as a table a size."""
    for size, columns in found["sizes"].items():
        print(f"{found['corpus']}, {size} documents a class, {found['threads']} threads")
        print(f"{'':<26}" + "".join(f"{side:>20}" for side in columns))
        for key, (title, digits) in ROWS.items():
            if any(key in column["mean"] for column in columns.values()):
                cells = [_cell(column, key, digits) for column in columns.values()]
                print(f"{title:<26}" + "".join(f"{cell:>20}" for cell in cells))
        _show_ratios(columns)
    print(f"SetFit had at most {found['setfit_steps']:,} steps of 16 pairs")
    print(*found["goals"], sep="\n")
    measuring.show_machine(found["machine"], found["load_average"])


def _cell(column: Found, key: str, digits: int) -> str:
    if key not in column["mean"]:
        return "-"
    mean = f"{column['mean'][key]:,.{digits}f}"
    return f"{mean} ± {column['deviation'][key]:,.{digits}f}" if len(column["runs"]) > 1 else mean


def _show_ratios(columns: dict[str, Found]) -> None:
    """Print seconds and memory as multiples of the Trainer's."""
    if "Trainer" not in columns:
        return
    peer = columns["Trainer"]["mean"]
    for key in ("seconds", "cpu_seconds", "peak_mib"):
        cells = [f"{column['mean'][key] / peer[key]:.2f} ×" for column in columns.values()]
        title = f"ratio, {ROWS[key][0]}"
        print(f"{title:<26}" + "".join(f"{cell:>20}" for cell in cells))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", choices=class_corpora.NAMES, default=class_corpora.NAMES[0])
    parser.add_argument("--sizes", nargs="+", default=list(SIZES), help="a class, or all")
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS, help="SetFit's, at most; -1: all")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = run(chosen)
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
