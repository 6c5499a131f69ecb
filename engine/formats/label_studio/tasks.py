"""Tasks as Label Studio exports them, whole ("JSON") or by annotation ("JSON-MIN"), one by one.

What people submitted is an answer, and what they only began (``drafts``) is none.
``was_cancelled`` is a skipped task. ``predictions`` are what models said; some exports have only
their numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.formats.common import json_values
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile
from storage.errors import InputError
from storage.types import Merged, Status

Record = dict[str, Any]

ANNOTATIONS = ("annotations", "completions")
# What JSON-MIN says of an annotation, beside the task's data.
OF_ANNOTATION = (
    *("annotation_id", "annotator", "created_at", "updated_at", "lead_time", "ground_truth"),
)
# Of texts. Shapes on images, times in sounds and messages of a chat are another matter.
KINDS = frozenset(
    ["labels", "choices", "relation", "textarea", "rating", "number", "datetime", "taxonomy"]
    + ["pairwise", "ranker"]
)


@dataclass(frozen=True, slots=True)
class Submission:
    """What one annotator, or a model, says of a task; ``more`` is all but the results."""

    results: list[Record]
    more: Record = field(default_factory=dict)

    @property
    def who(self) -> str:
        """A name of the annotator, as far as the file tells."""
        by = self.more.get("completed_by", self.more.get("annotator"))
        if isinstance(by, Mapping):
            by = by.get("email") or by.get("id")
        return f"user {by}" if isinstance(by, int) else str(by or "")

    @property
    def is_cancelled(self) -> bool:
        return bool(self.more.get("was_cancelled"))

    @property
    def is_rejected(self) -> bool:
        """Whether who reviewed it sent it back."""
        return self.more.get("last_action") == "rejected"

    @property
    def rank(self) -> tuple[bool, str]:
        """What the answer that counts has most of: made to be the truth, else the newest."""
        at = self.more.get("updated_at") or self.more.get("created_at")
        return bool(self.more.get("ground_truth")), at if isinstance(at, str) else ""


@dataclass(frozen=True, slots=True)
class Task:
    """A task; ``more`` is what it holds beside its data and what was said of it."""

    line: int
    data: Record
    answers: list[Submission] = field(default_factory=list)
    predictions: list[Submission] = field(default_factory=list)
    drafts: list[Submission] = field(default_factory=list)
    more: Record = field(default_factory=dict)

    @property
    def submitted(self) -> list[Submission]:
        return [answer for answer in self.answers if not answer.is_cancelled]

    @property
    def gold(self) -> Submission | None:
        """The answer that counts; None where nobody gave one."""
        return max(self.submitted, key=lambda each: each.rank, default=None)

    @property
    def owner(self) -> str:
        """Whose the answer that counts is; a truth of nobody's, beside people's, was decided."""
        if not (gold := self.gold):
            return ""
        is_truth = gold.more.get("ground_truth") is True and not gold.who
        return str(Merged.ADJUDICATED) if is_truth and len(self.submitted) > 1 else gold.who

    @property
    def status(self) -> Status:
        """How far people are; a task may want more answers than it has."""
        if gold := self.gold:
            wanting = self.more.get("is_labeled") is False or gold.is_rejected
            return Status.IN_PROGRESS if wanting else Status.DONE
        if self.answers:
            return Status.SKIPPED
        return Status.IN_PROGRESS if self.drafts else Status.UNTOUCHED

    @property
    def left(self) -> str:
        """Say what of its state is no plain answer, "" for nothing."""
        if self.answers and not self.gold:
            return "Cancelled tasks, which come in as skipped"
        if self.drafts and self.gold:
            return "Tasks with drafts beside an answer, which are left out"
        if self.drafts:
            return "Tasks with drafts and no answer, which come in as in progress"
        if self.gold and self.status is Status.IN_PROGRESS:
            return "Tasks with an answer that are not finished, which come in as in progress"
        return ""


def sniff(source: InputFile) -> float:
    """Ask for a list whose tasks have annotations, or the keys that only JSON-MIN has."""
    head = source.head[:20_000]
    if not head.lstrip().startswith("["):
        return 0.0
    said = (*ANNOTATIONS, "predictions")
    whole = '"data"' in head and any(f'"{key}"' in head for key in said)
    least = '"annotation_id"' in head and '"lead_time"' in head
    return 0.95 * (whole or least)


def read(source: InputFile, problems: Problems) -> Iterator[Task]:
    """Yield the tasks; annotations of JSON-MIN that follow each other are joined to one."""
    held: Task | None = None
    for line, item in json_values.stream(source, problems):
        try:
            task = _task(line, item)
        except InputError as error:
            problems.drop(line, str(error), "correct the task")
            continue
        if held and _is_same(held, task):
            held.answers.extend(task.answers)
            continue
        if held:
            yield held
        held = task
    if held:
        yield held


def _is_same(one: Task, other: Task) -> bool:
    """Tell two annotations of a task in JSON-MIN, of which each is an item."""
    least = "annotation_id" in one.more and "annotation_id" in other.more
    return least and one.data.get("id") is not None and one.data == other.data


def _task(line: int, item: Any) -> Task:
    if not isinstance(item, dict):
        raise InputError("The item is no task as Label Studio exports it")
    data = item.get("data")
    if not isinstance(data, dict):
        return _least(line, item)
    answers = next((item[key] for key in ANNOTATIONS if isinstance(item.get(key), list)), None)
    own = ("data", "predictions", "drafts", *ANNOTATIONS)
    return Task(
        line,
        data,
        _said(answers),
        _said(item.get("predictions")),
        _said(item.get("drafts")),
        {key: value for key, value in item.items() if key not in own},
    )


def _said(found: Any) -> list[Submission]:
    found = found if isinstance(found, list) else []
    return [_answer(each) for each in found if isinstance(each, dict)]


def _answer(record: Record) -> Submission:
    results = record.get("result") or []
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        raise InputError("An annotation's result is no list of objects")
    for each in results:
        kind = each.get("type", "labels")
        if not isinstance(kind, str) or kind not in KINDS:
            raise InputError(
                f'The task has a result of type "{shorten(str(kind))}", and only labels of texts '
                "can be read"
            )
        if kind != "relation" and not isinstance(each.get("value"), dict):
            raise InputError("A result has no value")
    return Submission(results, {key: value for key, value in record.items() if key != "result"})


def _least(line: int, item: Record) -> Task:
    """Return an item of JSON-MIN as a task: what it labels is under the names of the labels."""
    said = {key: value for key, value in item.items() if key in OF_ANNOTATION}
    data: Record = {}
    results: list[Record] = []
    for key, value in item.items():
        if key in OF_ANNOTATION:
            continue
        if regions := _regions(value):
            kind = "labels"
            results += [{"from_name": key, "type": kind, "value": each} for each in regions]
        elif isinstance(value, dict) and isinstance(value.get("choices"), list):
            results.append({"from_name": key, "type": "choices", "value": value})
        else:
            data[key] = value
    # Only who answered has an annotation.
    answers = [Submission(results, said)] if said.get("annotation_id") is not None else []
    return Task(line, data, answers, more={"annotation_id": None} if answers else {})


def _regions(value: Any) -> list[Record]:
    good = isinstance(value, list) and all(
        isinstance(each, dict) and "start" in each and "end" in each for each in value
    )
    return value if good else []
