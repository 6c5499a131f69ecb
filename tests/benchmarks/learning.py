"""How much the coach helps while documents are labelled for the first time, from nothing.

    python -m tests.benchmarks.learning [FILES…] [--documents N] [--after N] [--recipe NAME]
        [--without-training] [--json]

An oracle labels a corpus in the order of its files, in a real database: it knows what is right,
sees what is suggested, and takes the cheapest way (``planning``), as in ``effort``. Actions an
entity are counted with the coach, which learns each document when it is done; with a training
after every hundred, whose model then suggests for the rest; and without help. What is suggested
for the next document is taken right after an update, which is timed.

Beside it: the F1 of what is suggested for documents that nobody has labelled, after so many
(``--after``), by the coach and by a full training of the recipe on the same ones. Suggestions lean
towards finding more, and so do those of the training, which are taken as the app shows them.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import suggestions
from storage.types import Document, Project, Span, Split, Status
from tests.benchmarks.effort import THRESHOLD, overlap, run_engine
from tests.benchmarks.parts import measuring
from tests.benchmarks.parts.planning import Plan, plan

DATA = Path(__file__).parents[3] / "shared" / "data"
CORPORA = {
    "WNUT-17": [DATA / "wnut17" / name for name in ("wnut17train.conll", "emerging.dev.conll")],
    "wikigold": [DATA / "wikigold" / "wikigold.conll.txt"],
    "politics": [
        DATA / "crossner" / "politics" / f"{name}.txt" for name in ("train", "dev", "test")
    ],
}
GOALS = {"actions": 1.3, "f1": 0.9}
KEYS = "1234567890abcdefghijklmnopqrstuvwxyz"
COACH, TRAINED, ALONE = "with the coach", "with trainings", "without help"
EVERY = 100
HELD_BACK = 300
ME = "oracle"


@dataclass
class Tally:
    """What an oracle did."""

    actions: int = 0
    entities: int = 0
    suggested: int = 0
    right: int = 0
    given_up: int = 0
    """Documents whose suggestions were ignored: the search for the best way was too long."""

    def told(self) -> dict:
        return {
            "per_entity": self.actions / max(1, self.entities),
            "precision": self.right / max(1, self.suggested),
            "recall": self.right / max(1, self.entities),
            "entities": self.entities,
            "given_up": self.given_up,
        }


class Oracle:
    """Labels documents, and remembers which label is taken up."""

    def __init__(self, db: Database, project: Project, wanted: Sequence[Document]) -> None:
        self.db, self.project, self.tally = db, project, Tally()
        self.wanted = wanted
        self.ids = list(documents.list_ids(db, project.id))[: len(wanted)]
        labels = sorted({span.label for document in wanted for span in document.spans})
        self.keys = dict(zip(labels, KEYS, strict=False))
        self._sticky: str | None = None

    def label(self, number: int) -> None:
        """Label one document with what is suggested for it at this moment."""
        id, document = self.ids[number], self.wanted[number]
        found = suggestions.of_document(self.db, id)
        said = found.spans if found else ()
        planned = self._plan(document, said, found.guesses if found else ())
        self._sticky = planned.sticky
        self.tally.actions += len(planned.actions)
        self.tally.entities += len(document.spans)
        self.tally.suggested += len(said)
        self.tally.right += len(set(said) & set(document.spans))
        self.store(number)

    def _plan(self, document: Document, said: Sequence[Span], guesses: Sequence[Span]) -> Plan:
        """Return the cheapest way; where there are too many, that without suggestions."""
        rest = THRESHOLD, self.keys, self._sticky
        try:
            return plan(document, said, *rest, text_first=bool(said), guesses=guesses)
        except OverflowError:
            self.tally.given_up += 1
            return plan(document, (), *rest)

    def store(self, number: int) -> None:
        """Let one document have what is right, and be done."""
        id, document = self.ids[number], self.wanted[number]
        names = {label.name for label in projects.list_labels(self.db, self.project.id)}
        new = {span.label for span in document.spans} - names
        if new:
            projects.add_labels(self.db, self.project.id, sorted(new))
        finish(self.db, self.project.id, id, edits_of(document))


def edits_of(document: Document) -> list[dict]:
    """Return what a person does to a document that is right at last, as it travels."""
    adds = [
        {"kind": "add", "span": {**told(span), "id": f"s{n}", "quote": quote(document, span)}}
        for n, span in enumerate(document.spans)
    ]
    edits: list[dict] = [*adds, {"kind": "status", "status": str(Status.DONE)}]
    return [{"seq": n + 1, "base_revision": n, **edit} for n, edit in enumerate(edits)]


def finish(db: Database, project: int, id: int, edits: Sequence[dict]) -> None:
    """Store what a person does to a document that nobody has touched."""
    kept = annotations.apply_operations(db, project, id, ME, f"{ME}-{id}", edits)
    assert all(each["status"] == "saved" for each in kept.results), kept.results


def told(span: Span) -> dict:
    return {"start": span.start, "end": span.end, "label": span.label}


def quote(document: Document, span: Span) -> str:
    return document.text[span.start : span.end]


def with_coach(db: Database, oracle: Oracle, count: int, after: int) -> dict:
    """Label with the coach, which is asked after each document; return times, and F1 after some."""
    from engine.coach.coach import Coach

    coach = Coach(db, oracle.project.id)
    seconds, score = [], None
    for number in range(count):
        oracle.label(number)
        began = time.perf_counter()
        coach.update(oracle.ids[number + 1 : number + 21])
        seconds.append(time.perf_counter() - began)
        if number + 1 == after:
            coach.suggest(oracle.ids[count:])
            score = f1(db, oracle.ids[count:], oracle.wanted[count:])
    coach.close()
    memory = measuring.peak_mib()
    return {"seconds": seconds, "f1": score, "memory": memory}


def with_trainings(db: Database, oracle: Oracle, count: int, home: Path, recipe: str) -> None:
    """Label with a training after every hundred documents, whose model suggests for the rest."""
    for number in range(count):
        if number and number % EVERY == 0:
            train(home, oracle.project.name, recipe, first=number == EVERY)
        oracle.label(number)


def train(home: Path, project: str, recipe: str, first: bool = True) -> None:
    """Train as a person does: the first time a part is set aside, which later ones keep."""
    aside = ("--set-aside", "20") if first else ()
    run_engine(home, "train", "--project", project, "--recipe", recipe, *aside)
    run_engine(home, "suggest", "--project", project)


def trained_f1(
    db: Database, home: Path, wanted: Sequence[Document], count: int, after: int, recipe: str
) -> float:
    """Return the F1 of what a training on the first documents suggests for those held back."""
    oracle = Oracle(db, make(db, "Fully trained", wanted), wanted)
    for number in range(after):
        oracle.label(number)
    train(home, oracle.project.name, recipe)
    return f1(db, oracle.ids[count:], wanted[count:])


def f1(db: Database, ids: Sequence[int], wanted: Sequence[Document]) -> float:
    """Return the entity F1 of the suggestions for some documents."""
    said = suggestions.of_documents(db, ids)
    found = [set(said[id].spans) if id in said else set() for id in ids]
    right = sum(len(a & set(d.spans)) for a, d in zip(found, wanted, strict=True))
    total = sum(map(len, found)) + sum(len(d.spans) for d in wanted)
    return 2 * right / max(1, total)


def make(db: Database, name: str, wanted: Sequence[Document]) -> Project:
    """Make a project of texts that nobody has labelled."""
    bare = [
        replace(d, spans=(), status=Status.UNTOUCHED, split=Split.TRAIN, id=None) for d in wanted
    ]
    return projects.get_project(db, documents.create_with_documents(db, name, bare, ME))


def measure(files: Sequence[Path], arguments: argparse.Namespace) -> dict:
    """Measure one corpus."""
    everything = [d for d in measuring.read_corpus(files, None) if not overlap(d)]
    wanted = everything[: arguments.documents + HELD_BACK]
    count = arguments.documents
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WHETSTONE_HOME"] = folder
        place = Path(folder)
        with closing(Database.open()) as db:
            found = {}
            coached = Oracle(db, make(db, COACH, wanted), wanted)
            times = with_coach(db, coached, count, arguments.after)
            found[COACH] = coached.tally.told()
            alone = Oracle(db, make(db, ALONE, wanted), wanted)
            for number in range(count):
                alone.label(number)
            found[ALONE] = alone.tally.told()
            full = None
            if not arguments.without_training:
                helped = Oracle(db, make(db, TRAINED, wanted), wanted)
                with_trainings(db, helped, count, place, arguments.recipe)
                found[TRAINED] = helped.tally.told()
                full = trained_f1(db, place, wanted, count, arguments.after, arguments.recipe)
    return {
        "effort": found,
        "f1": {COACH: times["f1"], "training": full},
        "seconds": dict(zip(("median", "p95", "most"), shares(times["seconds"]), strict=True)),
        "memory": times["memory"],
    }


def shares(seconds: Sequence[float]) -> Iterator[float]:
    yield from (float(np.quantile(seconds, share)) for share in (0.5, 0.95, 1.0))


def show(name: str, found: dict, arguments: argparse.Namespace) -> None:
    print(f"{name}: the first {arguments.documents} documents")
    for way, row in found["effort"].items():
        print(
            f"  {way:<16} {row['per_entity']:.2f} actions an entity of {row['entities']:,}; "
            f"suggestions: precision {row['precision']:.2f}, recall {row['recall']:.2f}"
        )
        if row["given_up"]:
            print(f"    without those of {row['given_up']} documents: too many ways to go through")
    reached = found["effort"][COACH]["per_entity"] <= GOALS["actions"]
    print(f"  goal, at most {GOALS['actions']}: {'reached' if reached else 'not reached'}")
    ours, full = found["f1"][COACH], found["f1"]["training"]
    beside = "" if full is None else f", {ours / full:.2f} × that of a training ({full:.3f})"
    print(f"  F1 on {HELD_BACK} others after {arguments.after}: {ours:.3f}{beside}")
    times = found["seconds"]
    print(
        f"  an update {times['median']:.2f} s, {times['p95']:.2f} at 95 %, {times['most']:.2f} "
        f"at most; {found['memory']:,.0f} MiB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--corpus", nargs="*", choices=CORPORA, default=list(CORPORA))
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--after", type=int, default=50)
    parser.add_argument("--recipe", default="balanced")
    parser.add_argument("--without-training", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    corpora = {"corpus": arguments.files} if arguments.files else CORPORA
    chosen = corpora if arguments.files else {name: corpora[name] for name in arguments.corpus}
    found = {}
    for name, files in chosen.items():
        found[name] = measure(files, arguments)
        if not arguments.json:
            show(name, found[name], arguments)
            sys.stdout.flush()
    loads = list(os.getloadavg())
    machine = measuring.describe_machine()
    if arguments.json:
        print(json.dumps({"corpora": found, "machine": machine, "load_average": loads}))
    else:
        measuring.show_machine(machine, loads)


if __name__ == "__main__":
    main()
