"""spaCy's training JSON: sentences, raw paragraphs, BILUO tags and cats."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import formats
from engine.formats import Shape
from engine.formats.spacy.training import TrainingJson
from storage.types import Document, Span, Status
from tests.engine.corpora import shared
from tests.engine.formats.codecs import read, written
from tests.engine.formats.documents import documents, shown


def file(*paragraphs) -> bytes:
    return json.dumps([{"id": 0, "paragraphs": paragraphs}]).encode()


def sentence(*pairs) -> dict:
    return {"tokens": [{"orth": word, "ner": tag} for word, tag in pairs]}


ROME = sentence(("in", "O"), ("New", "B-LOC"), ("York", "L-LOC"))


def test_without_a_raw_text_each_sentence_is_a_document_of_its_paragraphs_group():
    found = read(TrainingJson(), file({"sentences": [ROME, sentence(("Ok", "-"))]})).documents
    assert [d.text for d in found] == ["in New York", "Ok"]
    assert found[0].spans == (Span(3, 11, "LOC"),)
    assert [d.status for d in found] == [Status.DONE, Status.UNTOUCHED]
    assert found[0].group == found[1].group != ""


def test_a_raw_text_stays_as_it_is():
    found = read(TrainingJson(), file({"raw": "in\nNew  York", "sentences": [ROME]}))
    assert found.documents[0].text == "in\nNew  York"
    assert found.documents[0].spans == (Span(3, 12, "LOC"),)


def test_what_it_says_of_words_beside_entities_is_told():
    tagged = {"tokens": [{"orth": "Rome", "tag": "NNP", "ner": "U-LOC"}]}
    assert read(TrainingJson(), file({"sentences": [ROME]})).said == []
    assert read(TrainingJson(), file({"sentences": [tagged]})).said == [
        "Parts of speech, lemmas and dependencies of the words are not imported."
    ]


@pytest.mark.parametrize(
    ("file_name", "texts", "spans"),
    [
        ("spacy/ner-sent-per-line.json", 2, 7),
        ("spacy/ner-token-per-line.json", 3, 7),
        ("doccano/labeling/labeling_text_label.spacy.user0", 2, 11),
    ],
)
def test_files_of_spacy_and_doccano(file_name, texts, spans):
    source = shared(f"samples/{file_name}")
    found = read(TrainingJson(), source).documents
    assert (len(found), sum(len(d.spans) for d in found)) == (texts, spans)
    assert formats.guess(formats.InputFile("x", source)).name == "spacy_json"


@pytest.mark.parametrize(
    "paragraph",
    [
        {"sentences": [{"tokens": [{"orth": 1}]}]},
        {"sentences": [sentence(("a", "?-X"))]},
        {"raw": "b", "sentences": [sentence(("a", "O"))]},
        {"raw": "b"},
        {"raw": "b", "sentences": [], "entities": [[0, 9, "X"]]},
    ],
)
def test_what_is_wrong_is_told_with_its_line(paragraph):
    assert read(TrainingJson(), file(paragraph)).errors


def overlaps(document: Document) -> bool:
    spans = sorted(document.spans)
    return any(a.end > b.start for i, a in enumerate(spans) for b in spans[i + 1 :])


@example([Document("a  ", spans=(Span(0, 3, "X"),), status=Status.DONE)])
@given(st.lists(documents(statuses=(Status.DONE, Status.UNTOUCHED)), max_size=3))
def test_every_span_comes_back_but_those_that_overlap_which_are_told(found):
    data, said = written(TrainingJson(), found)
    back = read(TrainingJson(), data).documents
    assert [d.text for d in back] == [d.text for d in found]
    lost = sum(len(d.spans) for d in found) - sum(len(d.spans) for d in back)
    assert lost == len(said)
    for given_, got in zip(found, back, strict=True):
        assert set(got.spans) <= set(given_.spans)
        if not overlaps(given_):
            assert shown([got]) == shown([given_])


def test_classes_are_cats():
    codec = TrainingJson(Shape(True))
    found = [
        Document("a b", spans=(Span(0, 0, "x"),), status=Status.DONE),
        Document("c", status=Status.UNTOUCHED),
        Document("d", status=Status.DONE, name="d"),
    ]
    data, said = written(codec, found)
    assert shown(read(codec, data).documents)[:2] == shown(found)[:2]
    assert said == ["d: That a text is done without a label cannot be written."]
