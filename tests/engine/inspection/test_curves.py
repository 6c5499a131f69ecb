"""What a learning curve said, held against the trainings that came after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.configuration import bases, recipes
from engine.configuration.bases import Shape
from engine.configuration.recipes import Data
from engine.configuration.timing import Pace
from engine.evaluation import power_law
from engine.evaluation.learning_curve import ALL, Curve
from engine.inspection import curves
from engine.runs import snapshot, spec
from engine.runs.spec import RunSpec
from storage import home
from storage.corpus import documents
from storage.database.connection import Database
from storage.database.settings import identity
from storage.errors import InputError
from storage.runs import reports, runs
from storage.types import Run, RunKind, RunState, Split
from tests.engine import tiny

QUICK = {"base": "bundled", "recipe": "quick"}
LAW = np.array([[3.0, 0.5, 0.0]])
# What dev holds is told by a hash; here a word is enough.
THEN, SINCE = {"documents": 9, "sha256": "then"}, {"documents": 9, "sha256": "since"}


def f1(size: int) -> float:
    return float(1 - power_law.error(LAW, size)[0])


def ended(db: Database, run: Run, report: dict[str, Any]) -> Run:
    reports.store_report(db, run.id, report, {})
    runs.set_state(db, run.id, RunState.DONE)
    return runs.get_run(db, run.id)


def drawn(db: Database, project: int, size: int, support: int = 50) -> Run:
    """Leave a curve of the label person and of all, each with so many sentences at its end."""
    run = runs.create_run(db, project, QUICK, RunKind.LEARNING_CURVE, numbered=False)
    sizes = (size // 4, size // 2, size)
    laws = np.repeat(LAW, 5, axis=0)
    curve = Curve("", sizes, tuple(map(f1, sizes)), support, laws, 0.01).to_json()
    report = {"curves": {"person": curve, ALL: curve}, "data": {"dev": THEN}}
    return ended(db, run, report)


def trained(
    db: Database,
    project: int,
    size: int,
    measured: float,
    recipe: str = "quick",
    dev: dict[str, Any] = THEN,
) -> Run:
    """Leave a training on so many sentences, each with a person, and its F1 on dev."""
    run = runs.create_run(db, project, {**QUICK, "recipe": recipe})
    folder = home.run_folder(run.folder)
    folder.mkdir(parents=True)
    text = ("Ada left", (0, 3, "person"))
    rows = [tiny.document(*text, id=at, split=Split.TRAIN) for at in range(1, size + 1)]
    snapshot.write(folder, [*rows, tiny.document(*text, id=size + 1, split=Split.DEV)])
    own: dict[str, Any] = {
        "database": identity(db),
        "address": db.url,
        "home": str(home.folder().resolve()),
    }
    spec.write(folder, RunSpec(run.id, project, "p", ("person",), folder=run.folder, **own))
    row = {"name": "person", "f1": measured}
    scores = {"headline": {"value": measured}, "tables": [{"name": "labels", "rows": [row]}]}
    return ended(db, run, {"dev": scores, "test": None, "data": {"dev": dev}})


def test_a_later_training_on_more_is_held_against_what_was_said(db: Database, project: int) -> None:
    curve = drawn(db, project, 100)
    run = trained(db, project, 150, f1(150))
    found = {each.label: each for each in curves.held(db, project)}
    assert list(found) == ["person", ALL]
    held = found["person"]
    assert (held.curve.id, held.run.id, held.before, held.size) == (curve.id, run.id, None, 150)
    assert held.low <= f1(150) <= held.high and held.right and held.same_dev
    assert held.sentence == f"predicted {held.low:.2f}–{held.high:.2f}, was {f1(150):.2f}"


def test_what_was_wrong_is_said_to_be(db: Database, project: int) -> None:
    drawn(db, project, 100)
    trained(db, project, 150, 0.2, dev=SINCE)
    assert not any(held.right or held.same_dev for held in curves.held(db, project))


def test_of_another_recipe_the_rise_counts_and_not_the_level(db: Database, project: int) -> None:
    before = trained(db, project, 100, 0.5, "balanced")
    drawn(db, project, 100)
    trained(db, project, 100, 0.5, "best")
    assert curves.held(db, project) == [], "as much as there was, and nothing to measure it by"
    trained(db, project, 150, 0.9, "best")
    trained(db, project, 150, 0.5 + f1(150) - f1(100), "balanced")
    newest, *older = curves.held(db, project)[::2]
    assert newest.before and newest.before.id == before.id
    assert newest.right and newest.low < 0.6
    assert [(held.run.settings["recipe"], held.right) for held in older] == [("best", False)]


def test_the_newest_curve_before_a_training_counts(db: Database, project: int) -> None:
    drawn(db, project, 60)
    newer = drawn(db, project, 100)
    trained(db, project, 150, 0.7)
    drawn(db, project, 150)
    assert {held.curve.id for held in curves.held(db, project)} == {newer.id}


def test_nothing_is_held_against_what_was_not_said(db: Database, project: int) -> None:
    drawn(db, project, 100, support=3)
    trained(db, project, 150, 0.7)
    drawn(db, project, 100)
    trained(db, project, 100, 0.7)
    trained(db, project, 301, 0.7)
    assert curves.held(db, project) == []


def test_a_training_whose_folder_is_gone_is_passed_over(db: Database, project: int) -> None:
    drawn(db, project, 100)
    run = trained(db, project, 150, 0.7)
    (home.run_folder(run.folder) / snapshot.DATA).unlink()
    assert curves.held(db, project) == []


def test_a_curve_is_begun_as_one_process_without_adapters(db: Database, project: int) -> None:
    settings = recipes.choose("quick", recipes.Data(9, 90, 9, 90, Shape()), peft="lora")
    with pytest.raises(InputError):
        curves.start(db, project, "bundled", settings)
    done = [*tiny.corpus(9), *tiny.corpus(3, seed=1, split=Split.DEV)]
    documents.add_documents(db, project, done, "ada")
    run = curves.start(db, project, "bundled", settings, repeats=3)
    assert (run.kind, run.number, run.title) == (
        RunKind.LEARNING_CURVE,
        None,
        f"Learning curve {run.id}",
    )
    wanted = {"repeats": 3, "peft": "", "processes": 1, "seeds": 1, "recipe": "quick"}
    assert wanted.items() <= run.settings.items()
    assert curves.living(db, project).id == run.id
    assert curves.newest(db, project) is None
    runs.request_cancel(db, run.id)
    assert curves.living(db, project) is None
    curve = drawn(db, project, 100)
    found, report = curves.newest(db, project)
    assert found.id == curve.id and list(curves.of_report(report)) == ["person", ALL]


def test_a_curve_takes_as_long_as_its_trainings(db: Database) -> None:
    train = Data.of(tiny.corpus(80), bases.shape("bundled"))
    pace = Pace(1e10, 10.0, "")
    once, twice = (curves.seconds("quick", train, 500, pace, n) for n in (1, 2))
    assert 10 < once < twice == pytest.approx(2 * once - 10)
