"""How fast a report is made and opened on a million tokens, beside seqeval on the same tags.

    python -m tests.benchmarks.inspect [FILES …] [--tokens N] [--rounds N] [--json]

The sentences of real corpora are repeated until there are N tokens, and a model is imitated: of
the gold spans some get another label, other borders, or none, and some are made up (seeded). What
is timed, each in a process of its own, the quickest of the rounds:

- seqeval's ``classification_report``, as papers call it (default mode) and in strict mode (IOB2),
  from lists of tags that are made before;
- ours from gold and predicted spans: the same figures with the confusion table, then what seqeval
  has nothing for: all tokens' tags, kinds of error, and 1,000 bootstrap resamples by document;
- opening cells from an SQLite database that holds all of it: the rows of the page with all that
  is drawn in them, for the largest cell, the errors of the most frequent label and all errors.

The goals are those of issue 11: ten times as quick as seqeval, a cell within 200 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.evaluation import comparison
from engine.evaluation.confusion import confuse
from engine.tasks.spans.metrics import error_kinds, scoring
from storage.cells import MISSED, Cell, Only
from storage.corpus import documents as stored
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import mending, reports, runs, visits
from storage.types import Document, Match, Span, Split, Status
from tests.benchmarks.parts import measuring

TOKENS, ROUNDS, SEED = 1_000_000, 3, 13
TIMES, OPENED_MS = 10, 200
# What becomes of gold spans; all others are found as they are.
RELABELLED, SHORTER, MISSES = 0.06, 0.06, 0.08
INVENTED = 0.1
PAGE = 20


def enlarge(files: Sequence[Path], tokens: int) -> list[Document]:
    """Return the documents of corpora, again and again, until they have so many tokens."""
    once = measuring.read_corpus(files, None)
    found: list[Document] = []
    while tokens > 0:
        for document in once:
            found.append(replace(document, id=len(found)))
            tokens -= len(document.tokens)
            if tokens <= 0:
                break
    return found


def imitate(documents: Sequence[Document]) -> list[list[Span]]:
    """Return what a model might have predicted."""
    draw, labels = random.Random(SEED), measuring.labels_of(documents)
    return [list(_predicted(document, labels, draw)) for document in documents]


def _predicted(document: Document, labels: Sequence[str], draw: random.Random) -> Iterator[Span]:
    taken = [token for span in document.spans for token in range(span.start, span.end)]
    for span in document.spans:
        chance, inside = draw.random(), [t for t in document.tokens if t[0] >= span.start]
        score = draw.random()
        if chance < RELABELLED:
            yield Span(span.start, span.end, draw.choice(labels), score=score)
        elif chance < RELABELLED + SHORTER and inside:
            yield Span(inside[0][0], inside[0][1], span.label, score=score)
        elif chance >= RELABELLED + SHORTER + MISSES:
            yield replace(span, score=score)
    if document.tokens and draw.random() < INVENTED:
        start, end = draw.choice(document.tokens)
        if start not in taken:
            yield Span(start, end, draw.choice(labels), score=draw.random())


def quickest(rounds: int, work: Callable[[], object]) -> float:
    """Return the seconds of the quickest round."""
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


def prepare(job: dict) -> tuple[list[Document], list[list[Span]]]:
    documents = enlarge([Path(file) for file in job["files"]], job["tokens"])
    return documents, imitate(documents)


# --- the parts ----------------------------------------------------------------------------


def by_seqeval(job: dict) -> dict:
    """Time seqeval's reports over lists of tags."""
    from seqeval.metrics import classification_report, f1_score
    from seqeval.scheme import IOB2

    documents, predicted = prepare(job)
    gold = [scoring.spans_to_tags(each, each.spans) for each in documents]
    pairs = zip(documents, predicted, strict=True)
    tags = gold, [scoring.spans_to_tags(each, spans) for each, spans in pairs]
    strict = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
    return {
        "report": quickest(job["rounds"], lambda: classification_report(*tags, zero_division=0)),
        "strict": quickest(job["rounds"], lambda: classification_report(*tags, **strict)),
        "f1": float(f1_score(*tags, **strict)),
    }


def by_us(job: dict) -> dict:
    """Time our report, part by part, over spans."""
    documents, predicted = prepare(job)
    rounds = job["rounds"]
    matches = scoring.match_documents(documents, predicted)

    def report() -> dict:
        confusion = confuse(scoring.match_documents(documents, predicted))
        return scoring.score_entities(confusion)

    return {
        "report": quickest(rounds, report),
        "tokens": quickest(rounds, lambda: scoring.token_accuracy(documents, predicted)),
        "kinds": quickest(rounds, lambda: error_kinds.find_errors(matches)),
        "bootstrap": quickest(rounds, lambda: comparison.compare(len(documents), matches, matches)),
        "f1": report()["micro"]["f1"],
        "documents": len(documents),
        "words": sum(len(document.tokens) for document in documents),
        "spans": sum(len(document.spans) for document in documents),
    }


