"""Prediction over any stream of documents: complete, in order, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.configuration.settings import Settings
from engine.inference import pipeline, predicting
from engine.inference.pipeline import chunks, predict, predict_stream
from engine.models import loading
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from storage.errors import ModelError
from storage.types import Document, Span
from tests.engine import tiny

LABELS = ("person", "place")


@pytest.fixture
def folder(any_base: Path, tmp_path: Path) -> Path:
    """A run folder whose model has a random head, so that it predicts all kinds of tags."""
    torch.manual_seed(3)
    loaded = loading.load_base(any_base, LABELS)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
    run = tmp_path / "run"
    run.mkdir()
    spec.write(run, RunSpec(1, 1, "p", LABELS, str(any_base), Settings(max_length=24, stride=8)))
    checkpoints.write_whole(run / MODEL, lambda draft: loading.save(loaded, draft))
    return run


def awkward() -> list[Document]:
    long = " ".join(document.text for document in tiny.corpus(12, seed=4))
    texts = ["", "In Paris,Ada met nobody.", "\u200b \u00ad", "x" * 5000, long, "漢字とかな"]
    raw = [Document(text, id=number) for number, text in enumerate(texts)]
    return [*raw, *tiny.corpus(20, first_id=100)]


def scored(documents: list[Document]) -> list[list[tuple[Span, Any]]]:
    return [
        [(span, pytest.approx(span.score, abs=2e-5)) for span in document.spans]
        for document in documents
    ]


def plain(documents: list[Document]) -> list[list[tuple[Span, Any]]]:
    return [[(span, span.score) for span in document.spans] for document in documents]


def test_every_document_comes_back_in_order_with_spans_on_its_tokens(folder: Path) -> None:
    given = awkward()
    found = predict(folder, given)
    assert [(d.id, d.text) for d in found] == [(d.id, d.text) for d in given]
    assert sum(len(document.spans) for document in found) > 5
    for document in found:
        starts, ends = zip(*document.tokens, strict=True) if document.tokens else ((), ())
        assert all(s.start in starts and s.end in ends for s in document.spans)
        assert all(a.end <= b.start for a, b in pairwise(document.spans))
    assert found[0].spans == ()


@pytest.mark.parametrize(("words", "budget"), [(1, 1), (25, 64), (10_000, 10_000)])
def test_neither_chunks_nor_batches_show_in_the_result(
    folder: Path, words: int, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = predict(folder, awkward())
    monkeypatch.setitem(pipeline.CHUNK_WORDS, "cpu", words)
    monkeypatch.setitem(predicting.BUDGET, "cpu", budget)
    assert plain(predict(folder, awkward())) == scored(expected)


def test_a_stream_is_read_no_further_ahead_than_a_chunk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pipeline.CHUNK_WORDS, "cpu", 4)
    read: list[int] = []

    def endless() -> Iterator[Document]:
        while True:
            read.append(len(read))
            yield Document("Ada met nobody", id=len(read))

    stream = predict_stream(folder, endless())
    assert read == []
    assert [next(stream).id for _ in range(10)] == list(range(1, 11))
    # One document is held back: it was what made the chunk too long.
    assert len(read) == 11


def test_progress_counts_documents(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pipeline.CHUNK_WORDS, "cpu", 10)
    told: list[tuple[int, int | None]] = []
    documents = [Document("Ada met nobody at all")] * 5
    predict(folder, documents, progress=lambda *given: told.append(given))
    predict(folder, iter(documents), progress=lambda *given: told.append(given))
    assert told == [(2, 5), (4, 5), (5, 5), (2, None), (4, None), (5, None)]


def test_a_prediction_can_be_cancelled_between_batches(folder: Path) -> None:
    def pause() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict(folder, tiny.corpus(3), pause=pause)


def test_without_a_model_it_says_so_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="There is no complete model"):
        predict_stream(tmp_path, iter(()))


def test_chunks_hold_at_most_so_many_words_but_always_one_document() -> None:
    lengths = [3, 3, 5, 0, 0, 0, 12, 1]
    documents = [tiny.document(" ".join("w" * length)) for length in lengths]
    found = [[len(d.tokens) for d in chunk] for chunk in chunks(documents, 6)]
    assert found == [[3, 3], [5, 0], [0, 0], [12], [1]]
    assert list(chunks([], 6)) == []
