"""What a training now should bring: where it is taken from, and that it is kept with the run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace

import numpy as np
import pytest

from engine import runner
from engine.configuration.settings import Settings
from engine.evaluation import power_law, prequential
from engine.evaluation.learning_curve import ALL, Curve
from engine.evaluation.prequential import Expected
from engine.inspection import expectation
from storage.coaching import coach_run, outcomes
from storage.coaching.outcomes import Outcome
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.runs import reports, runs, suggestions
from storage.types import (
    Document,
    DocumentScore,
    Project,
    Run,
    RunKind,
    RunState,
    Span,
    Split,
    Status,
    Task,
)
from tests.engine import tiny

QUICK = Settings(recipe="quick")
DONE = 60


def filled(db: Database, name: str = "filled") -> Project:
    """Make a project of sentences that are done, some of dev."""
    done = [*tiny.corpus(DONE), *tiny.corpus(20, seed=1, split=Split.DEV)]
    project = documents.create_with_documents(db, name, [replace(d, id=None) for d in done], "ada")
    return projects.get_project(db, project)


def became(db: Database, project: Project, kept: int, dropped: int, added: int) -> None:
    """Let every train document have had these outcomes."""
    run, scores = (
        coach_run.ensure(db, project.id),
        ((0.9, True),) * kept + ((0.6, False),) * dropped,
    )
    ids = list(documents.list_ids(db, project.id))[:DONE]
    outcomes.put(db, [Outcome(id, run, n, scores, added) for n, id in enumerate(ids)])


def prospect(db: Database, project: Project, recipe: str = "quick") -> expectation.Prospect:
    return expectation.prospect(db, project, "bundled", recipe)


def trained(
    db: Database,
    project: Project,
    f1: float,
    size: int = DONE,
    recipe: str = "quick",
    expected: Expected | None = None,
) -> Run:
    """Leave a training with its figure on dev."""
    wanted = {"base": "bundled", **asdict(replace(QUICK, recipe=recipe))}
    said = expected.to_json() if expected else None
    run = runs.create_run(db, project.id, wanted, expected=said)
    scores = {"headline": {"value": f1, "support": 40}}
    return ended(db, run, {"dev": scores, "test": None, "train_documents": size})


def ended(db: Database, run: Run, report: dict) -> Run:
    reports.store_report(db, run.id, report, {})
    runs.set_state(db, run.id, RunState.DONE)
    return run


def drawn(db: Database, project: Project, law: Iterable[float]) -> np.ndarray:
    """Leave a learning curve of the quick recipe that follows this law."""
    laws = np.repeat(np.array([[*law]]), 20, axis=0)
    sizes = (15, 30, DONE)
    f1 = tuple(float(1 - power_law.error(laws[0], size)) for size in sizes)
    curve = Curve("", sizes, f1, 50, laws, 0.01)
    wanted = {"base": "bundled", **asdict(QUICK)}
    run = runs.create_run(db, project.id, wanted, RunKind.LEARNING_CURVE, numbered=False)
    ended(db, run, {"curves": {ALL: curve.to_json()}})
    return laws


def test_of_nothing_nothing_is_said(db: Database) -> None:
    found = prospect(db, filled(db))
    assert found == expectation.Prospect(0, 0, None)


def test_what_became_of_suggestions_says_it_and_the_run_keeps_it(db: Database) -> None:
    project = filled(db)
    became(db, project, kept=3, dropped=1, added=1)
    found = prospect(db, project)
    assert (found.documents, found.changed, found.enough) == (50, 50, False)
    assert found.expected and found.expected.prequential == pytest.approx(0.75)
    run = expectation.start(db, project.id, "bundled", QUICK)
    assert run.expected == found.expected.to_json() == runs.get_run(db, run.id).expected


def test_a_training_that_is_started_again_keeps_what_is_expected_now(db: Database) -> None:
    project = filled(db)
    before = expectation.start(db, project.id, "bundled", QUICK)
    became(db, project, kept=3, dropped=1, added=1)
    run = runner.again(db, before)
    said = prospect(db, project).expected
    assert before.expected is None and said and run.expected == said.to_json()
    assert {**run.settings} == {**before.settings}


def test_the_training_before_and_what_came_since_are_better_known(db: Database) -> None:
    project = filled(db)
    became(db, project, 3, 1, 1)
    trained(db, project, 0.4, recipe="balanced")
    assert prospect(db, project).expected.prequential is not None, "another recipe tells nothing"
    trained(db, project, 0.6, size=30)
    usual = prospect(db, project).expected
    assert usual.prequential is None and 0.62 < usual.f1 < 0.75
    laws = drawn(db, project, (0.9, 0.2, 0.0))
    rise = power_law.error(laws[0], 30) - power_law.error(laws[0], DONE)
    assert prospect(db, project).expected.f1 == pytest.approx(0.6 + rise)


def test_a_curve_of_the_recipe_has_its_own_level(db: Database) -> None:
    project = filled(db)
    laws = drawn(db, project, (1.0, 0.3, 0.0))
    assert prospect(db, project, "balanced").expected is None
    expected = prospect(db, project).expected
    assert expected.f1 == pytest.approx(1 - power_law.error(laws[0], DONE))


def test_trainings_of_before_tell_how_far_off_suggestions_are(db: Database) -> None:
    project, other = filled(db), filled(db, "other")
    became(db, project, 3, 1, 1)
    alone = prospect(db, project).expected
    for _ in range(3):
        trained(db, other, 0.95, expected=Expected(0.6, 0.5, 0.7, 0.6))
    beside = prospect(db, project).expected
    assert beside.prequential == alone.prequential and beside.f1 > alone.f1
    # Its own say more, once what it has is too old to go on from.
    trained(db, project, 0.2, size=1, expected=Expected(0.6, 0.5, 0.7, 0.6))
    assert prospect(db, project).expected.f1 < alone.f1


def test_where_few_are_changed_and_the_curve_is_flat_it_is_enough(db: Database) -> None:
    project = filled(db)
    became(db, project, 3, 0, 0)
    drawn(db, project, (0.9, 0.8, 0.0))
    assert not prospect(db, project).enough, "more should still help"
    drawn(db, project, (1.0, 2.0, 0.1))
    assert prospect(db, project).enough
    became(db, project, 3, 1, 0)
    assert not prospect(db, project).enough, "people change much"


def whole(text: str, label: str, **values: object) -> Document:
    return Document(text, spans=(Span(0, 0, label),), status=Status.DONE, **values)  # type: ignore[arg-type]


def test_classes_are_expected_at_their_accuracy(db: Database) -> None:
    texts = [whole(f"text {n}", "a") for n in range(DONE)]
    id = documents.create_with_documents(db, "c", texts, "ada", task=Task.CLASSES)
    project = projects.get_project(db, id)
    run, ids = coach_run.ensure(db, id), documents.list_ids(db, id)
    # One in four has the wrong label, and one in four none: both are wrong, and one change each.
    scores = [((0.9, True),), ((0.9, True),), ((0.6, False),), ()]
    outcomes.put(db, [Outcome(d, run, 1, scores[n % 4], n % 4 > 1) for n, d in enumerate(ids)])
    found = prospect(db, project)
    assert found.expected and found.expected.prequential == pytest.approx(0.5)
    assert found.changed == 26


def test_pairs_are_expected_at_the_mean_of_their_answers(db: Database) -> None:
    gold = ["rare" if n % 10 == 0 else "usual" for n in range(DONE)]
    pairs = [whole(f"text {n}", label, second_text="x") for n, label in enumerate(gold)]
    id = documents.create_with_documents(db, "p", pairs, "ada", task=Task.PAIRS)
    run, ids = coach_run.ensure(db, id), list(documents.list_ids(db, id))
    # Always the frequent answer, as it was suggested and as it is still stored.
    said = [(d, Span(0, 0, "usual", score=0.9)) for d in ids]
    suggestions.store(db, run, said, [DocumentScore(d, 0.5, 0.5, 0.5, None) for d in ids])
    rights = [label == "usual" for label in gold]
    told = zip(ids, rights, strict=True)
    outcomes.put(db, [Outcome(d, run, None, ((0.9, right),), int(not right)) for d, right in told])
    found = prospect(db, projects.get_project(db, id))
    usual = 2 * 45 / (45 + 50)
    assert found.documents == prequential.WINDOW
    assert found.expected and found.expected.prequential == pytest.approx(usual / 2)
