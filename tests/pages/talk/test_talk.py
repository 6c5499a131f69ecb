"""Talk on the pages: the list, the line on Home, the buttons beside labels, runs and cells."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.access import session
from pages.widgets.talk import places
from pages.widgets.team import ledger as view
from storage.accounts import accounts
from storage.collaboration import about, thread_lists, threads
from storage.collaboration.thread_lists import State
from storage.collaboration.work import ledger
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations
from storage.permissions import Role
from storage.types import RunState
from tests.pages import reported
from tests.pages.access.conftest import begin
from tests.pages.conftest import Open, button, plain, said

HOSTILE = "<script>alert(1)</script> **b** @nobody"


def links(app: AppTest) -> list[str]:
    return [plain(each.proto.label) for each in app.get("page_link")]


@pytest.mark.long
def test_alone_nothing_is_said_and_a_note_is_listed(
    open_page: Open, db: Database, sample: int
) -> None:
    assert not [each for each in links(open_page()) if "question" in each]
    document = documents.list_ids(db, sample)[0]
    made = threads.ask(db, sample, about.on_span(document, 0, 3), HOSTILE)
    assert "1 open question" in links(open_page())
    app = open_page("talk")
    (row,) = app.expander
    assert "script" in row.label and "<script>" not in row.label.replace("\\<", "")
    app.session_state[f"talk-{made.id}"] = True
    app.run()
    shown = "".join(each.proto.body for each in app.get("html"))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **b** @nobody" in shown
    app.text_area(key=f"thread-{made.id}-text").set_value("Settled.")
    button(app, "Resolve").click().run()
    (done,) = thread_lists.listed(db, sample, State.RESOLVED)
    assert [each.text for each in done.comments] == [HOSTILE, "Settled."]
    assert "1 open question" not in links(open_page())
    app = open_page("talk", view="Resolved")
    app.text_input(key="talk-words").set_value("SETTLED").run()
    assert len(app.expander) == 1
    app.text_input(key="talk-words").set_value("nothing").run()
    assert "No thread has these words." in said(app)


def test_a_label_is_talked_about_beside_it(open_page: Open, db: Database, sample: int) -> None:
    app = open_page("guideline")
    label = projects.list_labels(db, sample)[1]
    app.selectbox(key="talk-label").set_value(label.name)
    app.text_area(key="talk-label-text").set_value("Pets, too?")
    button(app, "Send").click().run()
    ((name, (made,)),) = thread_lists.by_label(db, sample).items()
    assert (name, made.comments[0].text) == (label.name, "Pets, too?")
    # By its address the thread is open at once.
    app = open_page("guideline", thread=str(made.id))
    assert app.session_state[f"talk-label-{label.id}"] is True
    assert "Pets, too?" in "".join(each.proto.body for each in app.get("html"))


def test_work_is_shown_to_whom_it_is_told(
    open_page: Open, db: Database, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = documents.list_ids(db, sample)[0]
    for name in ("ada", "=bob()"):
        edit = {"kind": "status", "status": "done", "seq": 1}
        revision = annotations.open_annotation(db, document, name).revision
        sent = [edit | {"base_revision": revision}]
        annotations.apply_operations(db, sample, document, name, name, sent)
    (table,) = open_page("team", view="Who did what").dataframe
    shown = table.value
    assert list(shown["Person"]) == ["'=bob()", "ada"]
    assert list(shown["Documents"]) == [1, 1]
    assert "'=bob()" in view.as_csv(ledger.read(db, sample))
    # Who signs in and is no admin sees a row of their own, if any.
    accounts.add(db, "root", Role.ADMIN)
    accounts.add(db, "ada", Role.REVIEWER)
    token = begin(db, "ada")
    monkeypatch.setattr(session, "token", lambda: token)
    (table,) = open_page("team", view="Who did what").dataframe
    assert list(table.value["Person"]) == ["ada"]


def test_a_run_and_its_cells_are_talked_about_on_the_report(
    open_page: Open, db: Database, sample: int, make_run
) -> None:
    run = make_run(RunState.DONE)
    reported.store(db, sample, run.id)
    about_run = threads.ask(db, sample, about.on_run(run.id), "Why is it worse?")
    about_cell = threads.ask(db, sample, about.on_cell(run.id, "test", "PER", "ORG"), "Ships?")
    for made, key in (
        (about_run, f"talk-run-{run.id}"),
        (about_cell, f"talk-cell-{run.id}-test-PER-ORG"),
    ):
        # As Home links to it.
        place = places.of(threads.get(db, made.id))
        app = open_page("report", **place.params)
        assert (place.page, app.session_state[key]) == ("report.py", True)
        shown = "".join(each.proto.body for each in app.get("html"))
        assert made.comments[0].text in shown
    assert links(open_page())[:1] == ["2 open questions"]
