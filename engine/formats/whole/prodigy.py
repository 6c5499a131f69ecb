"""Prodigy's classification: a choice among options, or one label accepted or rejected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.formats.common import jsonl
from engine.formats.common.base import Options, Reading
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.whole import filling, records
from engine.formats.whole.records import Row
from storage.errors import InputError
from storage.types import Document, Status

_MARKS = {"_input_hash", "_task_hash", "_view_id", "options"}
_ANSWERS = ("accept", "reject", "ignore")
_LABEL, _STATUS = "label (answer)", "status"
_CHOICE = ("accept", "options", "label", "answer", "cats")


@dataclass(frozen=True, slots=True)
class Prodigy:
    """Prodigy JSONL of whole texts: what was accepted is a label, what was ignored is skipped."""

    shape: Shape
    name: str = "prodigy"
    title: str = "JSON Lines (Prodigy)"
    extensions: tuple[str, ...] = (".jsonl",)
    cannot_hold: str = ""

    def sniff(self, source: InputFile) -> float:
        """Ask for an object with a key that only Prodigy writes, or with one of its answers.

        An answer in other words is a text: many files have questions and answers.
        """
        record = jsonl.sniff_record(source) or {}
        answered = record.get("answer") in _ANSWERS
        return 0.95 if answered or _MARKS & record.keys() else 0.0

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each task."""
        rows, rejected = [], 0
        for line, record in jsonl.records(source, problems):
            try:
                rows.append(Row(line, _cells(record, self.shape)))
            except InputError as error:
                problems.drop(line, str(error), "correct the line")
            else:
                rejected += record.get("answer") == "reject"
        if rejected:
            message = "Tasks answered “reject” say what a text is not, and come in as skipped"
            problems.warn(0, f"{message}: {rejected:,}.")
        names = [n for n in dict.fromkeys(n for row in rows for n in row.cells) if n != _LABEL]
        if not rows:
            return Reading()
        chosen = {"label_column": _LABEL, **{k: v for k, v in options.items() if v}}
        return records.read(rows, [*names, _LABEL], self.shape, chosen, problems, source.name)

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield one task a line: what was chosen among all labels that the documents have."""
        found = list(documents)
        names = sorted({span.label for document in found for span in document.spans})
        choices = [{"id": name, "text": name} for name in names]
        for document in found:
            task = _task(document, self.shape, choices)
            yield (json.dumps(task, ensure_ascii=False) + "\n").encode("utf-8")


def _cells(record: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    answer = record.get("answer")
    if answer not in (None, *_ANSWERS):
        raise InputError(f'The answer "{shorten(str(answer))}" is not accept, reject or ignore')
    if record.get("spans") and not any(key in record for key in ("accept", "label", "cats")):
        raise InputError("The task labels parts of the text, not all of it")
    cells = {key: value for key, value in record.items() if key not in _CHOICE}
    if answer in ("reject", "ignore"):
        return cells | {_LABEL: None, _STATUS: str(Status.SKIPPED)}
    return cells | {_LABEL: _chosen(record, shape)}


def _chosen(record: Mapping[str, Any], shape: Shape) -> Any:
    if isinstance(record.get("accept"), list):
        texts = {
            str(each["id"]): each["id"]
            for each in record.get("options") or ()
            if isinstance(each, dict) and "id" in each
        }
        return [texts.get(str(each), each) for each in record["accept"]]
    if "label" in record:
        return record["label"]
    if isinstance(record.get("cats"), dict):
        return record["cats"]
    # A task that was accepted with nothing chosen has none of the labels.
    return [] if record.get("answer") == "accept" and "options" in record else None


def _task(document: Document, shape: Shape, choices: list[dict[str, str]]) -> dict[str, Any]:
    record = filling.common(document, shape, lambda names, before, columns: names)
    (label,) = filling.common_columns(shape).labels
    names = record.pop(label)
    if not names and document.status in (Status.UNTOUCHED, Status.IN_PROGRESS):
        return record
    answer = "ignore" if document.status is Status.SKIPPED else "accept"
    return {**record, "options": choices, "accept": names, "answer": answer}
