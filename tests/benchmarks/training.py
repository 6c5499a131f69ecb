"""Our training against ``transformers.Trainer``, set up as its token-classification example.

    python -m tests.benchmarks.training [TRAIN DEV TEST] --peer [--peer-rate 5e-4]
        [--recipe quick balanced] [--seeds 3] [--limit 2000] [--epochs N] [--points N] [--json]
    python -m tests.benchmarks.training --techniques [NAME …] [--recipe balanced] …

All fine-tune the same base model on the same sentences with the same number of threads, each
in a fresh process, in an order that turns around from seed to seed; one scorer judges all. Ours
is a whole run by its worker, with a recipe's settings and nothing else. The Trainer has the
defaults of run_ner.py (``peer``); ``--peer-rate`` adds one with a learning rate that fits better.

Training seconds are those of the training functions themselves, without the evaluations of
dev (``sides``). Dev F1 is taken after every epoch, with ``--points`` more often. *Time to F1*
is the training time until dev F1 is first seen at or above what the Trainer with its defaults
ends with; nothing is interpolated. The goal is a third of that Trainer's training time.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import environment, recipes  # noqa: E402
from storage.types import Document, Split  # noqa: E402
from tests.benchmarks import measuring, sides, techniques  # noqa: E402

PEER, PEER_RATE, PEER_EPOCHS = "Trainer", 5e-5, 3
SEED, GOAL = 13, 1 / 3
# Dense bf16 TFLOPS, without sparsity, as the makers state them; the first name that fits counts.
PEAKS = {"H100 PCIe": 756, "H100 NVL": 835, "H100": 989, "H200": 989, "A100": 312}


def make_jobs(chosen: argparse.Namespace, job: dict, documents: list[Document]) -> dict[str, dict]:
    """Return the jobs by the names of their columns: recipes, the Trainer, the tuned Trainer."""
    jobs = {}
    for recipe in chosen.recipe:
        settings = sides.fit_settings(documents, chosen.base, recipe)
        settings = replace(settings, epochs=chosen.epochs or settings.epochs)
        jobs[recipe] = {**job, "side": "ours", "settings": asdict(settings), "switch": ""}
    peer = {**job, "side": "peer", "epochs": chosen.epochs or PEER_EPOCHS}
    if chosen.peer:
        jobs[PEER] = {**peer, "rate": PEER_RATE}
    if chosen.peer_rate:
        jobs[f"{PEER} {chosen.peer_rate:g}"] = {**peer, "rate": chosen.peer_rate}
    return jobs


def seeded(job: dict, seed: int) -> dict:
    """Give a job its seed."""
    if job["side"] == "peer":
        return {**job, "seed": seed}
    return {**job, "settings": {**job["settings"], "seed": seed}}


def compete(jobs: dict[str, dict], seeds: int) -> tuple[dict[str, list[dict]], list[float]]:
    """Let all train once for every seed; return what each found, and the load averages."""
    runs: dict[str, list[dict]] = {name: [] for name in jobs}
    loads = [os.getloadavg()[0]]
    for number in range(seeds):
        for name in list(jobs)[:: 1 if number % 2 == 0 else -1]:
            job = seeded(jobs[name], SEED + number)
            found = measuring.ask("tests.benchmarks.sides", job)
            runs[name].append({"seed": SEED + number, **found})
            loads.append(os.getloadavg()[0])
            print(f"{name}, seed {SEED + number}: {told(found)}", file=sys.stderr)
    return runs, loads


def told(found: dict) -> str:
    """Say in a line how a training went."""
    points = ", ".join(f"{wall:.0f} s {f1:.3f}" for wall, _, f1 in found["points"])
    return f"{found['words_per_second']:,.0f} words/s; dev F1 after {points}"


def reach(run: dict, wanted: float) -> float | None:
    """Return the training seconds at the first point at or above a dev F1."""
    return next((wall for wall, _, f1 in run["points"] if f1 >= wanted), None)


def compare(runs: dict[str, list[dict]]) -> None:
    """Note in every run its time to the Trainer's F1 and its ratios to the Trainer's run."""
    for rows in runs.values():
        for row, peer in zip(rows, runs[PEER], strict=True):
            row["seconds_to_f1"] = reach(row, peer["dev"])
            reached = row["seconds_to_f1"]
            row["ratio"] = {
                "seconds_to_f1": None if reached is None else reached / peer["train_seconds"],
                **{key: row[key] / peer[key] for key in RATIOS if row[key] and peer[key]},
            }


RATIOS = (
    *("train_seconds", "total_seconds", "words_per_second", "words_per_cpu_second"),
    *("peak_mib", "dev", "test"),
)


def summarize(rows: list[dict]) -> dict:
    """Add means and deviations to the runs of a column."""
    mean, deviation = measuring.summarize(rows)
    found = {"runs": rows, "mean": mean, "deviation": deviation}
    if "ratio" in rows[0]:
        found["ratio"] = measuring.summarize([row["ratio"] for row in rows])[0]
    return found


def judge(columns: dict[str, dict]) -> dict[str, dict]:
    """Say for every recipe whether the Trainer's F1 is reached in a third of its time."""
    found = {}
    for name, column in columns.items():
        if name.startswith(PEER):
            continue
        ratios = [row["ratio"]["seconds_to_f1"] for row in column["runs"]]
        mean = None if None in ratios else sum(ratios) / len(ratios)
        found[name] = {
            "wanted": GOAL,
            "found": mean,
            "not_reached": ratios.count(None),
            "reached": mean is not None and mean <= GOAL,
        }
    return found


def run(chosen: argparse.Namespace) -> dict:
    """Do what was asked for, and describe on what."""
    files = [path.resolve() for path in chosen.files or measuring.find_corpus()]
    documents = measuring.read_corpus(files, chosen.limit)
    parts = {split: [d for d in documents if d.split is split] for split in Split}
    if not parts[Split.TRAIN] or not parts[Split.DEV]:
        sys.exit("The unit is the time to a dev F1: name CoNLL files of train, dev and test.")
    job = {
        "files": [str(path) for path in files],
        "limit": chosen.limit,
        "base": chosen.base,
        "threads": chosen.threads or environment.cores(),
        "points": chosen.points,
        "test": True,
    }
    found = {
        "files": job["files"],
        "base": chosen.base,
        "threads": job["threads"],
        "train_words": measuring.count_words(parts[Split.TRAIN]),
        **{f"{split}_documents": len(part) for split, part in parts.items()},
        "machine": measuring.describe_machine(),
    }
    if chosen.techniques is not None:
        return {**found, "techniques": techniques.run(chosen, job, documents)}
    runs, loads = compete(make_jobs(chosen, job, documents), chosen.seeds)
    if chosen.peer:
        compare(runs)
    columns = {name: summarize(rows) for name, rows in runs.items()}
    goal = judge(columns) if chosen.peer else {}
    return {**found, "columns": columns, "goal": goal, "load_average": loads}
