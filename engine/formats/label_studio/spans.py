"""Label Studio's JSON of labelled parts of texts, whole or "JSON-MIN".

The newest answer is gold, or the one that was made the truth; those of other annotators stay
apart under their names. Predictions of tasks that nobody answered are suggestions: marks of a
model in a document that is not finished. What else a task holds is kept and goes out again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from engine.encoding.tokens import tokenize
from engine.formats.common import jsonl, offsets
from engine.formats.common.base import Options, Reading, Row
from engine.formats.common.offsets import Claim, Claims, Unit
from engine.formats.common.problems import Problems, shorten
from engine.formats.common.sources import InputFile
from engine.formats.label_studio import tasks, writing
from engine.formats.label_studio.tasks import Record, Submission, Task
from storage.errors import InputError
from storage.types import Answer, Document, Source, Span, Status

# Enough to know by which key a task has its text.
_SAMPLED = 50
_TEXT_NAMES = ("text", "sentence", "content", "document", "body", "message")


class LabelStudio:
    """Label Studio JSON with labels of parts of texts.

    Read options ``text_column`` (the key of the text in ``data``) and ``offsets``.
    """

    name = "label_studio"
    title = "JSON (Label Studio)"
    extensions = (".json",)
    cannot_hold = ""
    keeps_others = True

    def sniff(self, source: InputFile) -> float:
        """Ask for tasks as Label Studio exports them."""
        return tasks.sniff(source)

    def read(self, source: InputFile, options: Options, problems: Problems) -> Reading:
        """Read a document from each task."""
        key = str(options.get("text_column") or "") or _text_key(source)
        unit = offsets.unit_of(options, _telling(source, key), problems)
        return Reading(_rows(source, key, unit, problems) if unit else ())

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield a list of tasks, as Label Studio imports them."""
        yield from _listed(map(writing.task, documents))


class LabelStudioMin(LabelStudio):
    """The same by annotation ("JSON-MIN"); read it is as any tasks."""

    name = "label_studio_min"
    title = "JSON-MIN (Label Studio)"
    cannot_hold = (
        "It holds answers alone: no predictions, no drafts and no status of what has no answer."
    )

    def sniff(self, source: InputFile) -> float:
        """Leave it to `LabelStudio`, which reads the same."""
        return 0.0

    def write(
        self, documents: Iterable[Document], options: Options, problems: Problems
    ) -> Iterator[bytes]:
        """Yield an item for each answer; what has none is left out."""
        left_out = Counter[str]()
        yield from _listed(item for each in documents for item in writing.least(each, left_out))
        for message, count in left_out.items():
            problems.warn(0, f"{message}: {count:,}.")


def _listed(items: Iterable[Record]) -> Iterator[bytes]:
    yield b"["
    for number, item in enumerate(items):
        written = json.dumps(item, ensure_ascii=False)
        yield f"{',' if number else ''}\n{written}".encode()
    yield b"\n]\n"


def _text_key(source: InputFile) -> str:
    """Return the key of the text: by its name, else that of the longest strings."""
    lengths: Counter[str] = Counter()
    for task in islice(tasks.read(source, Problems(source.name, skip_bad=True)), _SAMPLED):
        lengths.update({k: len(v) for k, v in task.data.items() if isinstance(v, str)})
    named = (name for name in _TEXT_NAMES if name in lengths)
    return next(named, max(lengths, key=lengths.__getitem__, default="text"))


def _telling(source: InputFile, key: str) -> Iterator[Claims]:
    for task in tasks.read(source, Problems(source.name, skip_bad=True)):
        text = task.data.get(key)
        if not isinstance(text, str):
            continue
        try:
            said = [*task.submitted, *task.predictions]
            found = [claim for each in said for claim in _claims(each)]
        except InputError:
            continue
        yield Claims(task.line, text, found)


def _rows(source: InputFile, key: str, unit: Unit, problems: Problems) -> Iterator[Row]:
    seen: Counter[str] = Counter()
    for task in tasks.read(source, problems):
        try:
            document = _document(task, key, unit, source.name)
        except InputError as error:
            problems.drop(task.line, str(error), "correct the task")
            continue
        if not document.text.strip():
            problems.warn(task.line, "The text is blank, so the task is left out.", "blank texts")
            continue
        seen.update(_beside(task))
        yield task.line, document
    for message, count in seen.items():
        problems.warn(0, f"{message}: {count:,}.")


def _beside(task: Task) -> Iterator[str]:
    """Say what of a task is no gold span of its document, and what becomes of it."""
    if len(task.submitted) > 1:
        yield "Tasks with answers of several people, each kept apart under a name"
    if task.predictions and task.gold:
        yield "Tasks with predictions beside an answer, which are kept aside"
    elif task.predictions:
        yield "Tasks with predictions and no answer, which come in as suggestions"
    if task.left:
        yield task.left
    kinds = {str(r.get("type")) for each in task.submitted for r in each.results}
    for kind in sorted(kinds - {"labels", "None"}):
        yield f'Tasks with results of type "{kind}", which are kept aside and go out again'


