"""Our training against ``transformers.Trainer``, set up as its token-classification example.

    python -m tests.benchmarks.training [TRAIN DEV TEST] [--peer] [--peer-rate 5e-4 | search]
        [--rates 2e-4 5e-4 1e-3] [--kept FILE] [--recipe quick balanced] [--seeds 3]
        [--limit 2000] [--epochs N] [--points N] [--json]
    python -m tests.benchmarks.training --techniques [NAME …] [--recipe balanced] …

All fine-tune the same base model on the same sentences with the same number of threads, each
in a fresh process, in an order that turns around from seed to seed; one scorer judges all. Ours
is a whole run by its worker, with a recipe's settings and nothing else. The Trainer has the
defaults of run_ner.py (``--peer``); ``--peer-rate`` adds one with a learning rate that fits
better, ``--peer-rate search`` one with the rate that dev likes best of ``--rates``, each tried with
the first seed. A Trainer's run does not depend on our code: what is found in the file of ``--kept``
is taken from there, and what is not is added to it.

Training seconds are those of the training functions themselves, without the evaluations of
dev (``sides``). Dev F1 is taken after every epoch, with ``--points`` more often. *Time to F1*
is the training time until dev F1 is first seen at or above what the Trainer ends with, the one with
its defaults where it was asked for; nothing is interpolated. The goal is a quarter of that
Trainer's training time. Where there are two, the goal is held against both.
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

from engine.configuration import recipes  # noqa: E402
from engine.system import environment
from storage.types import Document, Split  # noqa: E402
from tests.benchmarks.parts import measuring, sides, techniques  # noqa: E402

PEER, PEER_RATE, PEER_EPOCHS = "Trainer", 5e-5, 3
SEARCH, RATES = "search", (2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3)
SEED, GOAL = 13, 1 / 4
SIDES = "tests.benchmarks.parts.sides"
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


def search(chosen: argparse.Namespace, job: dict) -> dict[float, float]:
    """Return the Trainer's last dev F1 with each rate, by the first seed; test is not looked at."""
    found = {}
    for rate in chosen.rates:
        peer = {**job, "side": "peer", "epochs": chosen.epochs or PEER_EPOCHS, "rate": rate}
        # A run that is kept is the first seed's as well; else test costs time for nothing.
        asked = {**seeded(peer, SEED), "test": bool(chosen.kept)}
        found[rate] = ask(asked, chosen.kept)["dev"]
        print(f"{PEER}, learning rate {rate:g}: dev F1 {found[rate]:.3f}", file=sys.stderr)
    return found


def seeded(job: dict, seed: int) -> dict:
    """Give a job its seed."""
    if job["side"] == "peer":
        return {**job, "seed": seed}
    return {**job, "settings": {**job["settings"], "seed": seed}}


def ask(job: dict, kept: Path | None) -> dict:
    """Have a job done, unless it is a Trainer's and was kept; keep what a Trainer found."""
    if not kept or job["side"] != "peer":
        return measuring.ask(SIDES, job)
    lines = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else []
    known = next((row["found"] for row in map(json.loads, lines) if row["job"] == job), None)
    if known is None:
        known = measuring.ask(SIDES, job)
        with kept.open("a", encoding="utf-8") as file:
            print(json.dumps({"job": job, "found": known}), file=file)
    return known


def compete(
    jobs: dict[str, dict], seeds: int, kept: Path | None = None
) -> tuple[dict[str, list[dict]], list[float]]:
    """Let all train once for every seed; return what each found, and the load averages."""
    runs: dict[str, list[dict]] = {name: [] for name in jobs}
    loads = [os.getloadavg()[0]]
    for number in range(seeds):
        for name in list(jobs)[:: 1 if number % 2 == 0 else -1]:
            job = seeded(jobs[name], SEED + number)
            found = ask(job, kept)
            runs[name].append({"seed": SEED + number, **found})
            loads.append(os.getloadavg()[0])
            print(f"{name}, seed {SEED + number}: {told(found)}", file=sys.stderr)
    return runs, loads


