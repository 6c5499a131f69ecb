"""What is counted of documents that are done is what reading them all would say."""

import random
from typing import Any

import pytest

from engine import tasks
from engine.configuration.bases import Shape
from engine.configuration.recipes import Data, length
from engine.corpus import leaks
from engine.inspection import leaking, training_data
from engine.inspection.training_data import TrainingData
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.types import Document, Span, Split, Status, Task

TEXTS = ["Ada met Bob.", "Bob met Ada", "Eve  waits", "Nobody", "met Ada Bob", "Ada", ""]
SPLITS = (Split.TRAIN, Split.TRAIN, Split.DEV, Split.TEST, None)


def drawn(task: Task, seed: int, size: int = 60) -> list[Document]:
    """Documents that repeat texts, some of them not done, with marks that cannot be learned."""
    draw, found = random.Random(seed), []
    for _ in range(size):
        text = draw.choice(TEXTS)
        tokens = tuple((at, at + 1) for at in range(len(text)) if text[at] != " ")
        if task is Task.SPANS:
            tokens = tuple((at, min(at + 3, len(text))) for at in range(0, len(text), 4))
            starts = draw.sample((0, 4, 5), draw.choice((0, 0, 1))) if len(text) > 8 else ()
            spans = tuple(Span(at, at + 3, draw.choice(("PER", "ORG", "RARE"))) for at in starts)
        else:
            wanted = draw.random() < 0.7
            spans = (Span(0, 0, draw.choice(("yes", "no", "maybe"))),) if wanted else ()
        pair: dict[str, Any] = {
            "second_text": draw.choice(TEXTS),
            "group": draw.choice(("", "", "g1", "g2")),
        }
        found.append(
            Document(
                text or "?",
                tokens,
                spans,
                draw.choice(SPLITS),
                status=draw.choice((Status.DONE, Status.DONE, Status.IN_PROGRESS)),
                **(pair if task is Task.PAIRS else {}),
            )
        )
    return found


@pytest.mark.parametrize("task", [Task.SPANS, Task.CLASSES, Task.PAIRS])
@pytest.mark.parametrize("seed", range(3))
def test_counting_says_what_reading_would(db: Database, task: Task, seed: int, monkeypatch) -> None:
    monkeypatch.setattr(training_data, "FEW", 2)
    made = projects.create_project(db, "Drawn", task)
    projects.add_labels(db, made.id, ["unused"])
    documents.add_documents(db, made.id, drawn(task, seed), "ada")
    project, shape = projects.get_project(db, made.id), Shape()
    done = list(annotations.current(db, project.id, statuses=(Status.DONE,)))
    train = [each for each in done if each.split is Split.TRAIN]
    known = TrainingData.of(db, project)

    assert known.data(shape) == Data.of(train, shape)
    assert known.data(shape).part(7) == Data.of(train, shape, 7)
    dev, test = (
        sum(length(each) for each in done if each.split is split)
        for split in (Split.DEV, Split.TEST)
    )
    assert known.scored == (dev, test)
    names = [label.name for label in project.labels]
    whole = tasks.get(task).learnable(done, names)
    assert training_data.learnable(db, known) == whole

    read = leaks.find(train, (each for each in done if each.split is not Split.TRAIN))
    found = leaking.find(known)
    assert [found.copies.tolist(), found.firsts.tolist(), found.seconds.tolist()] == [
        [each.id for each in some] for some in (read.copies, read.firsts, read.seconds)
    ]
    assert found.copies.size, "else this shows nothing"

    marked = [each.id for each in done if each.spans]
    assert training_data.unlearned(db, known, marked) == tasks.get(task).unlearned(done)
