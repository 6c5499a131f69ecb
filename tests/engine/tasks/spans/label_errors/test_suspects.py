"""Suspects among spans: what is wrong comes first, with what should be there and why."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.tasks.spans.label_errors import suspects
from engine.tasks.spans.tagging.encoding import tag_names, tags_of
from storage.types import Document, Span

LABELS = ("LOC", "ORG", "PER")
TAG_OF = {name: tag for tag, name in enumerate(tag_names(LABELS))}
NAMES = {"LOC": ("Ulm", "New York", "Bad Ems"), "PER": ("Ada", "Emmy Noether"), "ORG": ("Acme",)}
SURE = 0.9


def written(text: str) -> Document:
    """Read "[LOC Ulm] is old": a text with its spans."""
    plain, spans = "", []
    for part in re.split(r"(\[\w+ [^\]]+\])", text):
        if found := re.fullmatch(r"\[(\w+) ([^\]]+)\]", part):
            spans.append(Span(len(plain), len(plain) + len(found[2]), found[1]))
            part = found[2]
        plain += part
    tokens = tuple((found.start(), found.end()) for found in re.finditer(r"\S+", plain))
    return Document(plain, tokens, tuple(spans))


def sure_of(document: Document, chance: float = SURE) -> np.ndarray:
    """Return the scores of a model that finds exactly the document's spans."""
    scores = np.full((len(document.tokens), len(TAG_OF)), (1 - chance) / (len(TAG_OF) - 1))
    scores[np.arange(len(scores)), tags_of(document, TAG_OF)] = chance
    return np.log(scores).astype(np.float32)[None]


def others() -> list[tuple[Document, np.ndarray]]:
    """Return documents that are labelled rightly, as the model sees it, too."""
    texts = [f"we saw [{of} {name}] {n}" for of in NAMES for name in NAMES[of] for n in "abc"]
    texts += [f"we saw snow {n}" for n in "abcd"]
    return [(document, sure_of(document)) for document in map(written, texts)]


def first(given: str, believed: str, chance: float = SURE) -> tuple[Document, suspects.Suspect]:
    """Rank a document among right ones; return the most suspicious place, which has to be its."""
    document = written(given)
    among = [*others(), (document, sure_of(written(believed), chance))]
    documents, scores = zip(*among, strict=True)
    found = suspects.rank(documents, scores, LABELS)[0]
    assert found.document == len(documents) - 1
    return document, found


def test_a_wrong_label() -> None:
    document, found = first("in [PER Ulm] it rains", "in [LOC Ulm] it rains")
    assert (found.given, found.suggested) == (Span(3, 6, "PER"), Span(3, 6, "LOC"))
    assert found.score > 0.9
    assert found.reason == (
        "you said PER, the model that never saw it says LOC at 0.92; "
        "the same string is LOC in 3 of 3 other places"
    )


def test_an_unknown_string_is_told_by_the_model_alone() -> None:
    _, found = first("in [PER Jena] it rains", "in [LOC Jena] it rains")
    assert found.reason == "you said PER, the model that never saw it says LOC at 0.92"


def test_a_dropped_entity() -> None:
    _, found = first("with Emmy Noether here", "with [PER Emmy Noether] here")
    assert (found.given, found.suggested) == (None, Span(5, 17, "PER"))
    assert found.reason.startswith("nothing is labelled here, the model that never saw it says PER")
    assert found.reason.endswith("the same string is PER in 3 of 3 other places")


def test_a_dropped_entity_that_the_model_overlooks_is_told_by_the_corpus() -> None:
    _, found = first("with Emmy Noether here", "with Emmy Noether here", chance=0.3)
    assert (found.given, found.suggested) == (None, Span(5, 17, "PER"))
    assert found.reason == "nothing is labelled here, the same string is PER in 3 of 3 other places"


def test_a_token_lost_at_a_border() -> None:
    _, found = first("to New [LOC York] and back", "to [LOC New York] and back", chance=0.99)
    assert (found.given, found.suggested) == (Span(7, 11, "LOC"), Span(3, 11, "LOC"))
    assert "says LOC for “New York” at 0.99" in found.reason
    assert "“New York” is LOC in 3 of 3 other places" in found.reason


