"""Several right answers a document, and several windows: what is learned, scored and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification

from engine.configuration.settings import Settings
from engine.encoding.batches import collate
from engine.encoding.tokens import tokenize
from engine.inference.predicting import Evaluator, score_units
from engine.models import loading
from engine.models.loading import Loaded
from engine.tasks.classification.head import SeveralHead
from engine.training.loss import BinaryCrossEntropy, CrossEntropy
from storage.types import Document, Span

LABELS = ("a", "b", "c")
CPU = torch.device("cpu")
SETTINGS = Settings(threads=1, device="cpu", max_length=16, stride=4)
LONG = " ".join(["Paris met Ada"] * 12)


def text(words: str, *labels: str, id: int = 1) -> Document:
    marks = tuple(Span(0, 0, label) for label in labels)
    return Document(words, tokenize(words), marks, id=id)


DOCUMENTS = [text("Ada went", "a", "c"), text("to Paris", "b"), text(LONG, "c"), text("no")]


@pytest.fixture(scope="module")
def several(bert: Path) -> Loaded:
    torch.manual_seed(1)
    return loading.load_base(bert, LABELS, 0.0, "multilabel")


@pytest.fixture(scope="module")
def single(bert: Path) -> Loaded:
    torch.manual_seed(1)
    return loading.load_base(bert, LABELS, 0.0, "classes")


def windows(loaded: Loaded, documents: list[Document]) -> list:
    return list(loaded.head.encode(documents, loaded.pieces, LABELS, 16, 4))


def test_the_loss_is_that_of_transformers(several: Loaded) -> None:
    short = windows(several, [DOCUMENTS[0], DOCUMENTS[1], DOCUMENTS[3]])
    batch = collate(short, several.padding)
    loss = BinaryCrossEntropy(SETTINGS, short, 3, CPU)
    with torch.no_grad():
        ours = loss(several.model, batch) / loss.weight(short)
        wanted = batch.targets.float()
        theirs = several.model(batch.pieces, batch.mask, labels=wanted).loss
    assert several.model.config.problem_type == "multi_label_classification"
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-6)
    scores = score_units(
        several.model, short, [1] * 3, several.padding, CPU, chances=BinaryCrossEntropy.chances
    )
    assert BinaryCrossEntropy.mean(short, scores) == pytest.approx(theirs.item(), rel=1e-5)


@pytest.mark.parametrize("objective", [CrossEntropy, BinaryCrossEntropy])
def test_a_long_document_counts_once(objective: type, single: Loaded, several: Loaded) -> None:
    loaded = single if objective is CrossEntropy else several
    cut = windows(loaded, [DOCUMENTS[2]])
    assert len(cut) > 2
    loss = objective(SETTINGS, cut, 3, CPU)
    assert loss.weight(cut) == pytest.approx(1)
    with torch.no_grad():
        together = loss(loaded.model, collate(cut, loaded.padding))
        each = [loss(loaded.model, collate([window], loaded.padding)) for window in cut]
    assert together.item() == pytest.approx(sum(e.item() for e in each), rel=1e-5)


def test_what_windows_say_of_a_document_is_pooled(single: Loaded) -> None:
    both = windows(single, [DOCUMENTS[2], DOCUMENTS[1]])
    pooled = score_units(single.model, both, [1, 1], single.padding, CPU)
    with torch.no_grad():
        batch = collate([window for window in both if window.document == 0], single.padding)
        logits = single.model(batch.pieces, batch.mask).logits.mean(dim=0)
    expected = logits.log_softmax(-1).numpy()
    assert pooled[0][0] == pytest.approx(expected, abs=1e-5)
    assert np.exp(pooled[1]).sum() == pytest.approx(1, abs=1e-5)


def test_thresholds_of_dev_are_kept_with_the_model(several: Loaded, tmp_path: Path) -> None:
    dev = [text(f"Ada {n}", *"ab"[: n % 3], id=n) for n in range(12)]
    found = Evaluator(dev, several, LABELS, SETTINGS, CPU, decides=True).evaluate()
    assert isinstance(found.head, SeveralHead)
    chosen = found.head.thresholds
    assert set(chosen) == set(LABELS) and chosen["a"] != 0.5
    assert found.tell()["thresholds"] == chosen
    loading.save(replace(several, head=found.head), tmp_path)
    again, labels = loading.load_trained(tmp_path, "multilabel")
    assert isinstance(again.head, SeveralHead)
    assert again.head.thresholds == chosen and tuple(labels) == LABELS
    same = Evaluator(dev, again, LABELS, SETTINGS, CPU).evaluate()
    assert same.predicted == found.predicted
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    assert plain.config.problem_type == "multi_label_classification"
