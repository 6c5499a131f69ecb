"""An epoch's windows: each with a span every time, the others in turn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.configuration.settings import Settings
from engine.encoding.batches import order
from engine.encoding.examples import IGNORED, Window
from engine.encoding.word_pieces import prepare
from engine.tasks.spans.tagging.encoding import encode
from engine.training.sampler import Sampler
from tests.engine import tiny

SETTINGS = Settings(batch_size=4, seed=3, empty_share=0.25)


def window(length: int, tag: int) -> Window:
    return Window(0, (1,) * length, (0, 1), (0, 1), (0, tag), background=tag == 0)


def windows(full: int, empty: int) -> list[Window]:
    tags = [1] * full + [0] * empty
    return [window(2 + number % 9, tag) for number, tag in enumerate(tags)]


def shown(sampler: Sampler, epoch: int) -> list[int]:
    return sorted(sum(sampler.batches(epoch), []))


SHARES = st.floats(0, 1, allow_subnormal=False)


@given(st.integers(0, 40), st.integers(0, 40), SHARES, st.integers(1, 30))
def test_an_epoch_shows_all_spans_and_a_share_of_the_rest(
    full: int, empty: int, share: float, epoch: int
) -> None:
    settings = replace(SETTINGS, empty_share=share)
    sampler = Sampler(windows(full, empty), settings)
    found = shown(sampler, epoch)
    assert found[:full] == list(range(full))
    assert len(found) == len(set(found))
    assert share * empty <= len(found) - full <= share * empty + 1
    assert len(sampler.batches(epoch)) == sampler.per_epoch


def test_every_window_without_a_span_has_its_turn() -> None:
    sampler = Sampler(windows(5, 16), SETTINGS)
    counts = Counter(n for epoch in range(1, 9) for n in shown(sampler, epoch))
    assert counts == {number: 8 if number < 5 else 2 for number in range(21)}


def test_the_whole_share_is_the_plain_order() -> None:
    some = windows(7, 12)
    lengths = [len(window.pieces) for window in some]
    sampler = Sampler(some, replace(SETTINGS, empty_share=1.0))
    assert sampler.batches(3) == order(lengths, 4, 3, 3)


def test_a_span_that_cannot_be_learned_is_a_span_all_the_same() -> None:
    cut, bare = tiny.document("Parisian life", (0, 5, "place")), tiny.document("Nobody came .")
    some = encode([cut, bare], prepare(tiny.wordpiece()), ["place"], 16, 4)
    assert some[0].targets == (IGNORED, 0)
    assert shown(Sampler(some, replace(SETTINGS, empty_share=0.0)), 1) == [0]


@pytest.mark.parametrize("change", [{"seed": 4}, {}])
def test_the_choice_follows_from_the_seed(change: dict) -> None:
    first = Sampler(windows(5, 40), SETTINGS).batches(2)
    again = Sampler(windows(5, 40), replace(SETTINGS, **change)).batches(2)
    assert (first == again) is not bool(change)
