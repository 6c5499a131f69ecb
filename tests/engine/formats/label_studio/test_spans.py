"""Label Studio's labelled parts of texts: what counts of a task, and what goes out again."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.corpus.exporting import export
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile
from engine.formats.label_studio.spans import LabelStudio
from storage.types import Answer, Document, Merged, Source, Span, Status
from tests.engine.corpora import shared
from tests.engine.formats import documents

STATUSES = tuple(Status)


def region(
    start: object, end: object, text: str | None, *labels: str, id: str = "r1", **more
) -> dict:
    value = {"start": start, "end": end, "labels": list(labels)}
    if text is not None:
        value["text"] = text
    names = {"from_name": "ner", "to_name": "t", "type": "labels"}
    return {"id": id, **names, "value": value, **more}


def answer(*results: dict, by: object = 1, at: str = "2024-01-01", **more) -> dict:
    return {"completed_by": by, "updated_at": at, "result": list(results), **more}


def task(*answers: dict, text: str = "in Rome", **more) -> dict:
    return {"id": 7, "data": {"text": text, "source": "x"}, "annotations": list(answers), **more}


def read(*tasks: dict, **options) -> tuple[tuple[Document, ...], list[str]]:
    source = InputFile("x.json", json.dumps(list(tasks)).encode())
    problems = Problems("x.json")
    assert LabelStudio().sniff(source) > 0.9
    found = LabelStudio().read(source, options, problems).documents
    return found, [each.message for each in problems.found]


def written(*found: Document, format: str = "label_studio") -> list[dict]:
    return json.loads(export(found, format).data())


ROME = region(3, 7, "Rome", "LOC")


class TestReading:
    def test_what_somebody_submitted_is_gold(self):
        (document,), problems = read(task(answer(ROME)))
        assert (document.text, document.spans) == ("in Rome", (Span(3, 7, "LOC"),))
        assert (document.status, document.name) == (Status.DONE, "x.json:7")
        assert (document.annotator, document.others, problems) == ("user 1", (), [])

    def test_a_region_of_two_labels_is_two_spans(self):
        (document,), _ = read(task(answer(region(3, 7, "Rome", "LOC", "CITY"))))
        assert document.spans == (Span(3, 7, "CITY"), Span(3, 7, "LOC"))

    def test_the_newest_of_several_people_is_gold_and_the_others_stay_apart(self):
        (document,), (message,) = read(
            task(
                answer(ROME, by={"id": 4, "email": "a@x.org"}, at="2024-01-01"),
                answer(region(0, 7, "in Rome", "LOC"), by=2, at="2024-03-01"),
                answer(by=3, at="2024-02-01"),
            )
        )
        assert (document.annotator, document.spans) == ("user 2", (Span(0, 7, "LOC"),))
        assert document.others == (Answer("a@x.org", (Span(3, 7, "LOC"),)), Answer("user 3"))
        assert message == "Tasks with answers of several people, each kept apart under a name: 1."

    def test_what_was_made_the_truth_goes_before_what_is_newer(self):
        truth = answer(ROME, by=1, at="2020", ground_truth=True)
        (document,), _ = read(task(truth, answer(by=2, at="2024")))
        assert document.annotator == "user 1"

    @pytest.mark.parametrize("more", [{"is_labeled": False}, {"last_action": "rejected"}])
    def test_an_answer_that_is_not_all_of_it_is_in_progress(self, more):
        on_task = "is_labeled" in more
        given = task(answer(ROME, **{} if on_task else more), **more if on_task else {})
        (document,), problems = read(given)
        assert (document.status, document.spans) == (Status.IN_PROGRESS, (Span(3, 7, "LOC"),))
        (said,) = problems
        assert said == (
            "Tasks with an answer that are not finished, which come in as in progress: 1."
        )

    def test_a_draft_beside_an_answer_is_nothing_and_alone_it_is_in_progress(self):
        draft = {"result": [region(0, 2, "in", "X")]}
        (both, alone), problems = read(task(answer(ROME), drafts=[draft]), task(drafts=[draft]))
        assert both.spans == (Span(3, 7, "LOC"),)
        assert (alone.spans, alone.status) == ((Span(0, 2, "X"),), Status.IN_PROGRESS)
        assert problems == [
            "Tasks with drafts beside an answer, which are left out: 1.",
            "Tasks with drafts and no answer, which come in as in progress: 1.",
        ]

    def test_a_cancelled_task_is_skipped(self):
        (document,), problems = read(task(answer(was_cancelled=True)))
        assert (document.status, document.spans) == (Status.SKIPPED, ())
        assert problems == ["Cancelled tasks, which come in as skipped: 1."]

    def test_predictions_without_an_answer_are_suggestions(self):
        said = [{"model_version": "v1", "score": 0.5, "result": [ROME]}]
        (document,), problems = read(task(predictions=said))
        (span,) = document.spans
        assert (span.source, span.score, document.status) == (
            Source.MODEL,
            0.5,
            Status.IN_PROGRESS,
        )
        assert "come in as suggestions: 1." in problems[0]
        assert written(document)[0]["predictions"] == said

    def test_predictions_that_are_numbers_alone_say_nothing(self):
        (document,), problems = read(task(predictions=[4, 5]))
        assert (document.status, problems) == (Status.UNTOUCHED, [])

    @pytest.mark.parametrize("words", [None, "a\\nRome", "a\nRome"])
    def test_line_ends_in_words_may_be_written_as_two_characters(self, words):
        (document,), problems = read(task(answer(region(0, 6, words, "X")), text="a\nRome"))
        assert (document.spans, problems) == ((Span(0, 6, "X"),), [])

    def test_old_offsets_in_utf16_are_converted_everywhere_in_the_task(self):
        relation = {"type": "relation", "from_id": "r1", "to_id": "r1"}
        (document,), problems = read(
            task(
                answer(region(3, 7, "Rome", "LOC"), relation, by=1),
                answer(region(3, 7, "Rome", "CITY"), by=2, at="2023"),
                text="😀 Rome",
            )
        )
        assert document.spans == (Span(2, 6, "LOC"),)
        assert document.others[0].spans == (Span(2, 6, "CITY"),)
        assert "counted in UTF-16 units and were converted" in problems[0]
        starts = [a["result"][0]["value"]["start"] for a in written(document)[0]["annotations"]]
        assert starts == [2, 2]

    def test_words_that_stand_nowhere_are_refused_with_the_task(self):
        _, problems = read(*[task(answer(ROME))] * 3, task(answer(region(3, 7, "Nice", "LOC"))))
        assert problems == [
            'The span 3–7 (LOC) should be "Nice", and "Rome" stands there; correct the task.'
        ]

    @pytest.mark.parametrize(
        ("bad", "message"),
        [
            (task(answer({"type": "polygonlabels", "value": {}})), 'of type "polygonlabels"'),
            (task(answer({"type": "labels"})), "A result has no value"),
            (task(answer(region(3, 7, "Rome"))), "A region of the text has no label"),
            (task(answer(region("/p[1]", "/p[2]", None, "X"))), "needs whole numbers as offsets"),
            (task(answer(region(3, 70, None, "X"))), "the text has 7 characters"),
            ({"data": {"image": 5}, "annotations": []}, 'The task has no text under "text"'),
            (5, "The item is no task as Label Studio exports it"),
        ],
    )
    def test_a_bad_task_is_refused_with_its_reason(self, bad, message):
        found, problems = read(task(answer(ROME)), bad)
        assert len(found) == 1
        assert [message in problem for problem in problems] == [True]

    def test_json_min_is_read_with_its_annotators_apart(self):
        least = {"text": "in Rome", "id": 1, "lead_time": 1.5}
        first = least | {"annotation_id": 1, "annotator": 1, "updated_at": "2023"}
        second = least | {"annotation_id": 2, "annotator": 2, "updated_at": "2024"}
        found, _ = read(
            first | {"label": [{"start": 3, "end": 7, "text": "Rome", "labels": ["LOC"]}]},
            second | {"label": [{"start": 0, "end": 2, "text": "in", "labels": ["X"]}]},
            first | {"id": 2},
        )
        assert [(d.annotator, d.spans) for d in found] == [
            ("user 2", (Span(0, 2, "X"),)),
            ("user 1", ()),
        ]
        assert found[0].others == (Answer("user 1", (Span(3, 7, "LOC"),)),)


class TestWriting:
    def test_a_task_goes_out_as_it_came(self):
        relation = {"type": "relation", "from_id": "r1", "to_id": "r2", "labels": ["by"]}
        choice = {"id": "c", "type": "choices", "value": {"choices": ["A"]}, "from_name": "s"}
        given = task(
            answer(ROME, by=1, was_cancelled=False),
            answer(
                *(ROME, region(0, 2, "in", "X", id="r2"), relation, choice),
                **{"by": 2, "at": "2025", "was_cancelled": False},
            ),
            predictions=[{"result": [ROME], "score": 0.3}],
            meta={"a": 1},
        )
        (document,), problems = read(given)
        assert written(document) == [given]
        assert problems[-1] == (
            'Tasks with results of type "relation", which are kept aside and go out again: 1.'
        )

    def test_an_edit_keeps_what_it_does_not_touch(self):
        relation = {"type": "relation", "from_id": "r1", "to_id": "r2"}
        given = task(answer(ROME, region(0, 2, "in", "X", id="r2"), relation))
        (document,), _ = read(given)
        (found,) = written(replace(document, spans=(Span(3, 7, "LOC"), Span(0, 7, "Y"))))
        first, second = found["annotations"][0]["result"]
        assert first == ROME
        assert second["value"] == {"start": 0, "end": 7, "text": "in Rome", "labels": ["Y"]}
        assert (second["from_name"], second["to_name"]) == ("ner", "t")

    @pytest.mark.parametrize("format", ["label_studio", "label_studio_min"])
    def test_who_said_what_comes_back_and_what_was_decided_as_decided(self, format):
        spans, others = (Span(3, 7, "LOC"),), (Answer("ann"), Answer("b@x.org", (Span(0, 2, "X"),)))
        for owner in (str(Merged.ADJUDICATED), "eve"):
            given = Document(
                "in Rome", spans=spans, status=Status.DONE, id=4, annotator=owner, others=others
            )
            (again,), _ = read(*written(given, format=format))
            assert (again.annotator, again.spans) == (owner, spans)
            assert again.others == others

    def test_a_decision_on_what_came_from_there_leaves_each_answer_to_whose_it_is(self):
        given = task(answer(ROME, by=1), answer(by={"email": "b@x.org"}, at="2025"))
        (document,), _ = read(given)
        assert (document.annotator, document.others) == (
            "b@x.org",
            (Answer("user 1", (Span(3, 7, "LOC"),)),),
        )
        decided = replace(
            document,
            annotator=str(Merged.ADJUDICATED),
            spans=(Span(0, 7, "X"),),
            others=(*document.others, Answer("b@x.org")),
        )
        (again,), _ = read(*written(decided))
        assert (again.annotator, again.spans) == (Merged.ADJUDICATED, (Span(0, 7, "X"),))
        assert set(again.others) == set(decided.others)

    def test_what_has_no_answer_is_counted_where_only_answers_go_out(self):
        found = export([Document("a"), Document("b", status=Status.DONE)], "label_studio_min")
        assert len(json.loads(found.data())) == 1
        assert [p.message for p in found.problems] == [
            "Documents without an answer, which are left out: 1."
        ]


def test_a_real_file_of_images_is_refused():
    path = shared("samples/label_studio/data.json")
    problems = Problems("data.json")
    assert LabelStudio().read(InputFile("data.json", path), {}, problems).documents == ()
    assert 'result of type "polygonlabels"' in problems.found[0].message


@given(st.lists(documents.documents(statuses=STATUSES), min_size=1, max_size=3))
def test_any_documents_come_back_equal(given_documents):
    again, _ = read(*written(*given_documents))
    assert documents.shown(again) == documents.shown(given_documents)


@settings(max_examples=30)
@given(st.lists(documents.documents(), min_size=1, max_size=3))
def test_answers_come_back_from_json_min(given_documents):
    numbered = [replace(each, id=n) for n, each in enumerate(given_documents)]
    again, _ = read(*written(*numbered, format="label_studio_min"))
    assert documents.shown(again) == documents.shown(given_documents)
