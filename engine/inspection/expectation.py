"""What a training now should bring, and whether more of the same documents still help.

In this order: what the newest training like it brought, and the rise since by the learning curve
or, without one, by what is usual; the level of a curve that was drawn with the same recipe; what
became of suggestions (``engine.evaluation.prequential``). It is stored with the run that it is
said of, and held against what that brings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine import tasks
from engine.configuration.settings import Settings
from engine.evaluation import comparison, figures, power_law, prequential
from engine.evaluation.learning_curve import ALL, FARTHEST, Curve, Outlook
from engine.evaluation.prequential import Expected
from engine.inspection import curves
from engine.jobs.trained import settings_of
from engine.runner import enqueue, models, results
from engine.tasks.classification.scoring import ACCURACY, MACRO, TITLES
from storage.coaching import outcomes
from storage.coaching.outcomes import Outcome
from storage.corpus import projects
from storage.database.connection import Database
from storage.finding import progress
from storage.journal import annotations as journal
from storage.runs import reports, suggestions
from storage.types import Project, Run, RunKind, Split, Status

# So many documents tell how the suggestions' figure went; the newest of them how it is.
READ = 300
# So many may have suggested something for one document.
MAKERS = 3
# What is set aside of train where nothing is there to score a model on.
SET_ASIDE = 0.1


@dataclass(frozen=True, slots=True)
class Prospect:
    """How the last documents went, and what a training now should bring."""

    documents: int
    """How many of the last ones had been looked at by a model before a person finished them."""
    changed: int
    """Suggestions of these that people changed, those included that they had to make."""
    expected: Expected | None
    enough: bool = False
    """People change little, and more of such documents should bring next to nothing."""


def start(db: Database, project_id: int, base: str, settings: Settings) -> Run:
    """Queue a training with what is expected of it; raises InputError, ModelError as ``enqueue``.

    It counts what is there at this moment.
    """
    project = projects.get_project(db, project_id)
    said = prospect(db, project, base, settings.recipe, settings.peft, settings.limit).expected
    return enqueue(db, project_id, base, settings, expected=said.to_json() if said else None)


def again(db: Database, run: Run) -> Run:
    """Queue a training like another one, with what is expected of it now; raises as ``start``."""
    return start(db, run.project_id, str(run.settings["base"]), settings_of(run))


def prospect(
    db: Database,
    project: Project,
    base: str,
    recipe: str,
    peft: str = "",
    limit: int | None = None,
) -> Prospect:
    """Look at the last documents, and at the trainings and the curve of a project."""
    wanted = {"base": base, "recipe": recipe, "peft": peft}
    known, done = finished(db, project.id), progress.of(db, project.id)
    counts, macro = count(db, project, known), _shows(project, MACRO)
    train, curve = done.done_by_split[Split.TRAIN], _curve(db, project.id)
    train, learned = min(train, limit or train), done.by_status[Status.DONE]
    expected = _again(db, project.id, wanted, train, curve and curve[1])
    if expected is None and curve and _alike(curve[0], wanted):
        expected = _drawn(curve[1], train)
    if expected is None:
        tested = done.done_by_split[Split.TEST] or done.done_by_split[Split.DEV]
        scored = tested or round(train * SET_ASIDE)
        before = _missed(db, project, wanted)
        expected = prequential.expect(counts, macro, scored, before)
    window = known[-prequential.WINDOW :]
    flat = _is_flat(curve and curve[1], counts, macro, learned)
    return Prospect(
        len(window),
        sum(max(each.dropped, each.added) for each in window),
        expected,
        flat and prequential.needs_few(len(window), sum(bool(each.changed) for each in window)),
    )


def finished(db: Database, project_id: int) -> list[Outcome]:
    """Return what became of the suggestions for the last documents, one each, the newest last."""
    # A document may have several, of one maker each: those of when it was finished last count.
    found: dict[int, list[Outcome]] = {}
    for each in outcomes.newest(db, project_id, MAKERS * READ):
        known = found.setdefault(each.document, [])
        if not known or known[0].entry == each.entry:
            known.append(each)
    return [outcomes.joined(some) for some in list(found.values())[:READ][::-1]]


def count(db: Database, project: Project, known: Sequence[Outcome]) -> np.ndarray:
    """Count right, suggested and gold marks: (documents, labels, 3), as the task's figure does."""
    if _shows(project, MACRO):
        return _count_labels(db, project, known)
    if _shows(project, ACCURACY):
        rows = [(int(not each.changed), 1, 1) for each in known]
    else:
        rows = [(o.kept, o.kept + o.dropped, o.kept + o.added) for o in known]
    return np.array(rows, dtype=np.int32).reshape(-1, 1, 3)