def from_database(job: dict) -> dict:
    """Time what the page asks of the database where a cell is opened."""
    documents, predicted = prepare(job)
    with tempfile.TemporaryDirectory() as folder:
        db = Database.open(f"sqlite:///{folder}/whetstone.db")
        project, run = build(db, documents)
        ids = stored.list_ids(db, project)
        known = [replace(each, id=ids[at]) for at, each in enumerate(documents)]
        matches = scoring.match_documents(known, predicted)
        started = time.perf_counter()
        reports.store_report(db, run, {}, {Split.DEV: matches})
        storing = time.perf_counter() - started
        opened = {cell.title: open_cell(db, cell, job["rounds"]) for cell in chosen(run, matches)}
        db.close()
    return {"storing": storing, "opened": opened}


def build(db: Database, documents: Sequence[Document]) -> tuple[int, int]:
    project = projects.create_project(db, "Large").id
    projects.add_labels(db, project, list(measuring.labels_of(documents)))
    done = (replace(each, id=None, split=Split.DEV, status=Status.DONE) for each in documents)
    stored.add_documents(db, project, done, "ada")
    return project, runs.create_run(db, project, {}).id


def chosen(run: int, matches: Sequence[Match]) -> list[Cell]:
    """Return the largest cell, what was missed of its label, its errors, and all errors."""
    table = confuse(matches)
    sizes = {label: sum(row) for label, row in zip(table["labels"], table["counts"], strict=False)}
    most = max(sizes, key=lambda label: sizes[label])
    return [
        Cell(run, Split.DEV, most, most),
        Cell(run, Split.DEV, most, MISSED),
        Cell(run, Split.DEV, most, only=Only.ERRORS),
        Cell(run, Split.DEV, "", only=Only.ERRORS),
    ]


def open_cell(db: Database, cell: Cell, rounds: int) -> dict:
    """Open a cell as the page does; the first time is told apart, for nothing is cached then."""
    run = runs.get_run(db, cell.run)

    def page() -> None:
        rows = reports.cell(db, cell, limit=PAGE).rows
        reports.matches_of(db, cell.run, {row.document for row in rows})
        mending.since(db, run, rows)
        visits.documents(db, cell)
        visits.count(db, cell)

    first = quickest(1, page)
    return {
        "rows": reports.count_cell(db, cell),
        "first_ms": first * 1000,
        "ms": quickest(rounds, page) * 1000,
    }


PARTS = {"seqeval": by_seqeval, "ours": by_us, "database": from_database}


# --- what is shown ------------------------------------------------------------------------


def run(chosen: argparse.Namespace) -> dict:
    files = [str(path.resolve()) for path in chosen.files or measuring.find_corpus()]
    job = {"files": files, "tokens": chosen.tokens, "rounds": chosen.rounds}
    loads = [os.getloadavg()[0]]
    found = {side: measuring.ask("tests.benchmarks.inspect", job, side=side) for side in PARTS}
    loads.append(os.getloadavg()[0])
    theirs, ours = found["seqeval"], found["ours"]
    slowest = max(each["first_ms"] for each in found["database"]["opened"].values())
    return {
        **found,
        "files": files,
        "same_f1": abs(theirs["f1"] - ours["f1"]) < 1e-12,
        "goals": {
            "times": theirs["report"] / ours["report"],
            "times_strict": theirs["strict"] / ours["report"],
            "slowest_cell_ms": slowest,
        },
        "machine": measuring.describe_machine(),
        "load_average": loads,
    }


def show(found: dict) -> None:
    ours, theirs, goals = found["ours"], found["seqeval"], found["goals"]
    print(
        f"{ours['documents']:,} documents of {ours['words']:,} tokens, {ours['spans']:,} gold "
        f"spans; F1 {ours['f1']:.6f}, {'the same as' if found['same_f1'] else 'NOT'} seqeval's"
    )
    for name, seconds in (
        ("seqeval: report", theirs["report"]),
        ("seqeval: report, strict", theirs["strict"]),
        ("ours: the same with the confusion table", ours["report"]),
        ("ours: token accuracy", ours["tokens"]),
        ("ours: kinds of error", ours["kinds"]),
        ("ours: 1,000 resamples, two runs, per label", ours["bootstrap"]),
        ("ours: storing all matches", found["database"]["storing"]),
    ):
        print(f"  {name:<44}{seconds:>8.2f} s")
    for title, cell in found["database"]["opened"].items():
        print(
            f"  open {title:<28}{cell['rows']:>9,} rows{cell['first_ms']:>8.0f} ms first, "
            f"{cell['ms']:.0f} ms again"
        )
    for name, value, goal in (
        ("times seqeval's report", goals["times"], TIMES),
        ("times its strict report", goals["times_strict"], TIMES),
    ):
        print(f"goal: {value:.1f} {name} ({'' if value >= goal else 'not '}reached: {goal})")
    reached = goals["slowest_cell_ms"] <= OPENED_MS
    print(
        f"goal: the slowest cell opens in {goals['slowest_cell_ms']:.0f} ms "
        f"({'' if reached else 'not '}reached: {OPENED_MS})"
    )
    measuring.show_machine(found["machine"], found["load_average"])


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="CoNLL or JSONL")
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        measuring.answer(lambda job: PARTS[job["side"]](job))
        return
    found = run(chosen)
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
