"""Label Studio's JSON of choices, whole or "JSON-MIN": what people submitted is an answer.

A task's texts are in ``data``; which of them the choices are of, ``to_name`` does not say, so
the texts are found as columns of a table are. ``was_cancelled`` is a skipped task. Of several
annotators the newest answer counts, and the others are kept apart. A draft alone is in progress.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.formats.common.base import Options, Reading
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.label_studio import tasks
from engine.formats.label_studio.tasks import Submission, Task
from engine.formats.whole import filling, records
from engine.formats.whole.records import Row
from storage.errors import InputError
from storage.types import Document, Status

_LABEL, _STATUS = "choices (answer)", "status"


@dataclass(frozen=True, slots=True)
class LabelStudio:
    """Label Studio JSON with choices. Options: those of `choosing.OPTIONS`."""

    shape: Shape
    name: str = "label_studio"
    title: str = "JSON (Label Studio)"
    extensions: tuple[str, ...] = (".json",)
    cannot_hold: str = ""

    def sniff(self, source: InputFile) -> float:
        """Ask for tasks as Label Studio exports them."""
        return tasks.sniff(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each task."""
        chosen = {"label_column": _LABEL, **{k: v for k, v in options.items() if v}}
        rows = _rows(source, problems)
        return records.read(rows, None, self.shape, chosen, problems, source.name)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a list of tasks with their choices, as Label Studio imports them."""
        yield b"["
        for number, document in enumerate(documents):
            task = json.dumps(_task(document, self.shape), ensure_ascii=False)
            yield f"{',' if number else ''}\n{task}".encode()
        yield b"\n]\n"


def _rows(source: InputFile, problems: Problems) -> Iterator[Row]:
    several = 0
    left = Counter[str]()
    for task in tasks.read(source, problems):
        several += len(task.submitted) > 1
        left[task.left] += bool(task.left)
        try:
            yield Row(task.line, _cells(task), annotator=task.owner, others=_others(task))
        except InputError as error:
            problems.drop(task.line, str(error), "correct the task")
    for message, count in left.items():
        if message:
            problems.warn(0, f"{message}: {count:,}.")
    if several:
        problems.warn(
            0, f"Tasks with answers of several people, each kept apart under a name: {several:,}."
        )


def _others(task: Task) -> list[tuple[str, dict[str, Any]]]:
    """Return what others than the one whose answer counts chose, each once and last."""
    ranked = sorted(task.submitted, key=lambda each: each.rank)
    found = {
        each.who or f"annotator {n}": {_LABEL: _choices(each)}
        for n, each in enumerate(ranked, 1)
        if each is not task.gold
    }
    found.pop(task.gold.who if task.gold else "", None)
    return list(found.items())


def _cells(task: Task) -> dict[str, Any]:
    """Return a task's data with what was chosen last, and whether it was skipped."""
    cells: dict[str, Any] = {"id": task.more.get("id"), **task.data}
    if "annotation_id" in task.more:
        cells, label = _least(cells)
        return cells | {_LABEL: _choices(task.gold) or label if task.gold else label}
    said = task.gold or (task.drafts[-1] if task.drafts and not task.answers else None)
    cells[_LABEL] = _choices(said) if said else None
    if task.answers or task.drafts:
        cells[_STATUS] = str(task.status)
    return cells


def _choices(answer: Submission) -> list[str]:
    """Return the labels of an answer: what was chosen, or which of two texts was better."""
    found: list[str] = []
    for result in answer.results:
        value = result.get("value", {})
        if "start" in value and "labels" in value:
            raise InputError(
                "The tasks label parts of texts, not whole texts; import them into a project of "
                "spans"
            )
        chosen = value.get("choices") or value.get("taxonomy") or value.get("selected")
        if "rating" in value:
            chosen = str(value["rating"])
        for each in [chosen] if isinstance(chosen, str) else chosen or ():
            found.append("/".join(map(str, each)) if isinstance(each, list) else str(each))
    return found


def _least(cells: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """Take the answer out of a task of JSON-MIN: one choice alone has no mark of its own."""
    named = [key for key in ("label", "labels", "sentiment", "choice", "class") if key in cells]
    label = cells.pop(named[0]) if named else None
    return cells, label


def _task(document: Document, shape: Shape) -> dict[str, Any]:
    record = filling.common(document, shape, lambda names, before, columns: names)
    (label,) = filling.common_columns(shape).labels
    names = record.pop(label)
    data = {key: value for key, value in record.items() if value is not None}
    result = []
    if names:
        value = {"choices": names}
        result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": value}]
    # The task says it, and goes on saying it when somebody has gone on there.
    data.pop(filling.common_columns(shape).status, None)
    if document.status is Status.IN_PROGRESS:
        return {"data": data, "annotations": [], "drafts": [{"result": result}]}
    if document.status is Status.UNTOUCHED and not names:
        return {"data": data, "annotations": []}
    skipped = document.status is Status.SKIPPED
    return {"data": data, "annotations": [{"result": result, "was_cancelled": skipped}]}
