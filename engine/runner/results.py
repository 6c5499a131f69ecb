"""What a run found, from its folder into the database: nothing is stored that pages cannot show.

Reports of earlier versions are brought into the form of now where they are read, here.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from engine import tasks
from engine.evaluation.confusion import add_up, kind_of
from engine.evaluation.slices import registry
from engine.jobs import kinds
from engine.runs import facts, files, inspected, snapshot, spec, suggested
from engine.runs import suspects as frozen
from engine.runs.files import REPORT, USAGE
from engine.runs.shapes import Each, Maybe, flag, misfit, number, text, whole
from engine.tasks.spans.metrics import levels
from storage import home
from storage.database.connection import Database
from storage.runs import inspections, reports, slices, suggestions, suspects
from storage.types import Run, Split

_FIGURES = {"precision": number, "recall": number, "f1": number, "support": whole}
_NAMED = {"name": text, "title": text}
_OTHER = {"label": text, "figure": text, "ours": number, "theirs": number}
_CHECK = {
    **{"agrees": flag, "version": text, "unfit": whole, "differences": [_OTHER]},
    "micro": {"f1": number, "support": whole},
}
_SIDES = {"gold": whole, "predicted": whole}
_ERRORS = {
    "kinds": Each({"errors": whole, **_SIDES}),
    "borders": Each(whole),
    "labels": Each(Each(_SIDES)),
}
_SCORES = {
    "headline": {**_NAMED, "value": number, "support": whole, "beside": [_NAMED]},
    "tables": [
        {
            **{**_NAMED, "about": text, "item": {"title": text}},
            "rows": [{"name": text, "label": Maybe(text), **_FIGURES}],
            "averages": Each(_FIGURES),
        }
    ],
    "confusion": {"labels": [text], "counts": [[whole]], "exact": [whole]},
    # Version 0.4 and those before did not ask it.
    "seqeval": Maybe(_CHECK),
    # Version 0.5 and those before did not compute them.
    "intervals": Maybe({"micro": [number], "labels": Each([number])}),
    "errors": Maybe(_ERRORS),
}
_SPLITS = {"dev": Maybe(_SCORES), "test": Maybe(_SCORES)}
_SEED = {"seed": number, "kept": flag}
_TRAINING = {
    "best_epoch": Maybe(whole),
    "epochs": whole,
    "train_documents": whole,
    "device": text,
    "seeds": Maybe([_SEED]),
    **_SPLITS,
}

_RATE = {"marks": whole, "failures": whole, "texts": whole}
_INSPECTION = {
    "stress": {
        **{"split": text, "documents": whole, "of": whole},
        "results": [{"test": text, "documents": whole, **_RATE, "labels": Each(_RATE)}],
    },
    "overlap": {"base": text, "labels": [text], "marks": [whole], "shares": [[number]]},
    "neighbours": {"documents": whole, "train": whole, "of": whole, "close": number},
}


def store(db: Database, run: Run) -> None:
    """Store what the folder of a run holds, in place of what was stored before.

    Raises:
        RunFolderError: a file is missing, or is not what it should be.
    """
    kinds.load(kinds.of(run).stores)(db, run, home.run_folder(run.folder))


def store_report(db: Database, run: Run, folder: Path) -> None:
    """Store a report that counts no matches; raises as ``store``."""
    reports.store_report(db, run.id, read_report(folder), {})


def store_model(db: Database, run: Run, folder: Path) -> None:
    """Store the report of a model with the matches that it counts; raises as ``store``."""
    report = read_report(folder)
    with files.reading(folder / REPORT):
        _check(report, folder)
    if not snapshot.tells_facts(folder):
        _store_untold(db, run, folder, report)
        return
    reports.clear_matches(db, run.id)
    told = zip(snapshot.stream_matches(folder), snapshot.stream_facts(folder), strict=True)
    reports.add_matches(db, run.id, ((*one, fact) for one, fact in told))
    held = {split: snapshot.stream_slices(folder, split) for split in Split}
    slices.store(db, run.id, registry.computed(), held)
    reports.put_report(db, run.id, report)


def _store_untold(db: Database, run: Run, folder: Path, report: dict[str, Any]) -> None:
    """Store a report whose matches lie in the folder without their facts.

    An earlier version left them, or the frozen data cannot tell: then there are none, and who
    asks for them (``engine.inspection``) is told why.
    """
    matches = snapshot.read_matches(folder)
    known, held = facts.with_slices(folder, matches) or (None, {})
    reports.store_report(db, run.id, report, matches, known)
    slices.store(db, run.id, registry.computed(), held)


def store_suggestions(db: Database, run: Run, folder: Path) -> None:
    """Store what another run's model says of every document; raises as ``store``."""
    # Looked through before the first is stored: the suggestions of before stay, or all go.
    suggested.check(folder)
    found = suggested.read(folder), suggested.read_scores(folder)
    suggestions.store(db, run.model_of or 0, *found, suggested.read_guesses(folder))


