"""A project whose documents several people have finished, with known rates of error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.types import Answer, Project, Split, Status
from tests.engine.agreement.answered import answers, texts

LABELS = ("ORG", "<script>alert(1)</script>")


def project(
    db: Database,
    wrong: Sequence[float] = (0.1, 0.1, 0.6),
    number: int = 60,
    labels: Sequence[str] = LABELS,
    seed: int = 0,
    name: str = "several",
) -> Project:
    """Store a project that "person 0" and others brought with them, and return it."""
    known = texts(number, labels, seed)
    said = answers(known, wrong, labels, seed=seed)
    *others, last = said
    made = projects.create_project(db, name)
    rows = [
        replace(
            each,
            id=None,
            name=f"d{each.id}",
            spans=tuple(said[last][each.id]),
            annotator=last,
            others=tuple(Answer(who, tuple(said[who][each.id])) for who in others),
            status=Status.DONE,
            split=Split.TEST if each.id % 2 else Split.TRAIN,
        )
        for each in known
    ]
    documents.add_documents(db, made.id, rows, "importer")
    return projects.get_project(db, made.id)
