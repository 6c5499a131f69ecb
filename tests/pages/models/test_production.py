"""What a served model was asked: kept if chosen, brought in, first in its own queue; and keys."""

from __future__ import annotations

import pytest

from engine.serving.running import places
from engine.serving.running.places import Place
from pages.widgets.models import api_keys
from storage import home
from storage.corpus import documents
from storage.database.connection import Database
from storage.finding import search
from storage.finding.search import Search
from storage.serving import kept, keys
from tests.pages.conftest import Open, button, labels, plain, said
from tests.storage.serving.test_kept import asked

PRODUCTION = {"view": "From production"}


@pytest.fixture
def waiting(db: Database, sample: int) -> None:
    """Three texts that a served model was asked; two are worth a look."""
    kept.keep_for(db, sample, 30)
    kept.add(db, sample, 1, [asked("sure"), asked("hm", 0.4), asked("what", 0.9, True)])


def test_keeping_is_off_and_a_choice_counts_once_it_is_saved(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("models", **PRODUCTION)
    assert not app.toggle[0].value and "Nothing that is asked is kept." in said(app)
    app.toggle[0].set_value(True).run()
    app.number_input[0].set_value(7).run()
    assert "stored in this project for 7 days" in said(app) and kept.days(db, sample) == 0
    button(app, "Keep them for 7 days").click().run()
    assert kept.days(db, sample) == 7 and "Keep them for 7 days" not in labels(app)


def test_keeping_nothing_says_first_what_that_deletes(
    open_page: Open, db: Database, sample: int, waiting: None
) -> None:
    app = open_page("models", **PRODUCTION)
    app.toggle[0].set_value(False).run()
    assert "2 texts" in app.warning[0].value and kept.waiting(db, sample).texts == 2
    button(app, "Keep nothing, and forget what is kept").click().run()
    assert (kept.days(db, sample), kept.waiting(db, sample).texts) == (0, 0)


def test_what_waits_is_brought_in_at_a_click_and_found_by_its_name(
    open_page: Open, db: Database, sample: int, waiting: None
) -> None:
    app = open_page("models", **PRODUCTION)
    assert "2 texts wait**: 2 doubtful, 1 unlike" in said(app)
    button(app, "Bring 2 in").click().run()
    assert "2 brought in: 2 doubtful, 1 unlike" in said(app) and "Bring 2 in" not in labels(app)
    assert "No text waits" not in said(app)
    found = search.ids(db, sample, Search(text="production"))
    assert {documents.get_document(db, id).text for id in found} == {"hm", "what"}
    (link,) = [each for each in app.get("page_link") if each.proto.label == "Label them"]
    assert link.proto.query_string == "queue=production"


def test_home_says_that_texts_wait_and_tag_brings_them_in(
    open_page: Open, db: Database, sample: int, waiting: None
) -> None:
    (link,) = [
        each for each in open_page("home").get("page_link") if "production" in each.proto.label
    ]
    assert link.proto.label == "2 texts from production wait"
    app = open_page("tag", queue="production")
    assert app.info[0].value.startswith("Nothing that came from production")
    button(app, "Bring 2 in").click().run()
    tagged = documents.get_document(db, app.session_state["document"])
    assert not app.info and tagged.text == "what", "the most doubtful comes first"
    assert not any("production" in each.proto.label for each in open_page("home").get("page_link"))


def test_without_such_texts_tag_does_not_name_the_queue(open_page: Open, sample: int) -> None:
    (kinds,) = [each for each in open_page("tag").radio if each.label == "What to tag next"]
    assert "From production" not in kinds.options


def test_a_key_is_shown_once_listed_without_its_secret_and_revoked(
    open_page: Open, db: Database, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    # A dialog of its own is for a real browser; what it is told is all that it shows.
    monkeypatch.setattr(api_keys, "_tell", lambda key, secret: told.append(secret))
    app = open_page("models", view="Service")
    assert "Without a key the service answers this computer alone" in said(app)
    button(app, "Make a key").click().run()
    assert "has no name" in app.error[0].value
    next(each for each in app.text_input if "Whose key" in each.label).set_value("*shop*")
    button(app, "Make a key").click().run()
    (secret,) = told
    app.run()
    assert secret not in str(app.main) and "*shop*" in plain(said(app))
    assert "not used yet" in said(app)
    button(app, "Revoke this key").click().run()
    assert keys.find(db, sample, [secret]) == {}
    assert "nobody is let in until another one is made" in said(app)


def test_the_service_is_started_and_asked_by_what_the_page_says(
    open_page: Open, db: Database, sample: int
) -> None:
    app = open_page("models", view="Service")
    assert "No model is live yet" in app.info[0].value
    start, line, python = (each.value for each in app.code)
    assert start.endswith("serve --project 'Sample project'")
    assert line.startswith("curl http://localhost:8600/predict") and "Bearer" not in line
    assert python.startswith("from client import Client")
    (download,) = app.get("download_button")
    assert download.proto.label == "Download client.py"
    # One that listens elsewhere, and one that was killed and could not say so.
    place = Place(sample, None, "http://localhost:8642")
    with (
        places.announced(db.url, place),
        places.announced(db.url, Place(sample + 1, None, "http://no")),
    ):
        app = open_page("models", view="Service")
        assert "http://localhost:8642` serves what is live" in said(app)
        assert [each.value.count("http://localhost:8642") for each in app.code] == [1, 1]
    assert not list((home.folder() / places.FOLDER).iterdir())
    (home.folder() / places.FOLDER / "left.json").write_text("{}")
    assert "does not run from this home" in said(open_page("models", view="Service"))
    assert not list((home.folder() / places.FOLDER).iterdir())
    keys.issue(db, sample, "shop")
    _, line, python = (each.value for each in open_page("models", view="Service").code)
    assert "Authorization: Bearer KEY" in line and 'key="KEY"' in python
