"""Prodigy's JSON Lines: only accepted tasks are gold."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.exporting import export
from engine.corpus.importing import plan
from engine.formats.common.sources import HEAD_BYTES
from storage.types import Document, Span, Status
from tests.engine.corpora import shared
from tests.engine.formats import documents

STATUSES = (Status.DONE, Status.SKIPPED, Status.UNTOUCHED)

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


def test_a_first_task_that_is_longer_than_what_formats_are_told_by_is_prodigys_too() -> None:
    text = f"{TASK['text']}{' again' * HEAD_BYTES}"
    found = read({**TASK, "text": text}, TASK)
    assert found.files[0].format == "prodigy"
    assert [len(document.spans) for document in found.documents_to_add] == [1, 1]


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
        ({"tokens": [{"text": "Us", "start": 0, "end": 2}]}, "(token) should be"),
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


def test_a_list_of_tasks_is_read_as_tasks():
    tasks = [
        {"text": "in Rome", "spans": [{"start": 3, "end": 7, "label": "LOC"}], "answer": "accept"}
    ]
    found = plan([("x.json", json.dumps(tasks).encode())])
    assert (found.files[0].format, found.spans) == ("prodigy", 1)


def test_tasks_that_label_whole_texts_are_refused():
    found = read({"text": "a", "label": "DOCUMENTATION", "answer": "accept"})
    assert "labels the whole text" in found.errors[0].message


def written(*documents: Document) -> list[dict]:
    return [json.loads(line) for line in export(documents, "prodigy").data().splitlines()]


class TestWriting:
    def test_a_task_goes_out_as_it_came(self):
        more = {"meta": {"a": 1}, "_task_hash": 5, "_session_id": None}
        ((again),) = written(*read(TASK | more).documents_to_add)
        assert again == TASK | more

    @pytest.mark.parametrize("answer", ["reject", "ignore"])
    def test_what_is_not_gold_keeps_its_answer_and_its_spans(self, answer):
        assert written(*read(TASK | {"answer": answer}).documents_to_add) == [
            TASK | {"answer": answer}
        ]

    def test_a_task_about_one_span_is_not_finished_and_keeps_its_answer(self):
        task = TASK | {"_is_binary": True}
        found = read(task)
        assert found.documents_to_add[0].status is Status.IN_PROGRESS
        assert "come in as in progress: 1." in found.problems[0].message
        assert written(*found.documents_to_add) == [task]

    def test_a_document_of_another_format_has_tokens_and_spans_by_token_where_they_are_whole(self):
        document = Document("Ada ran", spans=(Span(0, 3, "P"), Span(0, 5, "Q")), status=Status.DONE)
        (task,) = written(document)
        assert [token["ws"] for token in task["tokens"]] == [True, False]
        assert task["spans"] == [
            {"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "P"},
            {"start": 0, "end": 5, "label": "Q"},
        ]

    def test_real_tasks_go_out_as_they_came(self):
        path = shared("samples/prodigy/annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl")
        found = written(*plan([path]).documents_to_add)
        expected = [{"spans": [], **json.loads(line)} for line in path.read_text().splitlines()]
        for task in expected:
            task["spans"].sort(key=lambda span: span["start"])
        for task in found:
            for token in task["tokens"]:
                token.pop("ws", None)
        assert found == expected


@given(st.lists(documents.documents(statuses=STATUSES), min_size=1, max_size=3))
def test_any_documents_come_back_equal(given_documents):
    again = plan([("x.jsonl", export(given_documents, "prodigy").data())], format="prodigy")
    assert documents.shown(again.documents_to_add) == documents.shown(given_documents)


@pytest.mark.parametrize(
    ("path", "count", "tokens", "spans"),
    [
        ("prodigy/annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl", 373, 3368, 303),
        ("spacy/demo.jsonl", 1, 20, 1),
    ],
)
def test_real_files_are_counted_right(path, count, tokens, spans):
    found = plan([shared(f"samples/{path}")])
    assert not found.refused
    assert found.files[0].format == "prodigy"
    assert (found.documents, found.tokens, found.spans) == (count, tokens, spans)


@pytest.mark.parametrize(("start", "end"), [(4, 99), (-3, 7), (5, 4)])
def test_tokens_that_end_beyond_the_text_are_refused_with_their_line(start, end):
    good = {"text": "Ada ran", "tokens": [{"text": "Ada", "start": 0, "end": 3}], "spans": []}
    bad = good | {"tokens": [*good["tokens"], {"text": "ran", "start": start, "end": end}]}
    (problem,) = read(good, bad).errors
    assert problem.line == 2
