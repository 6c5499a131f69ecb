"""From the bytes of a request to questions, and from answers back to what is sent.

Whatever is wrong with a request is told in one sentence, with a status from 400 on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from engine import tasks
from engine.formats.common.offsets import Ruler, Unit
from engine.serving.asking.questions import Answer, Description, Question
from engine.serving.http.limits import Limits
from engine.serving.http.schemas import UTF16, Ask, Who, explain

F = TypeVar("F", bound=BaseModel)
ONE_OF = "Send one of text, texts, pairs, query and queries: see /docs."


class Rejection(Exception):
    """A request that is answered with a status and one sentence."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers


async def read(request: Request, limits: Limits, form: type[F]) -> F:
    """Return what is asked, as it is written in this form; raises Rejection."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Rejection(415, "Send JSON, with the header Content-Type: application/json.")
    try:
        return form.model_validate_json(await _body(request, limits.body))
    except ValidationError as error:
        status = 400 if error.errors()[0]["type"] == "json_invalid" else 422
        raise Rejection(status, explain(error)) from error


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            # The header's Content-Length may lie, so what has arrived is counted.
            if len(body) > most:
                raise Rejection(413, f"The request is larger than {most:,} bytes: send less.")
    except ClientDisconnect as error:
        raise Rejection(400, "The request ended before all of it had come.") from error
    return bytes(body)


def questions(ask: Ask, limits: Limits) -> list[Question]:
    """Return what is asked, in its order; raises Rejection."""
    given = [ask.text, ask.texts, ask.pairs, ask.query, ask.queries]
    if sum(each is not None for each in given) != 1:
        raise Rejection(422, ONE_OF)
    if ask.second_text is not None and ask.text is None:
        raise Rejection(422, "second_text goes with text; for several send pairs.")
    found = _questions(ask)
    if not found:
        raise Rejection(422, "There is no text in the list: send at least one.")
    if len(found) > limits.texts:
        raise Rejection(413, f"Send at most {limits.texts:,} texts at once.")
    for number, each in enumerate(found, 1):
        check(each.text, number, limits.length)
        if each.second_text is not None:
            check(each.second_text, number, limits.length)
    return found


def _questions(ask: Ask) -> list[Question]:
    if ask.text is not None:
        return [Question(ask.text, ask.second_text)]
    if ask.pairs is not None:
        return [Question(pair.text, pair.second_text) for pair in ask.pairs]
    if ask.texts is not None:
        return [Question(text) for text in ask.texts]
    queries = ask.queries if ask.queries is not None else [ask.query or ""]
    return [Question(text, top=ask.top) for text in queries]


def check(text: str, number: int, longest: int) -> None:
    """Raise Rejection for a text that no model is asked about."""
    if not text.strip():
        raise Rejection(422, f"Text {number} is empty: leave it out.")
    if len(text) > longest:
        raise Rejection(413, f"Text {number} is longer than {longest:,} characters: cut it.")
    if "\0" in text:
        raise Rejection(422, f"Text {number} holds NUL, which is no text: remove it.")


def fits(asked: Sequence[Question], model: Description) -> None:
    """Raise Rejection where a model cannot answer what is asked."""
    if asked[0].top:
        if not model.matches:
            raise Rejection(409, "This model has no catalogue to match with: send texts.")
        return
    two = tasks.get(model.task).fitting is not None
    if two and any(each.second_text is None for each in asked):
        raise Rejection(422, "This model reads pairs: send text and second_text, or pairs.")
    if not two and any(each.second_text is not None for each in asked):
        raise Rejection(422, "This model reads one text at a time: leave second_text out.")


def told(
    model: Description, asked: Sequence[Question], answers: Sequence[Answer], offsets: str
) -> dict[str, Any]:
    """Return what is sent (see ``schemas.Told``)."""
    unit = Unit.UTF16 if offsets == UTF16 else Unit.CODEPOINTS
    together = zip(asked, answers, strict=True)
    return {"model": who(model), "results": [_result(*each, unit) for each in together]}


def who(model: Description) -> dict[str, Any]:
    """Return which model answered, as it is told."""
    return {name: getattr(model, name) for name in Who.model_fields}


def _result(question: Question, answer: Answer, unit: Unit) -> dict[str, Any]:
    if question.top:
        good = sum(bool(match["good"]) for match in answer.matches)
        return {"matches": list(answer.matches), "good": good}
    if answer.chances is not None:
        labels = [
            {"label": label, "score": answer.chances[label]} for _, _, label, _ in answer.marks
        ]
        return {"labels": labels, "probabilities": dict(answer.chances)}
    ruler, text = Ruler(question.text, unit), question.text
    return {
        "spans": [
            {
                "start": ruler.offset(start),
                "end": ruler.offset(end),
                "label": label,
                "score": score,
                "text": text[start:end],
            }
            for start, end, label, score in answer.marks
        ]
    }
