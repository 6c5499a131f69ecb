"""What a run is given of a project's documents, and what it refuses to learn from."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.runs import sampling
from storage.errors import InputError
from storage.types import Split
from tests.engine import tiny


def test_a_sample_is_seeded_keeps_the_order_and_leaves_dev_and_test_whole() -> None:
    train = tiny.corpus(50)
    rest = tiny.corpus(5, first_id=100, split=Split.DEV) + tiny.corpus(5, 1, 200, Split.TEST)
    documents = train[:25] + rest + train[25:]
    small = sampling.sample(documents, 10, seed=1)
    assert small == sampling.sample(documents, 10, seed=1)
    assert small != sampling.sample(documents, 10, seed=2)
    assert [d for d in small if d.split != Split.TRAIN] == rest
    assert sum(d.split == Split.TRAIN for d in small) == 10
    numbers = [documents.index(document) for document in small]
    assert numbers == sorted(numbers)
    assert sampling.sample(documents, None, 1) == sampling.sample(documents, 99, 1) == documents


def test_what_is_missing_for_training_is_said() -> None:
    documents = tiny.corpus(3)
    sampling.check(documents, ["person"])
    with pytest.raises(InputError, match="The project has no labels"):
        sampling.check(documents, [])
    with pytest.raises(InputError, match="No document of the train split is labelled"):
        sampling.check(tiny.corpus(3, split=Split.DEV), ["person"])
    with pytest.raises(InputError, match="None of the labelled training documents holds a span"):
        sampling.check([replace(d, spans=()) for d in documents], ["person"])
