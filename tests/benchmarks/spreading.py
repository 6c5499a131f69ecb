"""Documents a second by one process, and by 1, 2, 4 workers of a Ray cluster on this machine.

    python -m tests.benchmarks.spreading [--documents N] [--workers K …] [--address A] [--json]

Predictions, and suggestions (the same model, which leans towards finding more, its guesses, and an
encoder that tells what is new), of the same texts of four words, with the bundled encoder and a
head of chance, one thread each. Beside the whole time, which holds the start of the workers (each
loads torch and the model), stands the pace from the first chunk that came back to the last. What
they find is compared, scores and vectors included. More workers than cores cannot be faster.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import torch

from engine.configuration import bases
from engine.configuration.settings import Settings
from engine.corpus import importing
from engine.inference import pipeline
from engine.inference.looking import Looked, Looker
from engine.jobs.suggestions import LEAN
from engine.models import loading
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from engine.scaling import connecting, predicting, spreading, suggesting
from engine.scaling.spreading import Spread
from storage.types import Document
from tests.benchmarks.parts.measuring import SAMPLE

LABELS = ("LOC", "ORG", "PER")
WORDS, CHUNK = 4, 4_096
ENCODER = bases.fetch(bases.BUNDLED)


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
    """Return so many documents, as short as queries: the sample's first words, again and again."""
    known = [begin(each) for each in importing.plan([SAMPLE / "train.jsonl"]).documents_to_add]
    return [known[number % len(known)] for number in range(count)]


def begin(document: Document) -> Document:
    """Return the first words of a document."""
    tokens = document.tokens[:WORDS]
    return Document(document.text[: tokens[-1][1]], tokens)


def predict_here(folder: Path, documents: Sequence[Document]) -> Iterator[Any]:
    """Yield what one process predicts."""
    yield from map(asdict, pipeline.predict_stream(folder, documents))


def predict_there(folder: Path, documents: Sequence[Document], spread: Spread) -> Iterator[Any]:
    """Yield what a cluster's workers predict."""
    yield from map(asdict, predicting.label(folder, documents, spread))


def look_here(folder: Path, documents: Sequence[Document]) -> Iterator[Any]:
    """Yield what one process suggests, as it is stored, and each document's vector."""
    looker = Looker(folder, ENCODER, torch.device("cpu"))
    return told(looker.look(documents, LEAN))


def look_there(folder: Path, documents: Sequence[Document], spread: Spread) -> Iterator[Any]:
    """Yield what a cluster's workers suggest, likewise."""
    work = suggesting.Work(str(folder), str(ENCODER), LEAN)
    return told(suggesting.see(work, lambda: documents, spread))


def told(looked: Iterable[tuple[Sequence[Document], Looked]]) -> Iterator[Any]:
    """Yield what was seen in each document."""
    for _, seen in looked:
        rows = seen.doubts.tolist(), seen.vectors
        for spans, guesses, doubts, vector in zip(seen.spans, seen.guesses, *rows, strict=True):
            # No number is unlike itself, unless it is text.
            yield (
                list(map(asdict, spans)),
                list(map(asdict, guesses)),
                str(doubts),
                vector.tobytes(),
            )


KINDS = {"predictions": (predict_here, predict_there), "suggestions": (look_here, look_there)}


def timed(found: Iterable[Any], first: int) -> tuple[list[Any], dict[str, Any]]:
    """Take everything; return it, and the whole time and the pace after so many first ones."""
    began, taken, came = time.perf_counter(), [], 0.0
    for each in found:
        came = came or time.perf_counter()
        taken.append(each)
    ended = time.perf_counter()
    return taken, {"seconds": ended - began, "pace": (len(taken) - first) / (ended - came)}


def measure(folder: Path, asked: argparse.Namespace) -> dict[str, dict[str, dict[str, Any]]]:
    """Return each kind's rows by who read."""
    documents, rows = read(asked.documents), {}
    first = len(next(spreading.chunks(documents)))
    with connecting.connected(asked.address, max(asked.workers)):
        for kind, (here, there) in KINDS.items():
            expected, alone = timed(here(folder, documents), first)
            rows[kind] = {"one process": alone}
            for count in asked.workers:
                spread = Spread(asked.address, count)
                found, row = timed(there(folder, documents, spread), first)
                rows[kind][f"{count} by Ray"] = {**row, "equal": found == expected}
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--address", default=connecting.LOCAL)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    # So that four workers have several chunks each.
    pipeline.CHUNK_WORDS["cpu"] = CHUNK
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    with tempfile.TemporaryDirectory() as parent:
        found = measure(make_run(Path(parent)), asked)
    if asked.json:
        print(json.dumps(found))
        return
    for kind, rows in found.items():
        print(f"{kind} of {asked.documents:,} documents")
        for name, row in rows.items():
            equal = {True: "equal", False: "NOT EQUAL"}.get(row.get("equal"), "")
            pace, seconds = f"{row['pace']:>8,.0f} documents/s", f"{row['seconds']:>7.1f} s"
            print(f"  {name:<12} {pace}  {seconds}  {equal}")


if __name__ == "__main__":
    main()
