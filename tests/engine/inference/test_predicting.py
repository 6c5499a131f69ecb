"""Tag scores: one row for every token, whatever is beside it in a batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.encoding.batches import collate
from engine.encoding.examples import Window
from engine.inference import predicting
from engine.inference.predicting import logits, mean_loss, score_units
from engine.models import loading
from engine.models.loading import Loaded
from engine.tasks.spans.tagging.encoding import encode
from storage.types import Document
from tests.engine import tiny

CPU = torch.device("cpu")
LABELS = ("person", "place")


@pytest.fixture
def loaded(any_base: Path) -> Loaded:
    torch.manual_seed(1)
    return loading.load_base(any_base, LABELS)


def awkward() -> list[Document]:
    """Documents of very different lengths, some of them empty or without any piece."""
    words = " ".join(document.text for document in tiny.corpus(12, seed=4))
    texts = ["", words, "\u200b \u00ad", "x" * 5000, "Ada", *(d.text for d in tiny.corpus(15))]
    return [tiny.document(text) for text in texts]


def score(loaded: Loaded, documents: list[Document], **values: Any) -> list[np.ndarray]:
    windows = encode(documents, loaded.pieces, LABELS, 24, 8)
    lengths = [len(document.tokens) for document in documents]
    return score_units(loaded.model, windows, lengths, loaded.padding, CPU, **values)


def by_hand(loaded: Loaded, window: Window) -> np.ndarray:
    batch = collate([window], loaded.padding)
    with torch.no_grad():
        return logits(loaded.model, batch).log_softmax(-1)[0, list(window.places)].numpy()


def test_every_token_gets_a_distribution(loaded: Loaded) -> None:
    documents = awkward()
    scores = score(loaded, documents)
    assert [item.shape for item in scores] == [(len(d.tokens), 5) for d in documents]
    assert all(np.exp(item).sum(1) == pytest.approx(1, abs=1e-5) for item in scores if len(item))
    assert all(item.dtype == np.float32 for item in scores)


def test_every_token_is_scored_by_the_window_that_owns_it(loaded: Loaded) -> None:
    documents = awkward()
    windows = encode(documents, loaded.pieces, LABELS, 24, 8)
    assert sum(window.document == 1 for window in windows) > 3
    scores, seen = score(loaded, documents), 0
    loaded.model.eval()
    for window in windows:
        expected = by_hand(loaded, window)
        assert scores[window.document][list(window.units)] == pytest.approx(expected, abs=1e-5)
        seen += len(window.units)
    assert seen == sum(len(document.tokens) for document in documents)


@pytest.mark.parametrize("budget", [1, 40, 10_000])
def test_the_batches_do_not_show_in_the_result(
    loaded: Loaded, budget: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = awkward()
    expected = score(loaded, documents)
    monkeypatch.setitem(predicting.BUDGET, "cpu", budget)
    for one, other in zip(score(loaded, documents), expected, strict=True):
        assert one == pytest.approx(other, abs=1e-5)


def test_a_document_scores_the_same_alone(loaded: Loaded) -> None:
    documents = awkward()
    for document, together in zip(documents, score(loaded, documents), strict=True):
        assert score(loaded, [document])[0] == pytest.approx(together, abs=1e-5)


def test_no_documents_and_no_words_are_no_trouble(loaded: Loaded) -> None:
    assert score(loaded, []) == []
    assert [item.shape for item in score(loaded, [Document(""), Document(" ")])] == [(0, 5)] * 2


def test_pause_comes_after_every_batch_and_may_end_it(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(predicting.BUDGET, "cpu", 1)
    calls: list[int] = []

    def pause() -> None:
        calls.append(len(calls))
        if len(calls) == 3:
            raise KeyboardInterrupt

    loaded.model.train()
    with pytest.raises(KeyboardInterrupt):
        score(loaded, tiny.corpus(9), pause=pause)
    assert calls == [0, 1, 2]
    assert loaded.model.training


def test_scoring_leaves_training_as_it_was(loaded: Loaded) -> None:
    for training in (True, False):
        loaded.model.train(training)
        first = np.concatenate(score(loaded, tiny.corpus(3)))
        assert loaded.model.training is training
        assert np.array_equal(first, np.concatenate(score(loaded, tiny.corpus(3))))


def test_the_mean_loss_is_that_of_the_gold_tags(loaded: Loaded) -> None:
    documents = tiny.corpus(6)
    windows = encode(documents, loaded.pieces, LABELS, 24, 8)
    scores = score(loaded, documents)
    expected = [
        -scores[window.document][word, tag]
        for window in windows
        for word, tag in zip(window.units, window.targets, strict=True)
    ]
    assert mean_loss(windows, scores) == pytest.approx(np.mean(expected), rel=1e-5)
    assert mean_loss([], []) == 0.0
