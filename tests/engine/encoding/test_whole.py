"""Documents read as a whole: nothing is cut off, and a second text is read where there is one."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertConfig, BertForSequenceClassification

from engine.encoding.batches import collate
from engine.encoding.examples import Window, whole
from engine.encoding.tokens import tokenize
from engine.encoding.word_pieces import prepare
from engine.inference.predicting import logits
from storage.types import Document
from tests.engine import tiny

READY = {kind: prepare(make()) for kind, make in tiny.KINDS.items()}
ONE = Document("Ada went to Paris", tokenize("Ada went to Paris"))
TWO = Document("Ada went to Paris", tokenize("Ada went to Paris"), second_text="Nothing happened")


@pytest.mark.parametrize("kind", sorted(tiny.KINDS))
def test_a_pair_is_read_as_the_tokenizer_reads_pairs(kind: str) -> None:
    original = tiny.KINDS[kind]()
    original.no_truncation()
    original.no_padding()
    marker = " " if kind == "bytelevel" else ""
    expected = original.encode(marker + TWO.text, f"{marker}{TWO.second_text}")
    (window,) = whole([TWO], READY[kind], 64, lambda document: 1)
    assert list(window.pieces) == expected.ids
    assert list(window.segments) == expected.type_ids
    assert (window.units, window.targets, window.words) == ((0,), (1,), 6)


def of(first: int, second: int | None) -> Document:
    """A document with so many words, and a second text with so many."""
    text = " ".join(f"Paris{n}" for n in range(first))
    other = None if second is None else " ".join(f"Ulm{n}" for n in range(second))
    return Document(text, tokenize(text), second_text=other)


@given(
    st.integers(0, 40),
    st.none() | st.integers(0, 40),
    st.integers(12, 40),
    st.integers(0, 12),
)
def test_no_piece_of_either_text_is_cut_off(
    first: int, second: int | None, length: int, stride: int
) -> None:
    ready, document = READY["wordpiece"], of(first, second)
    (one,) = whole([replace(document, second_text=None)], ready, 10_000)
    found = list(whole([document], ready, length, lambda _: 1, stride))
    assert all(len(window.pieces) <= length for window in found)
    assert sum(window.share for window in found) == pytest.approx(1)
    assert sum(window.words for window in found) == first + (second or 0)
    assert covers(found, one.pieces[1:-1], 0)
    if second is not None:
        text = document.second_text or ""
        (other,) = whole([Document(text, tokenize(text))], ready, 10_000)
        assert covers(found, other.pieces[1:-1], ready.second)
        assert all(len(window.segments) == len(window.pieces) for window in found)


def covers(found: list[Window], pieces: tuple[int, ...], segment: int) -> bool:
    """Tell whether the windows, one after the other, show all pieces of a text in order."""
    until = 0
    for window in found:
        kinds = window.segments or (0,) * len(window.pieces)
        shown = [p for p, kind in zip(window.pieces, kinds, strict=True) if kind == segment]
        body = [piece for piece in shown if piece not in (2, 3)]
        starts = (at for at in range(until, -1, -1) if list(pieces[at : at + len(body)]) == body)
        start = next(starts, None)
        if start is None:
            return False
        until = max(until, start + len(body))
    return until == len(pieces)


def test_a_short_text_is_in_every_window_beside_stretches_of_a_long_one() -> None:
    ready = READY["wordpiece"]
    found = list(whole([replace(ONE, second_text="Paris " * 60)], ready, 24, stride=4))
    (one,) = whole([ONE], ready, 64)
    assert len(found) > 3
    assert all(window.pieces[: len(one.pieces)] == one.pieces for window in found)


def test_one_text_has_no_segments_and_pairs_reach_the_model_with_theirs() -> None:
    torch.manual_seed(0)
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=200,
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            num_labels=2,
        )
    ).eval()
    one, two = whole([ONE, TWO], READY["wordpiece"], 64, lambda document: 0)
    assert not one.segments and not collate([one], 0).segments.numel()
    batch = collate([two, one], 0)
    assert batch.targets.tolist() == [[0], [0]] and batch.answers().tolist() == [0, 1]
    assert batch.segments.shape == batch.pieces.shape
    flat = torch.zeros_like(batch.pieces)
    with torch.no_grad():
        plain = model(batch.pieces, batch.mask, token_type_ids=flat).logits
        found = logits(model, batch)
    assert not torch.equal(plain[0], found[0]) and torch.allclose(plain[1], found[1])
