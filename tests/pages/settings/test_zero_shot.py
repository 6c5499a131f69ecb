"""The zero-shot model: named on Settings, where texts would go is said, asked at a click."""

from __future__ import annotations

import pytest

from engine.runner.zero_shot import choice, passes
from engine.zero_shot.model import ENDPOINT, ZeroShotModel
from pages.coaching import coach
from storage.corpus import documents
from storage.database.connection import Database
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said
from storage.types import Document, DocumentScore, RunKind, RunState, Span
from tests.engine.zero_shot import server
from tests.engine.zero_shot.server import serving
from tests.pages.conftest import Open, button, plain, said


def fill(app, url: str, name: str = "llama3.1"):
    app.radio(key="zero-shot-kind").set_value(ENDPOINT).run()
    app.text_input(key="zero-shot-url").input(url)
    app.text_input(key="zero-shot-name").input(name)
    return app


def press(app, key: str):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_it_is_off_and_says_what_would_leave_before_it_is_saved(
    open_page: Open, db: Database
) -> None:
    app = open_page("settings")
    assert "Off: nothing is asked." in said(app)
    fill(app, "http://localhost:11434/v1/chat/completions").run()
    assert "**localhost:11434** is this computer: nothing leaves it" in plain(said(app))
    app.text_input(key="zero-shot-url").input("http://api.example.org/v1").run()
    (warning,) = [plain(each.value) for each in app.warning if "Suggest" in each.value]
    assert "To **api.example.org** go, each time somebody presses “Suggest” and never by" in warning
    assert "Without encryption" in warning
    assert choice.chosen(db) == ZeroShotModel(), "nothing is kept before Save"
    app.text_input(key="zero-shot-secret").input("sk-secret")
    app.number_input(key="zero-shot-documents").set_value(50)
    press(app, "save-zero-shot")
    known = choice.chosen(db)
    assert (known.url, known.name, known.documents) == ("http://api.example.org/v1", "llama3.1", 50)
    assert choice.has_key(known)
    again = open_page("settings")
    assert again.text_input(key="zero-shot-secret").value == ""
    assert "sk-secret" not in said(again) + repr(again.text_input)


def test_what_cannot_be_meant_is_said_and_not_saved(open_page: Open, db: Database) -> None:
    app = press(fill(open_page("settings"), "example.org"), "save-zero-shot")
    assert "no address of http" in plain(app.error[0].value)
    app = fill(open_page("settings"), "http://ada:pw@example.org/v1")
    press(app, "save-zero-shot")
    assert "key into its own field" in plain(app.error[0].value)
    assert choice.chosen(db).kind == ""


@pytest.mark.long
def test_it_is_tried_with_a_sentence_of_ours(open_page: Open, db: Database) -> None:
    app = press(fill(open_page("settings"), "http://127.0.0.1:9/v1"), "try-zero-shot")
    assert "Nobody answers at 127.0.0.1:9" in plain(app.error[0].value)
    with serving(server.says(server.names)) as local:
        app = press(fill(open_page("settings"), local.url), "try-zero-shot")
        assert len(local.asked) == 1
    assert "it finds Ada (person)" in plain(app.success[0].value)


@pytest.mark.parametrize("page", ["home", pytest.param("train", marks=pytest.mark.long)])
def test_it_is_asked_at_a_click_that_says_how_much_and_where_to(
    open_page: Open, db: Database, sample: int, page: str
) -> None:
    assert not any("Suggest with" in each.label for each in open_page(page).button)
    choice.choose(db, ZeroShotModel(ENDPOINT, "https://api.example.org/v1", "*big*", requests=70))
    documents.add_documents(db, sample, [Document("Ada slept.")], "ada")
    app = open_page(page)
    words = plain(said(app))
    assert "documents to do, with at most 70 requests and 1,000,000 tokens." in words
    assert "guideline and five examples at most go to **api.example.org**" in words
    assert runs.list_runs(db) == [], "nothing is asked before the click"
    app = press(app, "zero-shot-suggest")
    (run,) = runs.list_runs(db)
    assert (run.kind, run.state) == (RunKind.ZERO_SHOT, RunState.QUEUED)
    button(app, "Stop asking").click().run()
    assert runs.get_run(db, run.id).state is RunState.CANCELLED
    assert "Cancelled" in said(open_page(page))


def test_the_tagger_is_told_who_suggests(db: Database, sample: int) -> None:
    choice.choose(db, ZeroShotModel(ENDPOINT, "http://127.0.0.1:9/v1", "llama3.1"))
    documents.add_documents(db, sample, [Document("Ada slept.")], "ada")
    id = documents.list_ids(db, sample)[-1]
    run = passes.suggest(db, sample)
    spans = (Span(0, 3, "PER", score=0.5),)
    suggestions.put(db, run.id, [Said(DocumentScore(id, None, None, None, None), spans)])
    told = coach.said([id], "ada")[id]
    assert told["maker"] == "zero-shot llama3.1"
    assert [span["label"] for span in told["spans"]] == ["PER"]