def _document(task: Task, key: str, unit: Unit, file: str) -> Document:
    text = task.data.get(key)
    if not isinstance(text, str):
        raise InputError(f'The task has no text under "{shorten(key)}"')
    placed = _Placed(text, unit)
    gold, model = task.gold, max(task.predictions, key=lambda each: each.rank, default=None)
    spans: tuple[Span, ...] = ()
    status = task.status
    if gold:
        spans = placed.spans(gold)
    elif task.drafts and not task.answers:
        spans = placed.spans(task.drafts[-1])
    elif model and not task.answers:
        spans = placed.suggested(model)
    if spans and status is Status.UNTOUCHED:
        status = Status.IN_PROGRESS
    others = [each for each in task.submitted if each is not gold]
    answers = [*others, gold] if gold else [each for each in task.answers if each.is_cancelled]
    layout = {
        "format": "label_studio",
        "record": task.more,
        "data": {name: None if name == key else value for name, value in task.data.items()},
        "text": key,
        "names": _names([*answers, *task.predictions]),
        "answers": [placed.kept(each) for each in answers],
        "predictions": [placed.kept(each) for each in task.predictions],
    }
    return Document(
        text=text,
        tokens=tokenize(text),
        spans=spans,
        status=status,
        name=f"{file}:{task.data.get('id') or task.more.get('id') or task.line}",
        layout=layout,
        annotator=task.owner,
        others=_others(others, gold, placed),
    )


def _others(
    found: Sequence[Submission], gold: Submission | None, placed: _Placed
) -> tuple[Answer, ...]:
    """Return what the others said; of one who answered twice what was said last."""
    ranked = sorted(found, key=lambda each: each.rank)
    newest = {each.who or f"annotator {n}": each for n, each in enumerate(ranked, 1)}
    return tuple(
        Answer(who, placed.spans(each))
        for who, each in newest.items()
        if gold is None or who != gold.who
    )


def _names(answers: Sequence[Submission]) -> list[str]:
    """Return what the labels and the text are called in the labels' configuration."""
    for answer in answers:
        for result in answer.results:
            if result.get("type", "labels") == "labels":
                return [str(result.get("from_name", "label")), str(result.get("to_name", "text"))]
    return ["label", "text"]


class _Placed:
    """Reads the regions of a text in code points."""

    def __init__(self, text: str, unit: Unit) -> None:
        self._text, self._unit = text, unit

    def spans(self, answer: Submission) -> tuple[Span, ...]:
        claims = Claims(0, self._text, list(_claims(answer)))
        return jsonl.spans_over(self._text, offsets.placed(claims, self._unit))

    def suggested(self, answer: Submission) -> tuple[Span, ...]:
        """Return the same as marks of a model, each with its score or that of all."""
        scores: dict[tuple[int, int, str], float | None] = {}
        for result in _regions(answer):
            alone = Submission([result])
            score = result.get("score", result["value"].get("score", answer.more.get("score")))
            for span in self.spans(alone):
                good = isinstance(score, int | float) and not isinstance(score, bool)
                scores[span.start, span.end, span.label] = float(score) if good else None
        return tuple(
            replace(span, source=Source.MODEL, score=scores[span.start, span.end, span.label])
            for span in self.spans(answer)
        )

    def kept(self, answer: Submission) -> Record:
        """Return an answer with its offsets in code points, as it goes out again."""
        regions = {id(result) for result in _regions(answer)}
        results = [self._moved(r) if id(r) in regions else r for r in answer.results]
        return {**answer.more, "result": results}

    def _moved(self, result: Record) -> Record:
        value = result["value"]
        try:
            start, end, _ = jsonl.triple_in({**value, "labels": ["any"]})
            claims = Claims(0, self._text, [Claim(start, end, "")])
            ((start, end, _),) = offsets.placed(claims, self._unit)
        except InputError:
            # What does not count stays as it is, right or wrong.
            return result
        return {**result, "value": {**value, "start": start, "end": end}}


def _regions(answer: Submission) -> list[Record]:
    return [
        result
        for result in answer.results
        if result.get("type", "labels") == "labels" and "start" in result["value"]
    ]


def _claims(answer: Submission) -> Iterator[Claim]:
    """Yield the spans of an answer: a region with several labels is several."""
    for result in _regions(answer):
        value: dict[str, Any] = result["value"]
        found = value.get("labels")
        if not isinstance(found, list) or not found:
            raise InputError("A region of the text has no label")
        for label in found:
            yield jsonl.claim_in({**value, "labels": [label]})
