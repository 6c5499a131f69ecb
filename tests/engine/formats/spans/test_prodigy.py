"""Prodigy's JSON Lines: only accepted tasks are gold."""

import json

import pytest

from engine.corpus.importing import plan
from storage.types import Span, Status
from tests.engine.corpora import shared

TOKENS = [
    {"text": "We", "start": 0, "end": 2, "id": 0},
    {"text": "’re", "start": 2, "end": 5, "id": 1},
    {"text": " ", "start": 6, "end": 7, "id": 2},
    {"text": "Uber", "start": 7, "end": 11, "id": 3},
]
TASK = {
    "text": "We’re  Uber",
    "tokens": TOKENS,
    "spans": [{"start": 7, "end": 11, "token_start": 3, "token_end": 3, "label": "ORG"}],
    "answer": "accept",
}


def read(*records, **settings):
    data = "\n".join(json.dumps(record) for record in records).encode()
    return plan([("x.jsonl", data)], **settings)


def test_an_accepted_task_is_gold_with_the_tokens_of_prodigy():
    found = read(TASK)
    (document,) = found.documents_to_add
    assert found.files[0].format == "prodigy"
    assert document.tokens == ((0, 2), (2, 5), (7, 11))
    assert (document.spans, document.status) == ((Span(7, 11, "ORG"),), Status.DONE)


@pytest.mark.parametrize("answer", ["reject", "ignore"])
def test_other_answers_are_skipped_without_spans_and_counted(answer):
    found = read(TASK | {"answer": answer}, TASK)
    assert [d.status for d in found.documents_to_add] == [Status.SKIPPED, Status.DONE]
    assert found.spans == 1
    assert f'Tasks answered "{answer}" come in as skipped, without spans: 1.' in [
        problem.message for problem in found.problems
    ]


def test_a_task_that_nobody_answered_is_untouched_unless_it_has_spans():
    found = read({"text": "a", "_input_hash": 1}, {"text": "b", "spans": []})
    assert [d.status for d in found.documents_to_add] == [Status.UNTOUCHED, Status.DONE]


def test_a_span_without_offsets_is_found_through_its_tokens():
    found = read(TASK | {"spans": [{"token_start": 1, "token_end": 3, "label": "X"}]})
    assert found.documents_to_add[0].spans == (Span(2, 11, "X"),)


def test_offsets_in_utf16_are_told_by_the_words_of_the_tokens():
    task = {
        "text": "😀 Uber",
        "tokens": [{"text": "😀", "start": 0, "end": 2}, {"text": "Uber", "start": 3, "end": 7}],
        "spans": [{"start": 3, "end": 7, "label": "ORG"}],
        "answer": "accept",
    }
    found = read(task)
    (document,) = found.documents_to_add
    assert (document.spans, document.tokens) == ((Span(2, 6, "ORG"),), ((0, 1), (2, 6)))
    assert "converted" in found.problems[0].message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": "maybe"}, 'The answer "maybe" is not accept, reject or ignore'),
        ({"tokens": [{"text": "Us", "start": 0, "end": 2}]}, "not the words at their offsets"),
        ({"tokens": [TOKENS[3], TOKENS[0]]}, "not in the order of the text"),
        ({"tokens": [{"text": "We"}]}, "A token lacks its text, start or end"),
        ({"tokens": 5}, '"tokens" is not a list'),
        ({"spans": [{"start": 7, "end": 99, "label": "X"}]}, "the text has 11 characters"),
        ({"spans": [{"token_start": 3, "token_end": 9, "label": "X"}]}, "3 to 9 is impossible"),
    ],
)
def test_a_bad_task_is_refused_with_its_line_and_can_be_skipped(change, message):
    found = read(TASK, TASK | change)
    assert [(problem.line, message in problem.message) for problem in found.errors] == [(2, True)]
    assert read(TASK, TASK | change, skip_bad=True).documents == 1


def test_tasks_that_label_whole_texts_are_refused():
    found = read({"text": "a", "label": "DOCUMENTATION", "answer": "accept"})
    assert "labels the whole text" in found.errors[0].message


@pytest.mark.parametrize(
    ("path", "documents", "tokens", "spans"),
    [
        ("prodigy/annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl", 373, 3368, 303),
        ("spacy/demo.jsonl", 1, 20, 1),
    ],
)
def test_real_files_are_counted_right(path, documents, tokens, spans):
    found = plan([shared(f"samples/{path}")])
    assert not found.refused
    assert found.files[0].format == "prodigy"
    assert (found.documents, found.tokens, found.spans) == (documents, tokens, spans)


@pytest.mark.parametrize(("start", "end"), [(4, 99), (-3, 7), (5, 4)])
def test_tokens_that_end_beyond_the_text_are_refused_with_their_line(start, end):
    good = {"text": "Ada ran", "tokens": [{"text": "Ada", "start": 0, "end": 3}], "spans": []}
    bad = good | {"tokens": [*good["tokens"], {"text": "ran", "start": start, "end": end}]}
    (problem,) = read(good, bad).errors
    assert problem.line == 2
