"""Try it: a sentence and a file, asked of a real tiny model in its own process."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from engine.configuration.settings import Settings
from engine.models import loading
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.runs.spec import RunSpec
from engine.serving import promoting
from pages.widgets.try_it import tryout
from storage import home
from storage.collaboration import assignments
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.runs import reports, suggestions
from storage.serving import versions
from storage.types import Document, Run, RunState, Stage, Status
from tests.engine import tiny
from tests.pages.conftest import REPORT, Open, button, drop, labels, plain, said

TEXT = "Ada met <b>nobody</b> in *Paris*."


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[None]:
    """One model server for all tests here, gone at the end."""
    tryout.server.cache_clear()
    yield
    tryout.server().stop()
    tryout.server.cache_clear()


NAMES = ("PER", "LOC")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_base(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def model(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with a random head that marks every word."""
    loaded = loading.load_base(base, NAMES)
    with torch.no_grad():
        loaded.model.classifier.weight.normal_(0, 3)
        # Whatever chance made of the rest, no word is outside of every span.
        loaded.model.classifier.bias[0] = -1000
    folder = tmp_path_factory.mktemp("trained") / MODEL
    checkpoints.write_whole(folder, lambda draft: loading.save(loaded, draft))
    return folder


@pytest.fixture
def run(db: Database, make_run: Callable[..., Run], base: Path, model: Path) -> Run:
    """A finished run that has the model."""
    made = make_run(RunState.DONE)
    folder = home.run_folder(made.folder)
    asked = Settings(max_length=24, stride=8)
    own: dict[str, Any] = {"folder": made.folder}
    spec.write(folder, RunSpec(made.id, made.project_id, "p", NAMES, str(base), asked, **own))
    # By the times of its files a page knows a model that it has read.
    shutil.copytree(model, folder / MODEL, copy_function=shutil.copyfile)
    reports.store_report(db, made.id, REPORT, {})
    return made


def ask(app: AppTest, text: str = TEXT) -> AppTest:
    app.text_area(key="sentence").set_value(text).run()
    assert not app.exception
    return app


def drawn(app: AppTest) -> str:
    return "".join(html.proto.body for html in app.get("html") if "ws-text" in html.proto.body)


def test_without_a_model_the_page_says_what_to_do(open_page: Open, sample: int) -> None:
    app = open_page("try")
    assert "There is no model yet" in app.info[0].value
    assert not app.text_area


def test_the_model_of_another_database_is_not_asked(open_page: Open, run: Run) -> None:
    folder = home.run_folder(run.folder)
    spec.write(folder, replace(spec.read(folder), folder="1-ofanother"))
    app = open_page("try")
    assert "another database that shares this home" in plain(app.error[0].value)
    assert not app.text_area


@pytest.mark.long
def test_the_first_click_asks_about_the_sentence_that_stands_in_the_empty_field(
    open_page: Open, run: Run
) -> None:
    app = open_page("try")
    example = app.text_area(key="sentence").placeholder
    button(app, "See what the model says").click().run()
    assert app.text_area(key="sentence").value == example
    assert "Gothenburg" in drawn(app)


def test_the_first_click_keeps_a_sentence_that_was_written(open_page: Open, run: Run) -> None:
    app = ask(open_page("try"))
    button(app, "See what the model says").click().run()
    assert app.text_area(key="sentence").value == TEXT


def test_a_sentence_comes_back_with_its_spans_drawn_as_text(open_page: Open, run: Run) -> None:
    app = open_page("try")
    assert "F1 0.72 on its test documents" in said(app)
    seen = drawn(ask(app))
    assert 'class="ws-span' in seen
    assert "&lt;b&gt;" in seen and "<b>" not in seen
    assert "how sure the model is" in said(app)
    table = app.dataframe[0].value
    assert set(table["label"]) <= {"PER", "LOC"}
    assert all(text in TEXT for text in table["text"])


def test_a_model_that_cannot_be_read_is_a_sentence_and_the_text_stays(
    open_page: Open, run: Run
) -> None:
    (home.run_folder(run.folder) / MODEL / "model.safetensors").write_bytes(b"")
    app = ask(open_page("try"))
    assert app.error
    assert app.text_area(key="sentence").value == TEXT