def test_an_entity_where_nothing_is() -> None:
    _, found = first("we saw [ORG snow]", "we saw snow")
    assert (found.given, found.suggested) == (Span(7, 11, "ORG"), None)
    assert found.reason == (
        "you said ORG, the model that never saw it says nothing at 0.90; "
        "the same string is unlabelled in 4 of 4 other places"
    )


def test_documents_are_named_by_their_ids() -> None:
    document = replace(written("in [PER Ulm] it rains"), id=77)
    among = [*others(), (document, sure_of(written("in [LOC Ulm] it rains")))]
    documents, scores = zip(*among, strict=True)
    assert suspects.rank(documents, scores, LABELS)[0].document == 77


def test_what_tags_cannot_hold_is_no_missing_entity() -> None:
    inside = Document("Ulmer", ((0, 5),), (Span(0, 3, "LOC"),))
    found = suspects.rank([inside], [sure_of(written("[LOC Ulmer]"))], LABELS)
    assert found == []


def test_spans_of_other_labels_are_passed_over() -> None:
    document = written("in [RIVER Elbe] it rains")
    scores = sure_of(written("in [LOC Elbe] it rains"))
    assert suspects.rank([document], [scores], LABELS) == []


def test_without_documents_or_spans_there_is_nothing() -> None:
    assert suspects.rank([], [], LABELS) == []
    plain, empty = written("it rains"), Document("")
    scores = [sure_of(plain), np.zeros((1, 0, len(TAG_OF)), dtype=np.float32)]
    assert suspects.rank([plain, empty], scores, LABELS) == []


words = st.lists(st.sampled_from(["Ulm", "ulm", "New", "York", "it", "rains"]), max_size=6)


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Document, np.ndarray]:
    """Draw a document with spans that may overlap, and scores that may be certain."""
    text = " ".join(draw(words))
    tokens = written(text).tokens
    spans = [
        Span(tokens[a][0], tokens[b][1], label)
        for a, b, label in draw(
            st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.sampled_from(LABELS)))
        )
        if a <= b < len(tokens)
    ]
    weights = np.random.default_rng(draw(st.integers(0, 99))).dirichlet([0.05] * 7, len(tokens))
    with np.errstate(divide="ignore"):
        scores = np.log(weights).astype(np.float32)
    return Document(text, tokens, tuple(sorted(set(spans)))), scores.reshape(1, len(tokens), 7)


@given(st.lists(labelled(), max_size=6))
def test_every_place_once_the_most_suspicious_first(among: list) -> None:
    documents, scores = [d for d, _ in among], [s for _, s in among]
    found = suspects.rank(documents, scores, LABELS)
    assert [each.score for each in found] == sorted((s.score for s in found), reverse=True)
    given = [(each.document, each.given) for each in found if each.given]
    assert len(given) == len(set(given))
    for each in found:
        assert 0 <= each.score <= 1
        assert each.given != each.suggested
        assert each.given is None or each.given in documents[each.document].spans
        edges = {edge for token in documents[each.document].tokens for edge in token}
        assert {each.place.start, each.place.end} <= edges


@pytest.mark.parametrize("label", LABELS)
def test_one_label_is_enough(label: str) -> None:
    document = written(f"in [{label} Ulm] and Ulm")
    scores = np.log(np.full((1, 4, 3), 1 / 3, dtype=np.float32))
    found = suspects.rank([document], [scores], [label])
    assert {(each.given, each.suggested) for each in found} >= {(None, Span(11, 14, label))}


def test_it_is_told_how_many_of_how_many_models_are_of_that_opinion() -> None:
    document, right = written("in [PER Ulm] it rains"), written("in [LOC Ulm] it rains")
    said = [sure_of(right, 0.99), sure_of(right, 0.95), sure_of(document, 0.6)]
    among = [*((d, np.repeat(s, 3, axis=0)) for d, s in others()), (document, np.concatenate(said))]
    documents, scores = zip(*among, strict=True)
    found = suspects.rank(documents, scores, LABELS)[0]
    assert found.suggested == Span(3, 6, "LOC")
    assert found.reason.startswith(
        "you said PER, two of three models that never saw it say LOC at 0.6"
    )
