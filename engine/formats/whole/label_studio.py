"""Label Studio's JSON of choices, whole or "JSON-MIN": what people submitted, not their drafts.

A task's texts are in ``data``; which of them the choices are of, ``to_name`` does not say, so
the texts are found as columns of a table are. ``was_cancelled`` is a skipped task. Of several
annotators the first who answered is taken, and the others are counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.formats.common import json_values
from engine.formats.common.base import Options, Reading
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile, text_of
from engine.formats.whole import filling, records
from engine.formats.whole.records import Row
from storage.errors import InputError
from storage.types import Document, Status

_LABEL, _STATUS = "choices (answer)", "status"
_MIN = {"annotation_id", "annotator", "created_at", "updated_at", "lead_time"}
_DATA, _ANNOTATIONS = "data", ("annotations", "completions")


@dataclass(frozen=True, slots=True)
class LabelStudio:
    """Label Studio JSON with choices. Options: those of `choosing.OPTIONS`."""

    shape: Shape
    name: str = "label_studio"
    title: str = "JSON (Label Studio)"
    extensions: tuple[str, ...] = (".json",)
    cannot_hold: str = ""

    def sniff(self, source: InputFile) -> float:
        """Ask for a list whose tasks have annotations, or the keys that only JSON-MIN has."""
        head = source.head[:20_000]
        if not head.lstrip().startswith("["):
            return 0.0
        whole = f'"{_DATA}"' in head and any(f'"{key}"' in head for key in _ANNOTATIONS)
        least = '"annotation_id"' in head and '"lead_time"' in head
        return 0.95 * (whole or least)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each task."""
        text = text_of(source, problems)
        if text is None:
            return Reading()
        try:
            tasks = json_values.value(text)
            rows = [_row(n, task) for n, task in enumerate(_listed(tasks), 1)]
        except InputError as error:
            problems.refuse(f"{str(error).rstrip('.')}.", 1)
            return Reading()
        more = sum(_answers(task) > 1 for task in tasks)
        if more:
            problems.warn(0, f"Of several annotators the first answer is taken: {more:,} tasks.")
        names = [n for n in dict.fromkeys(n for row in rows for n in row.cells) if n != _LABEL]
        chosen = {"label_column": _LABEL, **{k: v for k, v in options.items() if v}}
        return records.read(rows, [*names, _LABEL], self.shape, chosen, problems, source.name)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a list of tasks with their choices, as Label Studio imports them."""
        yield b"["
        for number, document in enumerate(documents):
            task = json.dumps(_task(document, self.shape), ensure_ascii=False)
            yield f"{',' if number else ''}\n{task}".encode()
        yield b"\n]\n"


def _listed(tasks: Any) -> list[Mapping[str, Any]]:
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise InputError("The file is no list of tasks as Label Studio exports it")
    return tasks


def _submitted(task: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Any] = next(
        (task[key] for key in _ANNOTATIONS if isinstance(task.get(key), list)), []
    )
    return [each for each in found if isinstance(each, dict)]


def _answers(task: Mapping[str, Any]) -> int:
    return sum(not each.get("was_cancelled") for each in _submitted(task))


def _row(number: int, task: Mapping[str, Any]) -> Row:
    data = task.get(_DATA)
    if not isinstance(data, dict):
        return Row(number, _least(task))
    cells = {**data, "id": data.get("id", task.get("id"))}
    submitted = _submitted(task)
    answered = [each for each in submitted if not each.get("was_cancelled")]
    if answered:
        cells |= {_LABEL: _choices(answered[0])}
    elif submitted:
        cells |= {_LABEL: None, _STATUS: str(Status.SKIPPED)}
    return Row(number, cells)


def _choices(annotation: Mapping[str, Any]) -> list[str]:
    """Return the labels of an annotation: what was chosen, or which of two texts was better."""
    found: list[str] = []
    for result in annotation.get("result") or ():
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict):
            raise InputError("A result has no value")
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


def _least(task: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cells of a task of JSON-MIN: its only key that holds choices is the label's."""
    cells = {key: value for key, value in task.items() if key not in _MIN}
    at = [key for key, value in cells.items() if isinstance(value, dict) and "choices" in value]
    named = [key for key in ("label", "labels", "sentiment", "choice", "class") if key in cells]
    if key := next(iter([*at, *named]), ""):
        cells[_LABEL] = cells.pop(key)
    return cells


def _task(document: Document, shape: Shape) -> dict[str, Any]:
    record = filling.common(document, shape, lambda names, before, columns: names)
    (label,) = filling.common_columns(shape).labels
    names = record.pop(label)
    data = {key: value for key, value in record.items() if value is not None}
    result = []
    if names:
        value = {"choices": names}
        result = [{"from_name": "label", "to_name": "text", "type": "choices", "value": value}]
    if document.status in (Status.UNTOUCHED, Status.IN_PROGRESS) and not names:
        return {"data": data, "annotations": []}
    skipped = document.status is Status.SKIPPED
    return {"data": data, "annotations": [{"result": result, "was_cancelled": skipped}]}