def _count_labels(db: Database, project: Project, known: Sequence[Outcome]) -> np.ndarray:
    """Count for each label, of the documents whose suggestions are still those of then."""
    wanted = {each.document: (each.run, each.revision) for each in known}
    said = suggestions.of_documents(db, wanted)
    documents = [
        each
        for each in journal.of_documents(db, list(wanted))
        if each.id in said and (said[each.id].run, said[each.id].revision) == wanted[each.id]
    ]
    names = sorted(
        {s.label for d in documents for s in (*d.spans, *said[d.id or 0].spans)}
        | {label.name for label in project.labels}
    )
    predicted = [said[each.id or 0].spans for each in documents]
    matches = tasks.get(project.task).match(documents, predicted)
    order = [document for document in wanted if document in {each.id for each in documents}]
    places = {document: at for at, document in enumerate(order)}
    return comparison.count(matches, places, names)[:, :-1]


def _shows(project: Project, figure: str) -> bool:
    """Tell whether a project's models are known by this figure."""
    return tasks.get(project.task).words.f1 == TITLES[figure]


def _alike(run: Run, wanted: Mapping[str, str]) -> bool:
    return all(str(run.settings.get(name, "")) == value for name, value in wanted.items())


def _trained(db: Database, project_id: int, wanted: Mapping[str, str]) -> list[Run]:
    """Return the trainings of this recipe and base model that have a model, the newest first."""
    return [
        run
        for run in models(db, project_id)
        if run.kind == RunKind.TRAINING and _alike(run, wanted)
    ]


def _again(
    db: Database, project_id: int, wanted: Mapping[str, str], train: int, curve: Curve | None
) -> Expected | None:
    """Say what the newest training that is alike brought, and how that should have risen."""
    for run in _trained(db, project_id, wanted):
        report = results.of_run(db, run.id) or {}
        if known := figures.known_by(report):
            split, measured = known
            before, support = report["train_documents"], report[split]["headline"]["support"]
            if train > FARTHEST * before:
                return None
            return prequential.expect_again(
                measured, support, _rise(measured, before, train, curve)
            )
    return None


def _rise(measured: float, before: int, train: int, curve: Curve | None) -> tuple[float, float]:
    """Return by how much more documents should lift the figure: a mean and a variance."""
    if curve is None or curve.unknown:
        return prequential.rise(measured, before, train)
    first, second = (power_law.error(curve.laws[1:], max(n, 1)) for n in (before, train))
    return float((first - second).mean()), float((first - second).var())


def _curve(db: Database, project_id: int) -> tuple[Run, Curve] | None:
    """Return the newest learning curve, of all labels together."""
    found = curves.newest(db, project_id)
    return (found[0], curves.of_report(found[1])[ALL]) if found else None


def _drawn(curve: Curve, train: int) -> Expected | None:
    """Say what a curve that was drawn with the same recipe says of so many documents."""
    if curve.unknown or train > FARTHEST * curve.now:
        return None
    return Expected(*curve.at(train))


def _missed(db: Database, project: Project, wanted: Mapping[str, str]) -> list[tuple[float, float]]:
    """Return of earlier trainings the suggestions' figure then, and what came of it.

    They are those of the project; where it has none, of the home's others of the same task.
    """
    others = (p.id for p in projects.list_projects(db) if p.task == project.task)
    for some in ([project.id], [id for id in others if id != project.id]):
        if found := [pair for id in some for pair in _held(db, id, wanted)]:
            return found
    return []


def _held(
    db: Database, project_id: int, wanted: Mapping[str, str]
) -> Iterator[tuple[float, float]]:
    trained = _trained(db, project_id, wanted)
    brought = reports.headlines(db, [run.id for run in trained if run.expected])
    for run in trained:
        then = Expected.read(run.expected).prequential if run.expected else None
        if then is not None and run.id in brought:
            yield then, brought[run.id][1]


def _is_flat(curve: Curve | None, counts: np.ndarray, macro: bool, learned: int) -> bool:
    """Tell whether more documents should bring nothing, by the curve if there is one."""
    if curve and curve.outlook is not Outlook.UNKNOWN:
        return curve.outlook is Outlook.FLAT
    return prequential.is_flat(counts, macro, learned)
