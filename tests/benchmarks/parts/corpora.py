"""Projects of any size for benchmarks: sentences made of the sample's words, labelled and done."""

from __future__ import annotations

import random
from collections.abc import Iterator

from engine.corpus import samples
from engine.encoding.tokens import tokenize
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.engines.queries import chunks
from storage.types import Document, Span, Split, Status, Task

LABELS = ("PER", "ORG", "LOC", "MISC")
# Of ten documents eight are in train, and one each in dev and test.
SPLITS = (*[Split.TRAIN] * 8, Split.DEV, Split.TEST)
AT_ONCE = 20_000


def sentences(
    size: int, done: float = 1.0, seed: int = 5, task: str = Task.SPANS
) -> Iterator[Document]:
    """Yield documents of 12 to 30 words; a share are done, with no mark to three, or a class."""
    draw = random.Random(seed)
    marks = _marks if task == Task.SPANS else _class
    known = {word for each in samples.ENTITIES.documents() for word in each.text.split()}
    words = sorted(filter(str.isascii, known))
    for number in range(size):
        chosen = draw.choices(words, k=draw.randint(12, 30))
        text = " ".join(chosen)
        is_done = draw.random() < done
        tokens = tokenize(text)
        yield Document(
            text,
            tokens,
            spans=tuple(marks(tokens, draw)) if is_done else (),
            split=SPLITS[number % len(SPLITS)] if is_done else Split.TRAIN,
            status=Status.DONE if is_done else Status.UNTOUCHED,
            name=f"corpus.txt:{number + 1}",
        )


def _marks(tokens: tuple[tuple[int, int], ...], draw: random.Random) -> Iterator[Span]:
    for at in sorted(draw.sample(range(0, len(tokens) - 1, 2), draw.choice((0, 1, 2, 3)))):
        start, end = tokens[at][0], tokens[at + draw.choice((0, 1))][1]
        yield Span(start, end, draw.choice(LABELS))


def _class(tokens: tuple[tuple[int, int], ...], draw: random.Random) -> Iterator[Span]:
    yield Span(0, 0, draw.choice(LABELS))


def build(db: Database, size: int, done: float = 1.0, task: str = Task.SPANS) -> int:
    """Store a project of so many sentences, some at a time, and return its id."""
    project = projects.create_project(db, "Large", task).id
    projects.add_labels(db, project, list(LABELS))
    for part in chunks(sentences(size, done, task=task), AT_ONCE):
        documents.add_documents(db, project, part, "ada")
    return project
