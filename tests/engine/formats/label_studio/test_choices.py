"""Label Studio's choices of several people: the newest counts, the others stay apart."""

import json

from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.whole.label_studio import LabelStudio
from storage.types import Answer, Document, Span, Status


def answer(by: int, at: str, *choices: str, **more) -> dict:
    value = {"choices": list(choices)}
    result = [{"type": "choices", "from_name": "s", "value": value}] if choices else []
    return {"completed_by": by, "updated_at": at, "result": result, **more}


def read(*tasks: dict, several: bool = False) -> tuple[tuple[Document, ...], list[str]]:
    source = InputFile("x.json", json.dumps(list(tasks)).encode())
    problems = Problems("x.json")
    shape = Shape(whole=True, several=several)
    found = LabelStudio(shape).read(source, {}, problems).documents
    return found, [each.message for each in problems.found]


def of(*answers: dict) -> dict:
    return {"id": 1, "data": {"text": "good"}, "annotations": list(answers)}


def test_the_newest_answer_counts_and_the_others_stay_apart():
    (document,), problems = read(
        of(answer(1, "2023", "Bad"), answer(2, "2024", "Good"), answer(3, "2022", "Good"))
    )
    assert (document.annotator, document.spans) == ("user 2", (Span(0, 0, "Good"),))
    assert document.others == (
        Answer("user 3", (Span(0, 0, "Good"),)),
        Answer("user 1", (Span(0, 0, "Bad"),)),
    )
    assert "Tasks with answers of several people, each kept apart under a name: 1." in problems


def test_drafts_are_no_answers_and_cancelled_tasks_are_skipped():
    draft = {"id": 2, "data": {"text": "x"}, "drafts": [answer(1, "2024", "Bad")]}
    done, begun, skipped = read(
        of(answer(1, "2024", "Good")), draft, of(answer(1, "2024", was_cancelled=True))
    )[0]
    assert [each.status for each in (done, begun, skipped)] == [
        *(Status.DONE, Status.IN_PROGRESS, Status.SKIPPED)
    ]
    assert begun.spans == (Span(0, 0, "Bad"),)
