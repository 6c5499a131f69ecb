"""Cross-validation: who scores a document never saw it, and sharing changes no score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.configuration.settings import Settings
from engine.models import loading
from engine.training import cross_validation
from engine.training.cross_validation import CrossValidation
from engine.training.freezing import Cache
from storage.types import Document
from tests.engine import tiny
from tests.engine.training.test_loop import CPU, LABELS, Silent

SETTINGS = Settings(
    epochs=2, learning_rate=3e-3, batch_size=8, max_length=48, stride=16, frozen_layers=1
)
DOCUMENTS = tiny.corpus(24, seed=3)
HELD = {1, 5, 6, 20}


def validation(
    base: Path, documents: Sequence[Document] = DOCUMENTS, settings: Settings = SETTINGS
) -> CrossValidation:
    torch.manual_seed(1)
    loaded = loading.load_base(base, LABELS)
    return CrossValidation(loaded, documents, LABELS, settings, CPU)


def same(one: dict[int, np.ndarray], other: dict[int, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all((one[key] == other[key]).all() for key in one)


def test_every_document_held_out_is_scored(bert: Path) -> None:
    found = validation(bert).score(HELD, Silent())
    assert list(found) == sorted(HELD)
    for position, scores in found.items():
        assert scores.shape == (len(DOCUMENTS[position].tokens), 5)
        assert np.exp(scores).sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_labels_that_are_held_out_change_nothing(bert: Path) -> None:
    bare = [
        replace(document, spans=()) if position in HELD else document
        for position, document in enumerate(DOCUMENTS)
    ]
    found = validation(bert).score(HELD, Silent())
    assert same(found, validation(bert, bare).score(HELD, Silent()))
    shown = [replace(DOCUMENTS[0], spans=()), *DOCUMENTS[1:]]
    assert not same(found, validation(bert, shown).score(HELD, Silent()))


def test_every_fold_begins_anew(bert: Path) -> None:
    both = validation(bert)
    both.score({0, 2, 3}, Silent())
    assert same(both.score(HELD, Silent()), validation(bert).score(HELD, Silent()))


def test_frozen_layers_are_computed_once(bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    class Counted(Cache):
        def __init__(self, *given, **named) -> None:
            made.append(self)
            super().__init__(*given, **named)

    monkeypatch.setattr(cross_validation, "Cache", Counted)
    monkeypatch.setattr("engine.training.learner.Cache", Counted)
    found = validation(bert)
    for held in (HELD, {0, 2, 3}):
        found.score(held, Silent())
    assert len(made) == 1 and made[0].bytes


def test_without_frozen_layers_all_of_it_learns(bert: Path) -> None:
    whole = replace(SETTINGS, frozen_layers=0)
    found = validation(bert, settings=whole).score(HELD, Silent())
    assert list(found) == sorted(HELD)
    assert not same(found, validation(bert).score(HELD, Silent()))


def test_a_part_of_the_others_teaches_as_if_there_were_no_more(bert: Path) -> None:
    shown = {0, 2, 3, 4, 7, 9, 11}
    few = [DOCUMENTS[position] for position in sorted(shown | HELD)]
    alone = validation(bert, few)
    held = {few.index(DOCUMENTS[position]) for position in HELD}
    found = validation(bert).score(HELD, Silent(), shown=shown)
    other = alone.score(held, Silent())
    for one, two in zip(found.values(), other.values(), strict=True):
        assert one == pytest.approx(two, abs=1e-4)
    longer = validation(bert).score(
        HELD, Silent(), shown=shown, settings=replace(SETTINGS, epochs=3)
    )
    assert not same(found, longer)


def test_shapes_are_learned_anew_for_every_fold(bert: Path) -> None:
    settings = replace(SETTINGS, word_shapes="learned")

    def shaped() -> CrossValidation:
        torch.manual_seed(1)
        loaded = loading.load_base(bert, LABELS, word_shapes="learned")
        return CrossValidation(loaded, DOCUMENTS, LABELS, settings, CPU)

    both = shaped()
    both.score({0, 2, 3}, Silent())
    found = both.score(HELD, Silent())
    assert same(found, shaped().score(HELD, Silent()))
    assert not same(found, validation(bert).score(HELD, Silent()))


def test_a_base_that_takes_no_shapes_learns_as_without(bert: Path) -> None:
    asked = validation(bert, settings=replace(SETTINGS, word_shapes="learned"))
    assert same(asked.score(HELD, Silent()), validation(bert).score(HELD, Silent()))