def test_a_sentence_that_the_model_gets_wrong_goes_into_the_project(
    open_page: Open, db: Database, run: Run, sample: int
) -> None:
    app = ask(open_page("try"))
    before = documents.count_documents(db, sample)
    button(app, "This is wrong").click().run()
    assert documents.count_documents(db, sample) == before + 1
    landed = documents.get_document(db, documents.newest_id(db, sample))
    assert (landed.text, landed.status, landed.name) == (TEXT, Status.UNTOUCHED, "tried")
    assert "as a sentence to label" in said(app) and "This is wrong" not in labels(app)
    suggested = suggestions.of_document(db, landed.id)
    table = app.dataframe[0].value
    assert suggested.run == run.id and len(suggested.spans) == len(table) > 0
    assert {landed.text[span.start : span.end] for span in suggested.spans} == set(table["text"])
    assert leads(app, "Label it now") == f"document={landed.id}"
    # The next text has a click of its own; one that is there already is led to.
    ask(app, f"{TEXT} Again.")
    assert "This is wrong" in labels(app)
    again = ask(open_page("try"))
    button(again, "This is wrong").click().run()
    assert "has this sentence already" in said(again)
    assert leads(again, "Open it") == f"document={landed.id}"
    assert documents.count_documents(db, sample) == before + 1


def test_the_live_model_comes_first_and_says_so(
    open_page: Open, db: Database, run: Run, make_run: Callable[..., Run]
) -> None:
    newer = make_run(RunState.DONE)
    assert picker(open_page("try")).value == newer.id, "where none is live, the newest"
    promoting.promote(db, run.id, Stage.LIVE)
    app = open_page("try")
    assert picker(app).value == run.id and "· live ·" in plain(picker(app).options[0])
    assert "This model is live." in said(app)
    app = open_page("try", run=str(newer.id))
    assert picker(app).value == newer.id and "Not the live model." in said(app)


def test_what_is_no_longer_the_model_that_was_promoted_is_not_asked_as_such(
    open_page: Open, db: Database, run: Run
) -> None:
    versions.promote(db, run.id, Stage.LIVE, "d" * 64)
    app = open_page("try")
    assert "is not the one that was promoted" in plain(app.error[0].value) and not app.text_area


def picker(app: AppTest):
    return next(box for box in app.selectbox if box.label == "Model")


def leads(app: AppTest, label: str) -> str:
    """Return the query of the page's link with this label."""
    link = next(each for each in app.get("page_link") if each.proto.label == label)
    return link.proto.query_string


def test_a_file_comes_out_labelled_in_the_format_that_was_chosen(open_page: Open, run: Run) -> None:
    app = open_page("try")
    app.segmented_control(key="what").set_value("A file").run()
    drop(app, ("letters.txt", f"{TEXT}\nEmmy slept.\n".encode()), purpose="try")
    next(box for box in app.selectbox if box.label == "Write it as").select("doccano").run()
    button(app, "Label 2 documents").click().run()
    assert not app.exception
    download = app.get("download_button")[0].proto
    assert download.label == "Download 2 labelled documents"
    assert "in 2 documents" in app.success[0].value


def test_a_file_that_cannot_be_read_is_a_sentence(open_page: Open, run: Run) -> None:
    app = open_page("try")
    app.segmented_control(key="what").set_value("A file").run()
    drop(app, ("bad.jsonl", b'{"text": \n'), purpose="try")
    assert app.error
    assert not any(label.startswith("Label") for label in labels(app))


def test_a_model_of_another_project_cannot_be_named_in_the_address(
    open_page: Open, db: Database, run: Run
) -> None:
    other = projects.create_project(db, "Other")
    app = open_page("try", project=str(other.id), run=str(run.id))
    assert "There is no model yet" in app.info[0].value


def test_a_model_says_nothing_of_a_text_that_is_labelled_blind(
    open_page: Open, db: Database, run: Run
) -> None:
    documents.add_documents(db, run.project_id, [Document(TEXT)], "ada")
    assignments.set_dealing(db, run.project_id, 1, "bare")
    assert documents.newest_id(db, run.project_id) in assignments.take(
        db, run.project_id, settings.annotator(db), 10_000
    )
    app = ask(open_page("try"))
    assert "from the text alone" in app.info[0].value
    assert not app.get("html") or TEXT not in drawn(app)
