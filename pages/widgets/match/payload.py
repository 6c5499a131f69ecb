"""What the page hands to the browser for its answers: each with what is said of it already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine import tasks
from pages import routes
from pages.routes import gate, naming
from storage.corpus import second_texts
from storage.database import settings
from storage.database.store import database
from storage.types import Project

Found = Mapping[str, Any]
"""One text's answers, as ``engine.inference.matcher`` tells them."""


def describe(
    project: Project, name: str, found: Sequence[Found], least: float | None, highest: float
) -> dict[str, Any]:
    """Return the list's data. ``name`` tells these answers from any others; offsets are points.

    Below ``least`` an answer is not good, where a person chose that; ``highest`` is the score of
    what fits best.
    """
    db, fitting = database(), tasks.get(project.task).fitting
    assert fitting, "only projects on two texts have answers"
    annotator, barrier = settings.annotator(db), db.barrier()
    names = [label.name for label in project.labels]
    accept, reject = fitting.answers(names)
    return {
        "list": name,
        "groups": [_group(project, number, each, least) for number, each in enumerate(found)],
        "highest": highest,
        "accept": accept,
        "reject": reject,
        "wrong": [each for each in {*names, reject} if not fitting.grade(each)],
        "labels": [naming.describe(label) for label in project.labels],
        "token": gate.sign(annotator, project.id),
        "routes": routes.addresses(),
        "keys": settings.get(db, "keys", {}),
        "barrier": str(barrier) if barrier else "",
    }


def _group(project: Project, number: int, found: Found, least: float | None) -> dict[str, Any]:
    query, answers = found["query"], found["answers"]
    known = second_texts.known(database(), project.id, query, [each["text"] for each in answers])
    return {
        "query": query,
        "good": sum(is_good(each, least) for each in answers),
        "answers": [
            {
                "key": f"{number}-{place}",
                "query": query,
                "id": each["id"],
                "text": each["text"],
                "score": each["score"],
                "good": is_good(each, least),
                "words": each["words"],
                "because": each["because"],
                "label": known[each["text"]].label if each["text"] in known else "",
                "document": known[each["text"]].document if each["text"] in known else None,
            }
            for place, each in enumerate(answers)
        ],
    }


def is_good(answer: Mapping[str, Any], least: float | None) -> bool:
    """Tell whether an answer is good enough: as dev says, or from a score on that was chosen."""
    return bool(answer["good"] if least is None else answer["score"] >= least)
