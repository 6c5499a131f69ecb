"""How fast a large project pages, searches and hands out documents.

    python -m tests.benchmarks.projects [--documents N] [--rounds N] [--json]

Builds a project of N documents (100,000; about 150 characters each, half of them labelled, all
of them looked at by a model) in a temporary SQLite home and times what the pages ask of
storage: wall-clock milliseconds, the median of the rounds and the worst. "After an edit" is
the first question after somebody changed a document. "First" is asked once in the life of
the web process.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count, cycle
from pathlib import Path

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.finding import queues, reasons, search
from storage.finding.search import Search
from storage.finding.selection import Measure, Order, Selection
from storage.journal import annotations
from storage.runs import runs, suggestions
from storage.types import Document, DocumentScore, Project, Span, Split, Status

DOCUMENTS = 100_000
ROUNDS = 5
LABELS = ("PER", "ORG", "LOC", "MISC", "DATE")
SPLITS = (Split.TRAIN, Split.TRAIN, Split.TRAIN, Split.DEV, Split.TEST)
PAGE = 25
# Each round looks for another text: what was found once is remembered.
RARE = [f"xylophon{number}" for number in range(50)]
FREQUENT = [first + second for first in "abcdeé" for second in "aeioé"]
_numbers = count(1)


def texts(size: int, seed: int = 5) -> Iterator[Document]:
    """Yield documents of random words, not all of them ASCII; the middle one holds RARE."""
    draw = random.Random(seed)
    letters = "aaabcdeeefghiiklmnnooprsttuvéößй"
    words = ["".join(draw.choices(letters, k=draw.randint(2, 9))) for _ in range(20_000)]
    for number in range(size):
        chosen = draw.choices(words, k=23)
        chosen += RARE if number == size // 2 else []
        spans = tuple(_spans(chosen, draw)) if number % 2 else ()
        yield Document(
            text=" ".join(chosen),
            spans=spans,
            split=SPLITS[number % len(SPLITS)],
            status=Status.DONE if number % 2 else Status.UNTOUCHED,
            name=f"corpus.txt:{number + 1}",
        )


def _spans(words: list[str], draw: random.Random) -> Iterator[Span]:
    start = 0
    for word in words[: draw.choice((0, 2, 4))]:
        yield Span(start, start + len(word), draw.choice(LABELS))
        start += len(word) + 1


def build(db: Database, size: int) -> Project:
    """Store the project, and what a model makes of it."""
    made = projects.create_project(db, "Large")
    projects.add_labels(db, made.id, list(LABELS))
    documents.add_documents(db, made.id, texts(size), "ada")
    draw = random.Random(7)
    ids = documents.list_ids(db, made.id)
    run = runs.create_run(db, made.id, {}).id
    spans = [
        (id, Span(start, start + 4, draw.choice(LABELS), score=draw.random()))
        for id in ids
        for start in (0, 6)
    ]
    scores = [DocumentScore(id, *(draw.random() for _ in range(4))) for id in ids]
    suggestions.store(db, run, spans, scores)
    return projects.get_project(db, made.id)


def edit(db: Database, project: int, document: int) -> None:
    """Change a document, as a person beside us would."""
    base = annotations.open_annotation(db, document, "bob").revision
    operation = {"seq": 1, "base_revision": base, "kind": "status", "status": "skipped"}
    client = f"bench-{next(_numbers)}"
    annotations.apply_operations(db, project, document, "bob", client, [operation])


def questions(db: Database, project: int) -> dict[str, Callable[[], object]]:
    """Return what the Data and the Tag page ask, by name."""

    def page(wanted: Search, start: int = 0) -> Callable[[], object]:
        return lambda: (
            search.counts(db, project, wanted),
            search.rows(db, project, wanted, start, PAGE),
        )

    def chosen(choice: Selection) -> Callable[[], object]:
        return lambda: queues.choose(db, project, choice)

    rare, frequent = cycle(RARE), cycle(FREQUENT)
    ids = documents.list_ids(db, project)
    queue = queues.choose(db, project, Selection(Order.UNCERTAIN))
    middle = queue.ids[len(queue.ids) // 2]

    def opened() -> object:
        annotations.open_annotation(db, middle, "ada")
        suggestions.of_document(db, middle)
        return queue.position(middle), reasons.why(queue, middle)

    return {
        "page: first": page(Search()),
        "page: in the middle": page(Search(), len(ids) // 2),
        "search: rare text": lambda: page(Search(text=next(rare).upper()))(),
        "search: the same again": page(Search(text=RARE[0])),
        "search: frequent text": lambda: page(Search(text=next(frequent)))(),
        "search: absent text": lambda: page(Search(text=f"qqq{next(_numbers)}"))(),
        "search: label and status": page(Search(label="PER", status="done")),
        "counts of every filter": lambda: search.counts(db, project),
        "queue: to do": chosen(Selection(Order.TODO)),
        "queue: at random": chosen(Selection(Order.RANDOM)),
        "queue: most uncertain": chosen(Selection(Order.UNCERTAIN, measure=Measure.ENTROPY)),
        "queue: least sure of a label": chosen(Selection(Order.LABEL, label="PER")),
        "queue: model disagrees": chosen(Selection(Order.DISAGREES)),
        "queue: mix": chosen(Selection(Order.MIX)),
        "next document, in the middle": opened,
    }


def milliseconds(ask: Callable[[], object]) -> float:
    begin = time.perf_counter()
    ask()
    return (time.perf_counter() - begin) * 1000


def measure(documents: int = DOCUMENTS, rounds: int = ROUNDS) -> dict:
    """Build a project of so many documents and return the times by question."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database.open(f"sqlite:///{Path(folder) / 'whetstone.db'}")
        begin = time.perf_counter()
        project = build(db, documents).id
        built = time.perf_counter() - begin
        first = milliseconds(lambda: search.counts(db, project))
        times = {
            name: [milliseconds(ask) for _ in range(rounds)]
            for name, ask in questions(db, project).items()
        }
        times["counts after an edit"] = list(_after_edits(db, project, rounds))
        db.close()
    return {
        "documents": documents,
        "build_s": built,
        "first_ms": first,
        "median_ms": {name: statistics.median(values) for name, values in times.items()},
        "worst_ms": {name: max(values) for name, values in times.items()},
        "load_average": os.getloadavg()[0],
    }


def _after_edits(db: Database, project: int, rounds: int) -> Iterator[float]:
    for document in documents.list_ids(db, project)[:rounds]:
        edit(db, project, document)
        yield milliseconds(lambda: search.counts(db, project))


def show(found: dict) -> None:
    print(f"{found['documents']:,} documents, stored in {found['build_s']:,.1f} s")
    print(f"load average {found['load_average']:.1f}; first question {found['first_ms']:,.0f} ms")
    print(f"{'milliseconds':<32}{'median':>10}{'worst':>10}")
    for name, median in found["median_ms"].items():
        print(f"{name:<32}{median:>10,.1f}{found['worst_ms'][name]:>10,.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.documents, arguments.rounds)
    print(json.dumps(found)) if arguments.json else show(found)


if __name__ == "__main__":
    main()
