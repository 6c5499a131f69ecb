"""Documents read by workers of a cluster: the same marks and scores, in the same order."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from engine.inference import pipeline
from engine.scaling import connecting, predicting, spreading
from engine.scaling.spreading import Spread
from storage.errors import TrainingError
from storage.types import Document, Span
from tests.engine import tiny


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """Documents that make several chunks, some of them without tokens or with odd letters."""
    monkeypatch.setitem(pipeline.CHUNK_WORDS, "cpu", 100)
    bare = [Document("Ada, und 漢字 👩‍👩‍👧"), Document("")]
    return [*tiny.corpus(60), *(replace(each, name="odd") for each in bare)]


def told(labelled: list[Document]) -> list[dict]:
    """Everything of documents, scores included, which equality leaves out."""
    return [asdict(each) for each in labelled]


def wholly(spans: Iterable[Span]) -> list[dict]:
    """Likewise of marks."""
    return [asdict(each) for each in spans]


def test_a_worker_answers_as_one_process_does(folder: Path, documents: list[Document]) -> None:
    here = pipeline.predict(folder, documents)
    chunks = list(pipeline.chunks(map(pipeline.bare, documents), 100))
    assert len(chunks) > 3
    found = predicting.Labeller(str(folder), 1)({"chunk": [spreading.written(c) for c in chunks]})
    there = [spreading.spans_of(each) for some in found["found"] for each in json.loads(some)]
    assert list(map(wholly, there)) == [wholly(document.spans) for document in here]
    assert sum(map(len, there)) > 20


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.long), 2])
def test_two_nodes_give_the_same_in_the_same_order(
    two_nodes: str, folder: Path, documents: list[Document], workers: int
) -> None:
    here = pipeline.predict(folder, documents)
    with connecting.connected(two_nodes, workers):
        spread = Spread(two_nodes, workers)
        there = list(predicting.label(folder, documents, spread))
        assert list(predicting.label(folder, [], spread)) == []
    assert told(there) == told(here)


def test_without_ray_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **named: Any) -> object:
        if name.startswith("ray"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", absent)
    with (
        pytest.raises(TrainingError, match=r"pip install 'ray\[data,tune,serve\]'"),
        connecting.connected("local", 1),
    ):
        pass
