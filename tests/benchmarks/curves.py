"""How well do learning curves foretell? Fitted to half of the data, held against all of it.

A curve is drawn as the job draws it (quick recipe, train dealt twice). Then every label's law is
fitted to the trainings on at most half of train, and asked for the F1 of those on all of it: how
often that lies in the interval of four in five, how wide the interval is, how far off its middle.
As a comparison: that nothing changes from half to all. CrossNER's train and dev are learned from
and its test is dev, for the two are small.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.evaluation import learning_curve as curves
from engine.evaluation.learning_curve import ALL, Point
from engine.runs import files, snapshot, spec
from storage.types import Document, RunKind, Split, Status
from tests.benchmarks.parts import measuring
from tests.benchmarks.parts.measuring import CORPORA, DATA, ROOT

MUSIC = [DATA / "crossner" / "music" / f"{split}.txt" for split in Split]
NAMED = {"wnut17": CORPORA[0], "politics": CORPORA[1], "music": MUSIC, "sample": CORPORA[2]}
SMALL = ("politics", "music")


def run(names: Sequence[str], keep: Path | None, limit: int | None, threads: int) -> list[dict]:
    """Draw the curve of each corpus in a process of its own, and hold it against itself."""
    found = []
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            place = str(keep / name) if keep else folder
            job = {"side": name, "folder": place, "limit": limit, "threads": threads}
            found.append(measuring.ask("tests.benchmarks.curves", job))
    return found


def work(job: dict) -> dict:
    """Draw one curve, going on from what lies in its folder."""
    measuring.set_threads(job["threads"], ours=True)
    from engine.configuration import bases, recipes
    from engine.jobs import learning_curve
    from engine.runs.events import Events
    from engine.runs.spec import RunSpec
    from engine.training.callbacks import Watch

    name, folder = job["side"], Path(job["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    documents = read(name, job["limit"])
    train, dev = ([d for d in documents if d.split is s] for s in (Split.TRAIN, Split.DEV))
    labels = measuring.labels_of(documents)
    data = recipes.Data.of(train, bases.shape(bases.BUNDLED))
    snapshot.write(folder, documents)
    asked = RunSpec(1, 1, name, labels, settings=recipes.choose("quick", data))
    asked = replace(asked, kind=RunKind.LEARNING_CURVE, options={"repeats": 2})
    spec.write(folder, asked)
    started, cpu = time.perf_counter(), time.process_time()
    watch = Watch(Events(folder), threading.Event(), 1)
    learning_curve.run(folder, asked, watch, lambda: None)
    kept = sorted((folder / learning_curve.PARTS).iterdir())
    points = [learning_curve.point(files.read_object(p), len(dev), len(labels)) for p in kept]
    return {
        "corpus": name,
        "train": len(train),
        "dev": len(dev),
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - cpu,
        "trained_seconds": sum(point.seconds for point in points),
        "labels": hold(labels, points, len(dev)),
    }


def read(name: str, limit: int | None) -> list[Document]:
    """Read a corpus, all of it done."""
    documents = measuring.read_corpus(NAMED[name], limit)
    if name in SMALL:
        dealt = {Split.TRAIN: Split.TRAIN, Split.DEV: Split.TRAIN, Split.TEST: Split.DEV}
        documents = [replace(d, split=dealt[d.split or Split.TRAIN]) for d in documents]
    return [replace(document, status=Status.DONE) for document in documents]


def hold(labels: Sequence[str], points: Sequence[Point], dev: int) -> list[dict]:
    """Return what half of the data foretold of each label's F1 on all of it, and what it was."""
    most = max(point.documents for point in points)
    half = [point for point in points if point.documents <= 0.6 * most]
    whole = curves.curves(labels, points, dev)
    rows = []
    for label, curve in curves.curves(labels, half, dev).items():
        full = whole[label]
        if curve.unknown:
            continue
        ends = [f1 for size, f1 in zip(full.sizes, full.f1, strict=True) if size == full.now]
        before = [
            f1 for size, f1 in zip(curve.sizes, curve.f1, strict=True) if 2 * size > curve.now
        ]
        middle, low, high = curve.at(full.now)
        for measured in ends:
            row = {"label": label, "low": low, "high": high, "middle": middle, "was": measured}
            rows.append(
                {**row, "half": statistics.fmean(before), "inside": low <= measured <= high}
            )
    return rows


def show(found: Sequence[dict]) -> None:
    head = f"{'corpus':<10} {'train':>6} {'dev':>6} {'seconds':>8} {'CPU s':>6}"
    print(f"{head}  inside  width  off by  unchanged, off by   all labels")
    for one in found:
        rows = one["labels"]
        print(
            f"{one['corpus']:<10} {one['train']:>6,} {one['dev']:>6,} "
            f"{one['trained_seconds']:>8.0f} {one['cpu_seconds']:>6.0f}  "
            f"{sum(row['inside'] for row in rows):>3} of {len(rows):<3}"
            f"{mean(row['high'] - row['low'] for row in rows):>6.3f} "
            f"{mean(abs(row['middle'] - row['was']) for row in rows):>6.3f} "
            f"{mean(abs(row['half'] - row['was']) for row in rows):>10.3f}   "
            + ", ".join(
                f"{row['low']:.2f}–{row['high']:.2f}, was {row['was']:.2f}"
                for row in rows
                if row["label"] == ALL
            )
        )


def mean(values) -> float:
    return statistics.fmean(list(values) or [0.0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", nargs="*", default=[*NAMED], metavar="CORPUS")
    parser.add_argument("--keep", type=Path, help="a folder in which a later call goes on")
    parser.add_argument("--limit", type=int, help="a sample of train")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        return measuring.answer(work)
    loads = [os.getloadavg()[0]]
    here = [name for name in asked.corpora if all(file.is_file() for file in NAMED[name])]
    found = run(here, asked.keep and asked.keep.resolve(), asked.limit, asked.threads)
    if asked.json:
        return print(json.dumps(found))
    show(found)
    measuring.show_machine(measuring.describe_machine(), [*loads, os.getloadavg()[0]])


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
