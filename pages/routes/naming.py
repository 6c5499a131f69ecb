"""The label routes: a label made in the tagger, an example of one; labels as it takes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.routing import Route

from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, route
from storage.corpus import projects
from storage.database.store import database
from storage.knowledge import examples
from storage.knowledge.examples import LONGEST, Example, Kind
from storage.types import Label, Project

# So many examples of a label stand beside the text, so many characters around their words.
MOST, AROUND = 8, 120


def routes() -> list[Route]:
    return [route("labels", _add), route("examples", _keep)]


def _add(call: Call) -> Answer:
    projects.add_labels(database(), call.project, [call.text("name")])
    return 200, {"labels": described(projects.get_project(database(), call.project))}


def _keep(call: Call) -> Answer:
    """Keep what is selected as an example; answer with all labels, this one among its own."""
    db, name = database(), call.text("label")
    named = {label.name: label.id for label in projects.list_labels(db, call.project)}
    if not (label := named.get(name)):
        raise Rejection(404, "This label is not there any more: reload the page.")
    start, end = (_offset(call, field) for field in ("start", "end"))
    reason = call.text("reason", LONGEST)
    examples.take(db, call.document(), label, call.name("kind"), start, end, reason)
    return 200, {"labels": described(projects.get_project(db, call.project))}


def _offset(call: Call, field: str) -> int:
    value = call.fields.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise Rejection(400, MALFORMED)
    return value


def described(project: Project) -> list[dict[str, Any]]:
    """Return a project's labels as the tagger takes them, each with sentences that show it."""
    shown = examples.of_project(database(), project.id)
    return [
        describe(each) | {"examples": _shown(shown.get(each.id or 0, []))}
        for each in project.labels
    ]


def _shown(found: Sequence[Example]) -> list[dict[str, Any]]:
    """Return the newest examples: of what a label is first, then of what it is not."""
    ordered = sorted(found, key=lambda each: (each.kind != Kind.POSITIVE, -each.id))
    return [_sentence(each) for each in ordered[:MOST]]


def _sentence(example: Example) -> dict[str, Any]:
    """Return a sentence in three parts, the one in the middle being what it is about."""
    text, start, end = example.text, example.start, example.end
    if start is None or end is None:
        parts = ["", _shortened(text), ""]
    else:
        before, after = text[:start], text[end:]
        first = f"…{before[-AROUND:]}" if len(before) > AROUND else before
        last = f"{after[:AROUND]}…" if len(after) > AROUND else after
        parts = [first, text[start:end], last]
    second = _shortened(example.second_text or "")
    return {"kind": example.kind, "parts": parts, "reason": example.reason, "second": second}


def _shortened(text: str) -> str:
    return f"{text[: 2 * AROUND]}…" if len(text) > 2 * AROUND else text


def describe(found: Label) -> dict[str, Any]:
    """Return a label as the tagger takes it."""
    return {
        "name": found.name,
        "color": found.color,
        "key": found.key,
        "description": found.description,
        "positive": found.positive,
        "negative": found.negative,
    }
