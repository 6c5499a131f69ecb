"""Documents and their words as vectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.inference.encoder import Encoder
from storage.types import Document
from tests.engine import tiny
from tests.engine.models.test_token_types import learned


def test_equal_texts_have_equal_vectors_of_length_one(bert: Path) -> None:
    encoder = Encoder(bert, torch.device("cpu"))
    texts = [*tiny.corpus(4), Document("", id=9), *tiny.corpus(4)]
    long = tiny.document("Paris " * 200, (0, 5, "a label that no encoder knows"))
    vectors = encoder.embed([*texts, long])
    assert np.allclose(vectors[:4], vectors[5:9], atol=1e-6)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 1, 0, 1, 1, 1, 1, 1])
    assert vectors[0] @ vectors[9] < 0.999, "different texts, different directions"
    assert encoder.embed([]).shape == (0, 32)


def test_a_vector_is_the_mean_over_the_pieces(bert: Path) -> None:
    encoder = Encoder(bert, torch.device("cpu"))
    (document,) = tiny.corpus(1)
    tokenizer = encoder._loaded.tokenizer
    pieces = tokenizer(document.text, return_tensors="pt", padding=False, truncation=False)
    with torch.inference_mode():
        hidden = encoder._model(**{k: pieces[k] for k in ("input_ids", "attention_mask")})
    mean = hidden.last_hidden_state[0].mean(0).numpy()
    (vector,) = encoder.embed([document])
    assert np.allclose(vector, mean / np.linalg.norm(mean), atol=1e-5)


def test_a_token_is_the_middle_layer_at_its_first_piece_in_a_long_document_too(bert: Path) -> None:
    encoder = Encoder(bert, torch.device("cpu"))
    documents = [*tiny.corpus(3), Document("", id=9), tiny.document("Grace Paris " * 60)]
    vectors, tokens = encoder.read(documents)
    assert np.array_equal(vectors, encoder.embed(documents))
    assert all(map(np.array_equal, tokens, encoder.words(documents)))
    assert [each.shape for each in tokens] == [(len(d.tokens), 32) for d in documents]
    assert all(np.abs(each).sum(axis=1).min(initial=1) > 0 for each in tokens)
    pieces = encoder._loaded.tokenizer(documents[0].text, return_tensors="pt", padding=False)
    with torch.inference_mode():
        hidden = encoder._model(pieces["input_ids"], output_hidden_states=True).hidden_states
    assert len(hidden) == 3
    assert np.allclose(tokens[0][0], hidden[1][0, 1].numpy(), atol=1e-5)


def test_a_pair_is_the_mean_over_both_of_its_texts(bert: Path) -> None:
    encoder = Encoder(bert, torch.device("cpu"))
    (one,) = tiny.corpus(1)
    pair = replace(one, second_text="Paris Paris")
    vectors, tokens = encoder.read([one, pair, replace(one, second_text="")])
    assert np.allclose(vectors[0], vectors[2]) and not np.allclose(vectors[0], vectors[1])
    assert np.allclose(tokens[0], tokens[1], atol=1e-6), "tokens are those of the first text"


def test_a_model_that_reads_shapes_tells_capitals_from_small_letters(
    bert: Path, tmp_path: Path
) -> None:
    learned(bert, tmp_path)
    texts = [tiny.document(text) for text in ("ULM met ADA", "ulm met ada")]
    pair = [replace(texts[1], second_text=text.text) for text in texts]
    for folder, same in ((bert, True), (tmp_path, False)):
        encoder = Encoder(folder, torch.device("cpu"))
        for one, other in (encoder.embed(texts), encoder.embed(pair)):
            assert np.allclose(one, other, atol=1e-5) == same
