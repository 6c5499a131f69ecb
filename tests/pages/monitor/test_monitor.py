"""The Monitor page: what it says before there is something, alarms, and what becomes of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pages.widgets.common.errors import literal
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.monitors import alarms, monitors, texts
from storage.monitors.alarms import AlarmState, StoredAlarm
from storage.runs import runs
from storage.types import RunState, Source, Span
from tests.pages.conftest import Open, button, plain, said

HOSTILE = "<b>app</b> *$x$*"
DAY = date(2026, 3, 1)


def watched(db: Database) -> int:
    """Make a monitor of sixty days, with a surge on the last, and return its alarm."""
    project = projects.create_project(db, "Topics", "classes").id
    settings.put(db, "last_project", project)
    projects.add_labels(db, project, [HOSTILE])
    run = runs.create_run(db, project, {"base": "bundled"}).id
    runs.set_state(db, run, RunState.DONE)
    monitor = monitors.create(db, project, "reviews", monitors.Watching("/none.csv", run)).id
    mark = Span(0, 0, HOSTILE, source=Source.MODEL, score=0.9)
    new = [
        texts.DatedText(f"{back}-{n}", day, f"<i>{back} {n}", None, (mark,), (), back < 20)
        for back in range(60)
        for day in [DAY - timedelta(days=back)]
        for n in range(2 if back else 9)
    ]
    cells = [("", ""), (HOSTILE, "")]
    told = {"undated": 3, "first_undated": "soon", "note": "", "left": 0}
    later = "2999-01-01T00:00:00+00:00"
    texts.add(db, monitor, new, lambda _: cells, signature="", next_at=later, told=told)
    found = StoredAlarm("surge", HOSTILE, "", DAY, 9, 2.0, 0.0001, "9 texts where 2 were expected")
    return alarms.add(db, monitor, [found], [("email", "ada@example.org")])[0].id


def test_without_a_model_it_says_what_is_needed(open_page: Open, sample: int) -> None:
    app = open_page("monitor")
    assert "train one first" in plain(app.info[0].value)


def test_an_alarm_is_opened_as_documents_and_acknowledged(open_page: Open, db: Database) -> None:
    number = watched(db)
    app = open_page("monitor")
    assert "3 rows without a date left out" in said(app)
    assert "such as 'soon'" in plain(app.warning[0].value)
    assert len(app.dataframe[0].value) == 1
    monitor = alarms.get(db, number).monitor
    app.session_state[f"alarms-{monitor}-1"] = {
        "selection": {"rows": [], "columns": [], "cells": [[0, "what"]]}
    }
    app.run()
    assert not app.exception
    assert "9 texts where 2 were expected" in plain(said(app))
    assert any(literal(HOSTILE) in each.value for each in app.markdown)
    project = settings.get(db, "last_project")
    assert documents.count_documents(db, project) == 9
    app.run()
    assert documents.count_documents(db, project) == 9
    button(app, "Acknowledge").click().run()
    assert alarms.get(db, number).state is AlarmState.ACKNOWLEDGED
    assert alarms.take_due(db, "2999") is None


@pytest.mark.long
def test_it_warns_where_texts_are_of_another_world_and_another_model_is_chosen(
    open_page: Open, db: Database
) -> None:
    monitor = alarms.get(db, watched(db)).monitor
    project = settings.get(db, "last_project")
    other = runs.create_run(db, project, {"base": "bundled"}).id
    runs.set_state(db, other, RunState.DONE)
    app = open_page("monitor")
    assert "are unlike all that the model learned from" in said(app)
    button(app, "Add the newest 47 texts of these to the documents").click().run()
    assert documents.count_documents(db, project) == 47
    model = next(each for each in app.selectbox if each.label == "Topics by")
    model.set_value(other).run()
    zone = next(each for each in app.text_input if each.label.startswith("Days begin"))
    zone.set_value("Nowhere").run()
    button(app, "Save").click().run()
    assert "There is no time zone" in plain(app.error[0].value)
    zone.set_value("Europe/Berlin").run()
    button(app, "Save").click().run()
    now = monitors.get(db, monitor)
    assert (now.watching.run, now.watching.timezone) == (other, "Europe/Berlin")
    assert texts.keys(db, monitor) == [], "another model reads all of them anew"
