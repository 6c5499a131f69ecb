"""What a project's cards tell, read from the database: sizes, duplicates, agreement, answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine import tasks
from engine.agreement.everyone import SHARED
from engine.exports.subject import Subject
from engine.inspection import duplicates, judging, telling
from engine.inspection.agreement import comparing
from engine.inspection.duplicates import Duplicates
from engine.knowledge.cards import asked
from engine.knowledge.cards.asked import Asked
from storage.collaboration import people
from storage.corpus import projects
from storage.database.connection import Database
from storage.finding import progress
from storage.finding.progress import Progress
from storage.knowledge import cards, guidelines
from storage.permissions import Ability, may
from storage.types import Label, Project, Run, Split
from storage.words import Words

COEFFICIENTS = dict(zip(SHARED, ("Fleiss' κ", "Krippendorff's α", "Gwet's AC1"), strict=True))
# Near duplicates of more documents take longer than somebody waits for a page.
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Data:
    """A project's data, as its card tells it."""

    project: str
    pipeline: str
    """What the hub calls the task: "token-classification"."""
    words: Words
    progress: Progress
    labels: Sequence[Label]
    guideline: int
    """The version of the guideline in force; 0 where none is written."""
    annotators: int
    agreement: Sequence[str]
    duplicates: Duplicates | None
    """None where they were not looked for: the project is too large to be waited for."""
    asked: Asked
    front: Mapping[str, Any]


def of_project(db: Database, project: Project, *, wait: bool = True) -> Data:
    """Read what a data card tells; without ``wait`` what takes minutes is left out, which it says.

    Raises NotFoundError.
    """
    task, given = tasks.get(project.task), cards.answers(db, project.id)
    counts = progress.of(db, project.id)
    looked = wait or counts.documents <= AT_ONCE
    return Data(
        project.name,
        task.pipeline_tag,
        task.words,
        counts,
        project.labels,
        guidelines.in_force(db, project.id).number if project.guideline.strip() else 0,
        len(people.annotators(db, project.id)),
        agreement(db, project),
        duplicates.of_project(db, project.id) if looked else None,
        asked.sections(given),
        asked.front(given),
    )


def of_run(db: Database, run: Run, split: Split | None = None) -> Subject:
    """Read what a model card tells of a finished run: its report, and what was answered.

    Raises RunFolderError where what the run has left is damaged.
    """
    given, told = cards.answers(db, run.project_id), telling.told_of(run, split)
    surer = {name: _surer(db, run, name, scores) for name, scores in told.scores.items()}
    return replace(
        told,
        report={**told.report, **surer},
        asked=asked.sections(given),
        front=asked.front(given),
        agreement=agreement(db, projects.get_project(db, run.project_id)),
    )


def _surer(db: Database, run: Run, split: str, scores: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return scores with how sure each F1 is, also of a report of before."""
    documents = scores.get("documents")
    if scores.get("intervals") or not documents:
        return scores
    return {**scores, "intervals": judging.intervals_of(db, run.id, split, documents).to_json()}


def agreement(db: Database, project: Project) -> list[str]:
    """Say how far people agree; nothing where one alone labelled, or who asks may not compare."""
    several = len(people.annotators(db, project.id)) > 1
    if not several or not may(Ability.REVIEW):
        return []
    compared = comparing.compare(db, project)
    found = compared.together
    if not found.documents:
        return ["No document was finished by two people: how far they agree is not known."]
    told = [
        f"{COEFFICIENTS[each]} {found.values[at, 0]:.3f} [{found.low[at, 0]:.3f}, "
        f"{found.high[at, 0]:.3f}]"
        for at, each in enumerate(SHARED)
        if not np.isnan(found.values[at, 0])
    ]
    shared = f"{found.documents:,} document{'' if found.documents == 1 else 's'}"
    held = f"{compared.people:,} people, {shared} that two or more finished"
    return [f"{held}: {', '.join(told)}."] if told else [f"{held}: no coefficient can be computed."]
