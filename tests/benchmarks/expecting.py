"""How far is what a training is expected to bring from what it brings?

    python -m tests.benchmarks.expecting [--corpus NAME …] [--sizes N …] [--recipe NAME] [--json]

An oracle labels a corpus in the order of its files beside a coach that began with nothing. After
so many documents it is said what a training now should bring, once by what became of the coach's
suggestions alone, and once by the training at the size before and how errors usually fall. Then
a training of the recipe learns these documents (a tenth is dev, as where a run sets it aside), and
is scored on the next ones (``HELD_BACK``). Beside what was said: what it brought, whether that
lies in the interval of four in five, and the share of the suggestions' errors that it mended, from
which ``engine.evaluation.prequential`` has what is usual.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from engine.evaluation import prequential
from engine.inspection import expectation
from storage.corpus import documents
from storage.database.connection import Database
from storage.types import Document, Split, Status
from tests.benchmarks.effort import overlap, run_engine
from tests.benchmarks.learning import CORPORA, ME, Oracle, make
from tests.benchmarks.parts import measuring

SIZES = (100, 200, 300)
HELD_BACK = 300


def measure(files: Sequence[Path], sizes: Sequence[int], recipe: str, place: Path) -> list[dict]:
    """Measure one corpus: a row for each size."""
    wanted = [d for d in measuring.read_corpus(files, None) if not overlap(d)]
    wanted = wanted[: max(sizes) + HELD_BACK]
    os.environ["WHETSTONE_HOME"] = str(place)
    rows: list[dict] = []
    with closing(Database.open()) as db:
        for size, counted in label(db, wanted, sizes):
            said = prequential.expect(counted, False, HELD_BACK, [])
            brought, support = train(db, place, wanted, size, recipe)
            row = {"size": size, "brought": brought, "support": support}
            if said and said.prequential is not None:
                errors = 1.0 - said.prequential
                mended = (brought - said.prequential) / errors if errors else 0.0
                row |= {"said": said.to_json(), "mended": mended}
            if rows:
                row["again"] = again(rows[-1], size)
            rows.append(row)
    return rows


def label(db: Database, wanted: Sequence[Document], sizes: Sequence[int]) -> Iterator[tuple]:
    """Label beside a coach; yield each size with what became of suggestions until then."""
    from engine.coach.coach import Coach

    oracle = Oracle(db, make(db, "coached", wanted), wanted)
    coach = Coach(db, oracle.project.id)
    for number in range(max(sizes)):
        oracle.store(number)
        coach.update(oracle.ids[number + 1 : number + 2])
        if number + 1 in sizes:
            known = expectation.finished(db, oracle.project.id)
            yield number + 1, expectation.count(db, oracle.project, known)
    coach.close()


def train(
    db: Database, place: Path, wanted: Sequence[Document], size: int, recipe: str
) -> tuple[float, int]:
    """Train on so many documents, and return the figure on the next ones with its support."""
    ours = [
        replace(d, id=None, status=Status.DONE, split=Split.DEV if n % 10 == 9 else Split.TRAIN)
        for n, d in enumerate(wanted[:size])
    ]
    others = wanted[size : size + HELD_BACK]
    tested = [replace(d, id=None, status=Status.DONE, split=Split.TEST) for d in others]
    name = f"trained on {size}"
    documents.create_with_documents(db, name, [*ours, *tested], ME)
    report = run_engine(place, "train", "--project", name, "--recipe", recipe)
    micro = report["test"]["entity"]["micro"]
    return micro["f1"], micro["support"]


def again(before: dict, size: int) -> dict:
    """Return what the training at the size before says of this one."""
    rise = prequential.rise(before["brought"], before["size"], size)
    return prequential.expect_again(before["brought"], before["support"], rise).to_json()


def inside(said: dict, brought: float) -> bool:
    return bool(said["low"] <= brought <= said["high"])


def show(name: str, rows: Sequence[dict]) -> None:
    for row in rows:
        parts = [f"{name:<9} {row['size']:>4}  brought {row['brought']:.3f}"]
        for title, key in (("suggestions", "said"), ("the one before", "again")):
            if said := row.get(key):
                verdict = "in" if inside(said, row["brought"]) else "OUT"
                half = (said["high"] - said["low"]) / 2
                parts.append(f"{title} {said['f1']:.3f} ± {half:.3f} {verdict}")
        if "mended" in row:
            parts.append(f"of errors mended {row['mended']:+.2f}")
        print("   ".join(parts), flush=True)


def show_all(found: dict[str, list[dict]]) -> None:
    rows = [row for one in found.values() for row in one]
    for title, key in (("By suggestions", "said"), ("By the one before", "again")):
        held = [(row[key], row["brought"]) for row in rows if row.get(key)]
        if held:
            off = statistics.fmean(abs(said["f1"] - brought) for said, brought in held)
            right = sum(inside(*each) for each in held)
            print(f"{title}: {right} of {len(held)} inside, off by {off:.3f} on average")
    mended = [row["mended"] for row in rows if "mended" in row]
    if len(mended) > 1:
        print(f"Errors mended: {statistics.fmean(mended):.2f} ± {statistics.stdev(mended):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", nargs="*", choices=CORPORA, default=list(CORPORA))
    parser.add_argument("--sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--recipe", default="quick")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = {}
    for name in asked.corpus:
        with tempfile.TemporaryDirectory() as folder:
            found[name] = measure(CORPORA[name], sorted(asked.sizes), asked.recipe, Path(folder))
        if not asked.json:
            show(name, found[name])
    loads, machine = list(os.getloadavg()), measuring.describe_machine()
    if asked.json:
        return print(json.dumps({"corpora": found, "machine": machine, "load_average": loads}))
    show_all(found)
    measuring.show_machine(machine, loads)


if __name__ == "__main__":
    sys.path.insert(0, str(measuring.ROOT))
    main()