def told(found: dict) -> str:
    """Say in a line how a training went."""
    points = ", ".join(f"{wall:.0f} s {f1:.3f}" for wall, _, f1 in found["points"])
    return f"{found['words_per_second']:,.0f} words/s; dev F1 after {points}"


def reach(run: dict, wanted: float, place: int = 0) -> float | None:
    """Return the training seconds (1: CPU seconds) at the first point at or above a dev F1."""
    return next((point[place] for point in run["points"] if point[-1] >= wanted), None)


def share(seconds: float | None, whole: float) -> float | None:
    """Return a share of a time; None of what was never reached."""
    return None if seconds is None else seconds / whole


def compare(runs: dict[str, list[dict]]) -> None:
    """Note in every run its time to the Trainer's F1 and its ratios to the Trainer's run."""
    first = next(name for name in runs if name.startswith(PEER))
    for rows in runs.values():
        for row, peer in zip(rows, runs[first], strict=True):
            row["seconds_to_f1"] = reach(row, peer["dev"])
            row["ratio"] = {
                "seconds_to_f1": share(row["seconds_to_f1"], peer["train_seconds"]),
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
    """Say for every recipe whether each Trainer's F1 is reached in a quarter of its time."""
    peers = [name for name in columns if name.startswith(PEER)]
    return {
        f"{name}, {peer}": _held(column["runs"], columns[peer]["runs"])
        for name, column in columns.items()
        for peer in peers
        if name not in peers
    }


def _held(rows: list[dict], peers: list[dict]) -> dict:
    """Hold a recipe's runs against a Trainer's; by CPU seconds others' work counts less."""
    pairs = list(zip(rows, peers, strict=True))
    ratios = {
        title: [share(reach(row, peer["dev"], place), peer[key]) for row, peer in pairs]
        for place, (title, key) in enumerate((("found", "train_seconds"), ("cpu", "cpu_seconds")))
    }
    means = {t: None if None in some else sum(some) / len(some) for t, some in ratios.items()}
    reached = means["found"] is not None and means["found"] <= GOAL
    return {"wanted": GOAL, **means, "not_reached": ratios["cpu"].count(None), "reached": reached}


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
    if chosen.peer_rate == SEARCH:
        found["peer_rates"] = rates = search(chosen, job)
        chosen.peer_rate = max(rates, key=lambda rate: rates[rate])
    runs, loads = compete(make_jobs(chosen, job, documents), chosen.seeds, chosen.kept)
    if chosen.peer or chosen.peer_rate:
        compare(runs)
    columns = {name: summarize(rows) for name, rows in runs.items()}
    return {**found, "columns": columns, "goal": judge(columns), "load_average": loads}


ROWS = {
    "train_seconds": ("training seconds", 1),
    "cpu_seconds": ("their CPU seconds", 1),
    "total_seconds": ("total seconds", 1),
    "seconds_to_f1": ("seconds to the Trainer's F1", 1),
    "words_per_second": ("words per second", 0),
    "words_per_cpu_second": ("words per CPU second", 0),
    "dev": ("dev F1", 3),
    "test": ("test F1", 3),
    "peak_mib": ("peak memory, MiB", 0),
    "peak_card_mib": ("peak memory on the card, MiB", 0),
    "model_gflops": ("model GFLOPS", 0),
}


def show(found: dict) -> None:
    """Print what was found as tables."""
    print(
        f"{found['train_documents']:,} sentences of {found['train_words']:,} words, "
        f"{found['dev_documents']:,} in dev, {found['test_documents']:,} in test; "
        f"base {found['base']}, {found['threads']} threads"
    )
    if "techniques" in found:
        techniques.show(found["techniques"])
        return measuring.show_machine(found["machine"], found["techniques"]["load_average"])
    columns = found["columns"]
    show_rows(columns)
    show_points(columns)
    for name, goal in found["goal"].items():
        print(f"goal, {name}: {sentence(goal)}")
    show_share(columns, found["machine"]["card"])
    measuring.show_machine(found["machine"], found["load_average"])


def show_rows(columns: dict[str, dict]) -> None:
    """Print means and deviations, and below them the ratios to the Trainer."""
    print(f"{'':<30}" + "".join(f"{name:>22}" for name in columns))
    for key, (title, digits) in ROWS.items():
        if any(key in column["mean"] for column in columns.values()):
            cells = [cell(column, key, digits) for column in columns.values()]
            print(f"{title:<30}" + "".join(f"{text:>22}" for text in cells))
    for key in ("seconds_to_f1", *RATIOS):
        if any(key in column.get("ratio", {}) for column in columns.values()):
            given = [column["ratio"].get(key) for column in columns.values()]
            cells = ["-" if value is None else f"{value:.2f} ×" for value in given]
            title = f"ratio, {ROWS[key][0]}"
            print(f"{title:<30}" + "".join(f"{text:>22}" for text in cells))


def cell(column: dict, key: str, digits: int) -> str:
    """Return mean ± deviation; a dash where not every seed has the figure."""
    if key not in column["mean"]:
        return "-"
    mean = f"{column['mean'][key]:,.{digits}f}"
    return f"{mean} ± {column['deviation'][key]:,.{digits}f}" if len(column["runs"]) > 1 else mean


def show_points(columns: dict[str, dict]) -> None:
    """Print dev F1 by training time for every seed."""
    print("dev F1 by training time")
    for name, column in columns.items():
        for row in column["runs"]:
            points = "  ".join(f"{wall:7.1f} s {f1:.3f}" for wall, _, f1 in row["points"])
            print(f"  {name:<18} seed {row['seed']:<4}{points}")


def sentence(goal: dict) -> str:
    """Say whether the goal is reached on this machine."""
    if goal["found"] is None:
        return f"not reached here: {goal['not_reached']} seeds never saw the Trainer's F1"
    verdict = "reached" if goal["reached"] else "not reached"
    return (
        f"{verdict} here: the Trainer's dev F1 after {goal['found']:.2f} of its training time "
        f"and {goal['cpu']:.2f} of its CPU seconds (goal {goal['wanted']:.2f})"
    )


def show_share(columns: dict[str, dict], card: str) -> None:
    """Print the share of the card's peak that the model's own FLOPs (6 × weights × pieces) take."""
    peak = next((value for name, value in PEAKS.items() if name in card), None)
    if card and peak:
        for name, column in columns.items():
            share = column["mean"]["model_gflops"] / 1000 / peak
            print(f"{name}: {share:.1%} of the {peak} bf16 TFLOPS of {card}")


def rate(text: str) -> float | str:
    """Read a learning rate, or that one is to be searched."""
    return text if text == SEARCH else float(text)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="CoNLL or JSONL: TRAIN DEV TEST")
    parser.add_argument("--peer", action="store_true", help="the Trainer as well")
    parser.add_argument("--peer-rate", type=rate, help="and one with this learning rate, or search")
    parser.add_argument("--rates", nargs="+", type=float, default=RATES, help="what search tries")
    parser.add_argument("--kept", type=Path, help="where a Trainer's runs are kept (JSON lines)")
    parser.add_argument("--techniques", nargs="*", help="what each is worth; words of their names")
    parser.add_argument("--recipe", nargs="*", choices=list(recipes.RECIPES), default=["quick"])
    parser.add_argument("--base", default="bundled")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=2000, help="train on a seeded sample")
    parser.add_argument("--epochs", type=int, help="instead of the recipe's and the Trainer's 3")
    parser.add_argument("--points", type=int, default=1, help="dev evaluations in an epoch")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = run(chosen)
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
