"""Our training on a GPU beside ``transformers.Trainer`` in bf16, in one call.

    python -m tests.benchmarks.gpu [TRAIN DEV TEST] [--batches 8 32 128] [--rate 3e-4] [--epochs 3]
        [--seeds 2] [--base bundled] [--recipe balanced] [--json]

Both fine-tune all of the same base model on the same sentences, for as many epochs, with the same
learning rate and in batches of the same size, the Trainer set up as its token-classification
example with bf16 (``parts/peer.py``): once with run_ner.py's own batch of 8, and with larger ones
that suit a GPU better. Each training has a process of its own; they take turns. Training seconds
are those of the training functions, recording of steps included, evaluations of dev not
(``sides``).
``--recipe`` adds what the app would do by itself, held against the Trainer with batches of 8.

Without a GPU it says so, and measures nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.configuration import recipes  # noqa: E402
from engine.configuration.settings import Settings  # noqa: E402
from engine.system import environment  # noqa: E402
from tests.benchmarks import training  # noqa: E402
from tests.benchmarks.parts import measuring, sides  # noqa: E402

GOAL = 5.0
NONE = "There is no GPU here: nothing was measured."
OWN_BATCH = 8
COMPARED = (
    *("words_per_second", "later_words_per_second", "train_seconds", "total_seconds"),
    *("dev", "test", "peak_card_mib"),
)
TITLES = {
    "words_per_second": "words/s",
    "later_words_per_second": "… from epoch 2",
    "peak_card_mib": "MiB on the card",
}
RATES = COMPARED[:2]


def make_jobs(chosen: argparse.Namespace, job: dict) -> dict[str, dict]:
    """Return the jobs by the names of their columns, the Trainer's after ours for each batch."""
    jobs = {}
    for size in chosen.batches:
        settings = Settings(
            epochs=chosen.epochs, learning_rate=chosen.rate, batch_size=size, frozen_layers=0
        )
        jobs[f"ours {size}"] = {**job, "side": "ours", "settings": asdict(settings), "switch": ""}
        jobs[f"{training.PEER} {size}"] = {
            **job,
            "side": "peer",
            "epochs": chosen.epochs,
            "rate": chosen.rate,
            "batch": size,
        }
    return jobs


def add_recipe(jobs: dict[str, dict], chosen: argparse.Namespace, job: dict, documents) -> None:
    """Add what the app would do by itself."""
    if chosen.recipe:
        settings = sides.fit_settings(documents, chosen.base, chosen.recipe)
        jobs[chosen.recipe] = {
            **job,
            "side": "ours",
            "settings": asdict(settings),
            "switch": "",
        }


def run(chosen: argparse.Namespace) -> dict:
    """Let all train, and describe on what."""
    machine = measuring.describe_machine()
    if not machine["card"]:
        return {"machine": machine, "told": NONE}
    files = [path.resolve() for path in chosen.files or measuring.find_corpus()]
    documents = measuring.read_corpus(files, None)
    job = {
        "files": [str(path) for path in files],
        "limit": None,
        "base": chosen.base,
        "threads": environment.cores(),
        "points": 1,
        "test": True,
    }
    jobs = make_jobs(chosen, job)
    add_recipe(jobs, chosen, job, documents)
    runs, loads = training.compete(jobs, chosen.seeds)
    for row in (row for rows in runs.values() for row in rows):
        row["later_words_per_second"] = later(row)
    columns = {name: training.summarize(rows) for name, rows in runs.items()}
    return {
        "machine": machine,
        "files": job["files"],
        "words": measuring.count_words(documents),
        "columns": columns,
        "ratios": compare(columns),
        "load_average": loads,
    }


def later(row: dict) -> float | None:
    """Return the words per second after the first epoch, in which both sides plan and record."""
    walls = [wall for wall, _, _ in row["points"]]
    words, epochs = row["words_per_second"] * row["train_seconds"], len(walls)
    return words * (epochs - 1) / epochs / (walls[-1] - walls[0]) if epochs > 1 else None


def compare(columns: dict[str, dict]) -> dict[str, dict[str, float]]:
    """Return how many times the Trainer's words a second ours are, by the names of our columns."""
    found = {}
    for name, column in columns.items():
        if name.startswith(training.PEER):
            continue
        size = name.split()[-1] if name.startswith("ours") else str(OWN_BATCH)
        if peer := columns.get(f"{training.PEER} {size}"):
            sides_ = column["mean"], peer["mean"]
            found[name] = {
                key: sides_[0][key] / sides_[1][key] for key in RATES if key in sides_[1]
            }
    return found


def show(found: dict) -> None:
    """Print a line for each column, and the ratios."""
    if "told" in found:
        return print(found["told"])
    titles = [TITLES.get(key, key.replace("_", " ")) for key in COMPARED]
    print(f"{'':<14}" + "".join(f"{title:>20}" for title in titles))
    for name, column in found["columns"].items():
        cells = [training.cell(column, key, digits_of(key)) for key in COMPARED]
        print(f"{name:<14}" + "".join(f"{text:>20}" for text in cells))
    for name, ratios in found["ratios"].items():
        verdict = "reached" if ratios[RATES[0]] >= GOAL else "not reached"
        told = " and ".join(f"{ratio:.1f} × its {TITLES[key]}" for key, ratio in ratios.items())
        print(f"{name} beside the Trainer: {told} (goal {GOAL:.0f}: {verdict})")
    measuring.show_machine(found["machine"], found["load_average"])


def digits_of(key: str) -> int:
    """Return how many digits of a figure are shown."""
    return 3 if key in ("dev", "test") else 1 if key.endswith("_seconds") else 0


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="CoNLL or JSONL: TRAIN DEV TEST")
    parser.add_argument("--batches", type=int, nargs="+", default=[OWN_BATCH, 32, 128])
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--base", default="bundled")
    parser.add_argument("--recipe", choices=list(recipes.RECIPES))
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    found = run(chosen)
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
