"""Documents a second by one process, and by 1, 2, 4 workers of a Ray cluster on this machine.

    python -m tests.benchmarks.spreading [--documents N] [--workers K …] [--address A] [--json]

All read the same documents with the bundled encoder and a head of chance, one thread each. Beside
the whole time, which holds the start of the workers (each loads torch and the model), stands the
pace from the first chunk that came back to the last. What they find is compared, scores included.
More workers than cores cannot be faster.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import torch

from engine.configuration import bases
from engine.configuration.settings import Settings
from engine.corpus import importing
from engine.inference import pipeline
from engine.models import loading
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from engine.scaling import connecting, predicting
from storage.types import Document
from tests.benchmarks.parts.measuring import SAMPLE

LABELS = ("LOC", "ORG", "PER")


def make_run(folder: Path) -> Path:
    """Write a run folder whose model has the bundled encoder and a head of chance."""
    torch.manual_seed(3)
    loaded = loading.load_base(bases.fetch(bases.BUNDLED), LABELS)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 1)
    spec.write(folder, RunSpec(1, 1, "spread", LABELS, settings=Settings(device="cpu", threads=1)))
    checkpoints.write_whole(folder / MODEL, lambda draft: loading.save(loaded, draft))
    return folder


def read(count: int) -> list[Document]:
    """Return so many documents: the sample's, again and again."""
    known = list(importing.plan([SAMPLE / "train.jsonl"]).documents_to_add)
    return [known[number % len(known)] for number in range(count)]


def timed(labelled: Iterable[Document]) -> tuple[list[dict], dict[str, float]]:
    """Take all documents; return them, and the whole time and the pace after the first chunk."""
    began, found, first = time.perf_counter(), [], 0.0
    for document in labelled:
        first = first or time.perf_counter()
        found.append(asdict(document))
    ended = time.perf_counter()
    return found, {"seconds": ended - began, "pace": len(found) / max(ended - first, 1e-9)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--address", default=connecting.LOCAL)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    documents, rows = read(asked.documents), {}
    with tempfile.TemporaryDirectory() as parent:
        folder = make_run(Path(parent))
        here, rows["one process"] = timed(pipeline.predict_stream(folder, documents))
        with connecting.connected(asked.address, max(asked.workers)):
            for count in asked.workers:
                there, row = timed(predicting.label(folder, documents, count))
                rows[f"{count} by Ray"] = {**row, "equal": there == here}
    if asked.json:
        print(json.dumps(rows))
        return
    for name, row in rows.items():
        equal = {True: "equal", False: "NOT EQUAL"}.get(row.get("equal"), "")  # type: ignore[call-overload]
        print(f"{name:<12} {row['pace']:>8,.0f} documents/s  {row['seconds']:>7.1f} s  {equal}")


if __name__ == "__main__":
    main()