def store_suspects(db: Database, run: Run, folder: Path) -> None:
    """Store which marks of train are probably wrong; raises as ``store``."""
    store_report(db, run, folder)
    suspects.store(db, run.id, frozen.read(folder))


def store_inspection(db: Database, run: Run, folder: Path) -> None:
    """Store what was found about another run's model, and at last the report, which counts it.

    Raises as ``store``.
    """
    report, known = read_report(folder), list(inspected.read_neighbours(folder))
    failures = [
        inspections.FailingText(each.document, each.test, each.text, each.expected, each.found)
        for each in inspected.read_failures(folder)
    ]
    names = [each.name for each in registry.INSPECTED]
    with files.reading(folder / REPORT):
        _fit(report, _INSPECTION)
        slices.store(db, run.model_of or 0, names, inspected.read_slices(folder))
    inspections.store(db, run.model_of or 0, known, failures)
    reports.store_report(db, run.id, report, {})


def of_run(db: Database, run_id: int) -> dict[str, Any] | None:
    """Return a run's report as it is stored, in the form of now; None where it has none."""
    report = reports.get_report(db, run_id)
    return None if report is None else levels.upgraded(report)


def read_report(folder: Path) -> dict[str, Any]:
    """Read a finished run's ``report.json``, with what ``usage.json`` adds.

    Raises:
        RunFolderError: one of them is not what it should be, or there is no report.
    """
    path, usage = folder / REPORT, folder / USAGE
    report = files.read_object(path)
    with files.reading(path):
        report = levels.upgraded(report)
        _fit(report, _SPLITS)
    return {**report, **(files.read_object(usage) if usage.exists() else {})}


def printed(folder: Path) -> dict[str, Any]:
    """Read a finished run's report as commands print it: each split in the words of its task.

    Raises:
        RunFolderError: the folder does not hold what it should.
        InputError: its specification is of another version.
    """
    report = read_report(folder)
    scored = {name: part for name, part in report.items() if name in _SPLITS and part}
    if not scored:
        return report
    task = tasks.get(spec.read(folder).task)
    return {**report, **{name: task.printed(part) for name, part in scored.items()}}


def _check(report: dict[str, Any], folder: Path) -> None:
    """Refuse a report whose table counts other matches than those that its cells would open."""
    _fit(report, _TRAINING)
    counted: dict[Split, Counter] = {split: Counter() for split in Split}
    for split, match in snapshot.stream_matches(folder):
        counted[split][kind_of(match)] += 1
    for name in filter(report.get, _SPLITS):
        rows = ((*each, count) for each, count in counted[Split(name)].items())
        if report[name]["confusion"] != add_up(rows):
            raise ValueError(f"its {name}.confusion does not count the run's matches")


def _fit(found: dict[str, Any], shape: dict[str, Any]) -> None:
    if wrong := misfit(found, shape):
        raise ValueError(f"its {wrong} is not as it should be")
