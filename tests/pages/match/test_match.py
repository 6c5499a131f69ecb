"""The Match page: what it says before there is something to ask, and what the browser gets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pages.widgets.match import asking
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.runs import reports, runs
from storage.types import RunState
from tests.pages.conftest import Open, button, drop, labels, plain, said

REPORT = {
    **{"items": 3, "threshold": None, "highest": 1.0, "dev": None, "test": None},
    "index": {"kind": "exact", "recall": 1.0},
}
HOSTILE = "<script>alert(1)</script> *never* $x$"


class Server:
    """Stands for the model server: every text has one answer, of a score as long as it is."""

    def warm_catalogue(self, catalogue: Path) -> None:
        """Load nothing."""

    def match(self, folder: Any, queries: list[str], **asked: Any) -> list[dict[str, Any]]:
        word = {"start": 0, "end": 3, "word": "x", "same": True}
        answer = {"id": "i1", "text": HOSTILE, "score": 0.4, "words": [word], "because": ""}
        answer["good"] = True
        return [{"query": query, "answers": [answer], "good": 1} for query in queries]


@pytest.fixture
def project(db: Database) -> int:
    made = projects.create_project(db, "help", "pairs")
    projects.add_labels(db, made.id, ["match", "no match"])
    settings.put(db, "last_project", made.id)
    return made.id


def mounted(app: Any) -> dict[str, Any]:
    shown = app.get("bidi_component")
    [found] = [each for each in shown if each.proto.component_name == "whetstone_match"]
    return json.loads(found.proto.json)


def test_a_project_of_one_text_is_told_what_match_needs(open_page: Open, sample: int) -> None:
    app = open_page("match")
    assert "labels one text at a time" in plain(app.info[0].value)
    assert not app.text_area


def test_a_catalogue_is_loaded_and_asked(
    open_page: Open, db: Database, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "server", Server)
    app = open_page("match")
    assert "Load a catalogue first" in said(app).replace("*", "")
    content = f"id,answer,note\n1,{HOSTILE},a\n2,Yes,b\n2,No,c\n4,No,d\n".encode()
    drop(app, ("answers.csv", content), purpose="catalogue")
    assert "1 row with the text of another" in said(app)
    assert "1 item with an id that another one has" in said(app)
    button(app, "Read 3 items").click().run()
    [run] = runs.list_runs(db, project)
    assert "answers.csv waits to be read" in said(app)
    reports.store_report(db, run.id, REPORT, {})
    runs.set_state(db, run.id, RunState.DONE)
    app.run()
    assert "3 items · the untrained encoder finds them" in said(app)
    app.text_area[0].set_value("Why?").run()
    sent = mounted(app)
    [group] = sent["groups"]
    [answer] = group["answers"]
    assert (group["query"], group["good"], answer["text"]) == ("Why?", 1, HOSTILE)
    assert (sent["accept"], sent["reject"]) == ("match", "no match")
    # A threshold of a person's own: now there is no good answer.
    app.number_input[0].set_value(0.5).run()
    assert mounted(app)["groups"][0]["good"] == 0
    assert "Delete it for good" in labels(app)


def test_answers_leave_as_a_table_and_as_objects() -> None:
    found = Server().match(None, ["a", "b"])
    assert asking.as_csv(found, 0.5).decode("utf-8-sig").splitlines()[1:] == [
        f"a,1,i1,{HOSTILE},0.4,0",
        f"b,1,i1,{HOSTILE},0.4,0",
    ]
    first = json.loads(asking.as_jsonl(found, None).splitlines()[0])
    assert first["answers"] == [{"id": "i1", "text": HOSTILE, "score": 0.4, "good": True}]
