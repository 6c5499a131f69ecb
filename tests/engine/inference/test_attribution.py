"""Words that pushed a decision: each word's share of an answer's logit, as its gradient tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from engine.encoding.tokens import tokenize
from engine.inference.attribution import attribute
from engine.inference.model_client import Pushes
from engine.inference.model_server import explain
from engine.inference.pipeline import Predictor
from engine.models import loading
from storage.types import Document

LABELS = ["a", "b", "c"]
CPU = torch.device("cpu")


def predictor(bert: Path, task: str) -> Predictor:
    torch.manual_seed(2)
    loaded = loading.load_base(bert, LABELS, 0.0, task)
    loaded.model.eval()
    return Predictor(loaded, LABELS, 24, 6, CPU)


def text(words: str, second: str | None = None) -> Document:
    return Document(words, tokenize(words), second_text=second)


def nudged(found: Predictor, document: Document, token: int, label: int, by: float) -> float:
    """The margin of a label where the vectors of a token of a short text are so much larger."""
    (window,) = found.loaded.head.encode([document], found.loaded.pieces, LABELS, 64, 0)
    vectors = found.loaded.model.get_input_embeddings()(torch.tensor([window.pieces])).detach()
    vectors[0, 1 + token] *= 1 + by
    with torch.no_grad():
        logits = found.loaded.model(inputs_embeds=vectors).logits[0].double()
    return float(logits[label] - (logits.sum() - logits[label]) / 2)


def test_a_word_pushes_as_much_as_the_answer_changes_with_its_vector(bert: Path) -> None:
    found, document = predictor(bert, "classes"), text("Ada met nobody in Paris")
    (pushes,) = attribute(found, [document], [["b", "unknown", "a"]])
    assert [each.label for each in pushes] == ["b", "a"]
    for token in (0, 3):
        up, down = (nudged(found, document, token, 1, by) for by in (0.01, -0.01))
        assert pushes[0].tokens[token] == pytest.approx((up - down) / 0.02, rel=0.05, abs=1e-4)


def test_every_token_of_long_texts_and_of_both_texts_has_a_number(bert: Path) -> None:
    pairs = [text("Ada met " * 30, "in Paris"), text("Ada", "Paris met " * 40), text("Ada", "")]
    found = attribute(predictor(bert, "pairs"), pairs, [["a"]] * 3)
    for document, (pushes,) in zip(pairs, found, strict=True):
        assert len(pushes.tokens) == len(document.tokens)
        assert len(pushes.second) == len(tokenize(document.second_text or ""))
        assert all(number for number in (*pushes.tokens, *pushes.second))


def test_a_model_that_answers_for_each_word_says_by_itself_which_it_means(bert: Path) -> None:
    assert attribute(predictor(bert, "spans"), [text("Ada met")], [["a"]]) == [[]]


def test_the_server_answers_as_it_is_asked(bert: Path) -> None:
    found, document = predictor(bert, "multilabel"), text("Ada met nobody")
    told = {"text": document.text, "tokens": document.tokens, "second_text": None}
    (answer,) = json.loads(json.dumps(explain(found, [told], [["c"]])))
    ((expected,),) = attribute(found, [document], [["c"]])
    assert Pushes(answer[0]["label"], tuple(answer[0]["tokens"])) == expected
