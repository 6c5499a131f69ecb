"""Documents read as a whole: one window, one target, and a second text where there is one."""

from __future__ import annotations

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from engine.encoding.batches import collate
from engine.encoding.examples import IGNORED, whole
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
    assert (window.units, window.targets, window.words) == ((0,), (1,), 4)


@pytest.mark.parametrize("length", [10, 13, 64])
def test_the_longer_text_is_cut_off_first(length: int) -> None:
    ready, long = READY["wordpiece"], Document(" ".join(["Paris"] * 30), second_text="Ada met")
    long = Document(long.text, tokenize(long.text), second_text=long.second_text)
    (window,) = whole([long], ready, length)
    assert len(window.pieces) == len(window.segments) <= length
    assert window.targets == (IGNORED,)
    short = whole([Document("Ada met", tokenize("Ada met"))], ready, 64)[0].pieces[1:-1]
    assert window.pieces[-1 - len(short) : -1] == short


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
