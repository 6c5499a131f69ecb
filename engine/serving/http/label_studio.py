"""Label Studio's protocol for ML backends: what it asks of a model, and how it wants the answer.

The protocol is what ``label_studio/ml/api_connector.py`` of Label Studio 1.23 sends: ``GET
health``, ``POST setup``, ``predict`` and ``webhook``. All of it lies below ``PREFIX``, which is
what Label Studio is told as the backend's address, so that its ``predict`` is not ours. It counts
characters in code points.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from engine import tasks
from engine.formats import label_lists
from engine.serving.asking.questions import Answer, Description, Question
from engine.serving.http.limits import Limits
from engine.serving.http.reading import Rejection, check
from storage.errors import InputError

PREFIX = "/label-studio"
# The tags that hold what a person chooses from, and what their results are called.
KINDS = {"Labels": "labels", "Choices": "choices"}
TEXTS = ("Text", "HyperText")
NOTHING_FITS = (
    "The labelling configuration has no <{control}> whose toName is one of {texts} <Text>: "
    "add what is missing."
)


class Tasks(BaseModel):
    """What it asks: its tasks, and the labelling configuration that they are shown with."""

    model_config = ConfigDict(extra="ignore")
    tasks: list[dict[str, Any]]
    label_config: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where answers go in a project's configuration, and where its texts are in a task."""

    from_name: str
    to_name: str
    type: str
    """``labels`` of spans, or ``choices`` of a whole text."""
    labels: frozenset[str]
    """Those that it knows; empty where each task brings its own."""
    keys: tuple[str, ...]
    """The keys of a task's texts, in the order in which the model reads them."""

    def knows(self, label: str) -> bool:
        """Tell whether the configuration has a label."""
        return not self.labels or label in self.labels


def with_key(request: Request) -> Request:
    """Return a request that has as its key what Label Studio sends as a password, if it does.

    Of the ways to sign in it knows Basic (RFC 7617) alone; whatever the user's name is.
    """
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return request
    try:
        _, _, key = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return request
    headers = [each for each in request.scope["headers"] if each[0] != b"authorization"]
    signed = (b"authorization", f"Bearer {key}".encode())
    return Request({**request.scope, "headers": [*headers, signed]}, request.receive)


def place(config: str, task: str) -> Place:
    """Return where the answers of a task's model go; raises Rejection where there is no place."""
    try:
        root = label_lists.configuration(config)
    except InputError as error:
        raise Rejection(422, str(error)) from error
    texts = {each.get("name", ""): each for each in root.iter() if each.tag in TEXTS}
    reads = tasks.get(task)
    wanted, count = ("Choices" if reads.marks_whole else "Labels"), 1 + bool(reads.fitting)
    for control in root.iter(wanted):
        target = control.get("toName", "").split(",")[0]
        if target in texts and len(texts) >= count:
            return _place(control, target, texts, count)
    raise Rejection(422, NOTHING_FITS.format(control=wanted, texts=count))


def _place(control: Element, target: str, texts: Mapping[str, Element], count: int) -> Place:
    order = [target, *(name for name in texts if name != target)]
    return Place(
        control.get("name", ""),
        target,
        KINDS[control.tag],
        frozenset(label.name for label in label_lists.labels_of(control)),
        tuple(texts[name].get("value", "").removeprefix("$") for name in order[:count]),
    )


def questions(
    given: Sequence[Mapping[str, Any]], where: Place, limits: Limits
) -> list[Question | None]:
    """Return what each task asks; None of one without a text that can be read.

    Raises Rejection where there are too many.
    """
    if len(given) > limits.texts:
        raise Rejection(413, f"Send at most {limits.texts:,} tasks at once.")
    return [_question(task.get("data"), where, limits) for task in given]


def _question(data: Any, where: Place, limits: Limits) -> Question | None:
    found = [data.get(key) if isinstance(data, Mapping) else None for key in where.keys]
    texts = [text if isinstance(text, str) else "" for text in found]
    try:
        for number, text in enumerate(texts, 1):
            check(text, number, limits.length)
    except Rejection:
        # One task that cannot be read is no reason to leave all others without an answer.
        return None
    return Question(texts[0], texts[1] if len(texts) > 1 else None)


def prediction(
    model: Description, question: Question | None, answer: Answer | None, where: Place
) -> dict[str, Any]:
    """Return a prediction as Label Studio stores it; labels that it does not know are left out."""
    version = name(model)
    if question is None or answer is None:
        return {"result": [], "score": 0.0, "model_version": version}
    marks = [mark for mark in answer.marks if where.knows(mark[2])]
    if where.type == "choices":
        chosen = [label for _, _, label, _ in marks]
        results = [_result("choices", where, {"choices": chosen}, _lowest(marks))] if chosen else []
    else:
        results = [
            _result(
                f"{start}-{end}-{label}",
                where,
                {"start": start, "end": end, "text": question.text[start:end], "labels": [label]},
                score,
            )
            for start, end, label, score in marks
        ]
    return {"result": results, "score": _lowest(marks), "model_version": version}


def greeting(model: Description) -> dict[str, Any]:
    """Return what a backend says of itself when it is connected, or asked how it is."""
    return {"status": "UP", "model_class": "Whetstone", "model_version": name(model)}


def name(model: Description) -> str:
    """Return what Label Studio calls the model: another name after every promotion."""
    return f"{model.project}, run {model.run} ({model.digest[:8]})"


def _result(id: str, where: Place, value: dict[str, Any], score: float | None) -> dict[str, Any]:
    return {
        "id": id,
        "from_name": where.from_name,
        "to_name": where.to_name,
        "type": where.type,
        "value": value,
        "score": score,
    }


def _lowest(marks: Sequence[tuple[int, int, str, float | None]]) -> float:
    """Return how sure the model is of the mark that it is least sure of; 1 where there is none."""
    return min((score for *_, score in marks if score is not None), default=1.0)
