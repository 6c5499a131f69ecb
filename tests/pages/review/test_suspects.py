"""The view Suspects: a check is one click; what it suspects is listed, filtered and counted."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from storage.database.connection import Database
from storage.journal import annotations as journal
from storage.runs import renewals, runs, suspects
from storage.types import Document, Run, RunKind, RunState, Span, Split
from tests.pages.conftest import Open, button, labels, said


class Said(NamedTuple):
    document: int
    given: Span | None
    suggested: Span | None
    score: float
    reason: str = "you said so"


@pytest.fixture
def labelled(db: Database, sample: int) -> list[Document]:
    return [each for each in journal.current(db, sample, Split.TRAIN) if each.spans]


@pytest.fixture
def checked(db: Database, make_run, labelled: list[Document]) -> Run:
    """A check that suspects three marks, two of which look wrong."""
    run = make_run(RunState.DONE, kind=RunKind.CROSS_VALIDATION, folds=2, rounds=5)
    found = [
        Said(document.id or 0, document.spans[0], None, score)
        for document, score in zip(labelled, (0.95, 0.9, 0.3), strict=False)
    ]
    suspects.store(db, run.id, found)
    return run


def test_one_click_starts_a_check_and_shows_how_far_it_is(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("review", view="Suspects")
    assert "10 trainings on halves of them" in said(app)
    assert "Takes about" in said(app) or "Takes less than" in said(app)
    button(app, "Check the labels").click().run()
    (run,) = runs.list_runs(db, sample)
    assert (run.kind, run.state) == (RunKind.CROSS_VALIDATION, RunState.QUEUED)
    assert (run.settings["folds"], run.settings["rounds"]) == (2, 5)
    assert "Run 1 checks the labels" in said(app)
    assert "Stop and keep the best" not in labels(app)
    button(app, "Cancel this run").click().run()
    assert runs.get_run(db, run.id).state is RunState.CANCELLED


def test_what_is_decided_is_counted_and_leaves_the_list(
    open_page: Open, db: Database, sample: int, checked: Run, labelled: list[Document]
) -> None:
    app = open_page("review", view="Suspects")
    assert "2 places of train look wrong" in said(app)
    assert "Nothing there (2)" in app.selectbox(key=f"suspects-sort-{checked.id}").options
    first, mark = labelled[0], labelled[0].spans[0]
    edit = {"seq": 1, "base_revision": 1, "kind": "remove", "id": mark.id}
    edit["base_revision"] = journal.open_annotation(db, first.id or 0, "ada").revision
    journal.apply_operations(db, sample, first.id or 0, "ada", "tab", [edit])
    app.run()
    assert app.get("progress")[0].proto.text == "1 decided: 1 mended, 0 kept"
    button(app, "Anew").click().run()
    assert len(app.session_state[f"suspects-list-{sample}"][1]) == 2
    app.toggle(key=f"suspects-decided-{checked.id}").set_value(True).run()
    assert len(app.session_state[f"suspects-list-{sample}"][1]) == 3


def test_what_is_weighed_anew_is_said_and_shown_only_to_who_asks(
    open_page: Open, db: Database, sample: int, checked: Run, labelled: list[Document]
) -> None:
    app = open_page("review", view="Suspects")
    before = app.session_state[f"suspects-list-{sample}"][1]
    last = labelled[2]
    anew = Said(last.id or 0, last.spans[0], None, 0.97, "others are mended")
    renewals.renew(db, checked.id, {anew.document: [anew]}, {anew.document: ()})
    app.run()
    assert app.session_state[f"suspects-list-{sample}"][1] == before
    button(app, "1 suspect changed · Show").click().run()
    after = app.session_state[f"suspects-list-{sample}"][1]
    assert after[1:] == before[:2] and after[0] not in before
    assert "1 suspect changed · Show" not in labels(app)
    # A page that lists none of it says it, too.
    renewals.renew(db, checked.id, {anew.document: []}, {anew.document: ()})
    assert "1 suspect changed · Show" in labels(app.switch_page("home.py").run())


def test_a_new_check_is_offered_and_shown_only_to_who_asks(
    open_page: Open, db: Database, sample: int, make_run, checked: Run, labelled: list[Document]
) -> None:
    app = open_page("review", view="Suspects")
    before = app.session_state[f"suspects-list-{sample}"]
    again = make_run(RunState.RUNNING, kind=RunKind.CROSS_VALIDATION, folds=2, rounds=5)
    assert "Run 2 checks the labels" in said(app.run())
    assert "A new check is there · Show" not in labels(app)
    found = [Said(labelled[5].id or 0, labelled[5].spans[0], None, 0.99)]
    suspects.store(db, again.id, found)
    runs.set_state(db, again.id, RunState.DONE)
    app.run()
    assert app.session_state[f"suspects-list-{sample}"] == before
    assert "2 places of train look wrong" in said(app)
    assert "Run 2 checks the labels" not in said(app)
    button(app, "A new check is there · Show").click().run()
    (run, *_), ids = app.session_state[f"suspects-list-{sample}"]
    assert (run, ids) == (again.id, suspects.ids(db, again.id))
    assert "1 place of train look" in said(app)
    assert "A new check is there · Show" not in labels(app)


def test_after_the_next_training_a_link_says_what_changed(
    open_page: Open, db: Database, sample: int, make_run, labelled: list[Document]
) -> None:
    before = make_run(RunState.DONE)
    make_run(RunState.DONE, kind=RunKind.CROSS_VALIDATION, folds=2, rounds=5)
    after = make_run(RunState.DONE)
    app = open_page("review", view="Suspects")
    assert "Train again" in labels(app)
    link = next(each for each in app.get("page_link") if each.proto.label == "What changed")
    assert f"a={before.id}&b={after.id}" in link.proto.query_string
