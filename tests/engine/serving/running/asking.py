"""A service asked again and again while something happens to it, and what has to come back."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.inference.pipeline import predict
from engine.runner import folder_of
from engine.serving import promoting
from engine.serving.client import Client, ServiceError
from storage.database.connection import Database
from storage.runs import runs as stored
from storage.types import Document, Stage
from tests.engine.serving import runs
from tests.engine.serving.running.served import promotable

Known = Mapping[int, Mapping[str, list[tuple]]]
"""What the model of each run marks in each text."""


def two_versions(db: Database, home: Path, base: Path) -> tuple[int, int, Known]:
    """Make a project of two finished runs, the first of them live; tell what both mark in texts."""
    first, second = promotable(db, home, base)
    promoting.promote(db, first, Stage.LIVE)
    texts = runs.texts(12)
    return first, second, {run: marked(db, run, texts) for run in (first, second)}


@contextmanager
def asking(url: str, texts: list[str], pause: float = 0.0) -> Iterator[list[dict]]:
    """Ask from three threads while the block runs, each after a pause in seconds; collect answers.

    A tenth of all that they ask is malformed.
    """
    answers: list[dict] = []
    ended = threading.Event()

    def ask(at: int) -> None:
        client = Client(url, timeout=240, patience=240)
        while not ended.wait(pause):
            text = texts[at % len(texts)]
            asked = {"txt": text} if at % 10 == 0 else {"text": text}
            try:
                answers.append({"asked": asked, **client.ask(asked)})
            except ServiceError as error:
                answers.append({"asked": asked, "status": error.status, "error": str(error)})
            at += 1

    threads = [threading.Thread(target=ask, args=(3 * number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def answering(answers: Sequence[dict]) -> set[int]:
    """Return which runs have answered."""
    return {each["model"]["run"] for each in answers if "model" in each}


def spans(found: list[dict]) -> list[tuple]:
    return [(each["start"], each["end"], each["label"]) for each in found]


def check(answers: Sequence[dict], known: Known) -> None:
    """Hold that all was answered, by each of the runs, and as the run that an answer names does."""
    malformed = [each for each in answers if "txt" in each["asked"]]
    assert {each.get("status") for each in malformed} == {422}
    answered = [each for each in answers if "text" in each["asked"]]
    assert [each for each in answered if "error" in each] == []
    assert answering(answers) == set(known)
    wrong = [
        each
        for each in answered
        if spans(each["results"][0]["spans"]) != known[each["model"]["run"]][each["asked"]["text"]]
    ]
    assert wrong == []


def marked(db: Database, run: int, texts: list[str]) -> dict[str, list[tuple]]:
    """Return what the model of a run marks in each text."""
    folder = folder_of(stored.get_run(db, run))
    found = predict(folder, [Document(text) for text in texts])
    marks = [[(s.start, s.end, s.label) for s in document.spans] for document in found]
    return dict(zip(texts, marks, strict=True))
