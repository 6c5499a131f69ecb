"""The form of the Train page: recipes by name, every setting, and what cannot be learned."""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Radio

from engine import tasks
from engine.configuration import recipes, settings, timing
from engine.configuration.bases import Shape
from engine.configuration.settings import Settings
from pages.widgets.train import knobs
from storage.corpus import documents, projects
from storage.corpus.projects import form_key
from storage.corpus.staging import staged
from storage.database import settings as settings_
from storage.database.connection import Database
from storage.journal import annotations
from storage.runs import reports, runs
from storage.types import Document, Run, RunState, Span, Split, Status
from tests.pages.conftest import REPORT, Open, button, plain, said
from tests.storage.conftest import sentence

BUNDLED = Shape(384, 6)


@pytest.fixture
def page(open_page: Open, sample: int) -> AppTest:
    """The Train page of the sample project, without a run yet."""
    return open_page("train")


def knob(app: AppTest, sample: int, name: str):
    key = f"set-{sample}-{name}"
    return next(w for w in [*app.number_input, *app.selectbox] if w.key == key)


def suggested(db: Database, sample: int, name: str, **values: Any) -> Settings:
    """Return what a recipe is for the sample project, computed beside the page."""
    done = annotations.current(db, sample, split=Split.TRAIN, statuses=(Status.DONE,))
    data = recipes.Data.of(list(done), BUNDLED)
    return recipes.choose(name, data, **values)


def newest(db: Database) -> Run:
    return runs.list_runs(db)[0]


def stored(run: Run) -> Settings:
    return settings.settings_from({k: run.settings[k] for k in asdict(Settings())})


def test_a_browser_that_still_shows_an_older_estimate_changes_no_recipe(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.radio[0].set_value("quick").run()
    older = "**Balanced** · about\u00a07\u00a0hours"
    with monkeypatch.context() as browser:
        sent = property(lambda radio: WidgetState(id=radio.id, string_value=older))
        browser.setattr(Radio, "_widget_state", sent)
        page.run()
    assert not page.error
    assert page.radio[0].value == "quick"
    assert not button(page, "Start training").disabled


@pytest.mark.parametrize(
    "name",
    [
        name if name in ("balanced", "classic") else pytest.param(name, marks=pytest.mark.long)
        for name in recipes.RECIPES
    ],
)
def test_a_recipe_is_picked_by_name_and_is_what_the_run_gets(
    page: AppTest, db: Database, sample: int, name: str
) -> None:
    assert page.radio[0].value == "balanced"
    page.radio[0].set_value(name).run()
    button(page, "Start training").click().run()
    assert stored(newest(db)) == suggested(db, sample, name)
    assert newest(db).settings["recipe"] == name


def times(app: AppTest) -> dict[str, str]:
    """Return what every recipe says of its time."""
    found = [plain(option).split(" · ") for option in app.radio[0].options]
    return {name.strip("*").lower(): words for name, words in found}


def test_every_recipe_says_what_it_is_and_how_long_it_takes(page: AppTest) -> None:
    assert list(page.radio[0].proto.captions) == [r.about for r in recipes.RECIPES.values()]
    assert list(times(page)) == list(recipes.RECIPES)
    assert all(re.match("about|less than a minute", words) for words in times(page).values())
    assert "Times estimated from how fast this computer calculates." in said(page)


def test_times_follow_from_the_newest_run_that_ended_here(
    open_page: Open, db: Database, sample: int, make_run: Callable[..., Run]
) -> None:
    slow = {"words_per_second": 20.0, "train_seconds": 200.0, "eval_seconds": 1.0}
    run = make_run()
    reports.store_report(db, run.id, {**REPORT, **slow}, {})
    runs.set_state(db, run.id, RunState.DONE)
    app = open_page("train")
    assert "Times as run 1 measured them on this computer." in said(app)
    done = list(annotations.current(db, sample, statuses=(Status.DONE,)))
    words = [sum(len(d.tokens) for d in done if d.split is s) for s in (Split.DEV, Split.TEST)]
    wanted = suggested(db, sample, "quick")
    data = recipes.Data.of([d for d in done if d.split is Split.TRAIN], BUNDLED)
    pace = timing.of_run(runs.get_run(db, run.id), {**REPORT, **slow}, BUNDLED)
    expected = timing.in_words(timing.seconds(wanted, data, (words[0], words[1]), pace))
    assert times(app)["quick"] == expected
    assert expected.startswith("about"), "at 20 words a second it takes a while"


def test_a_run_that_goes_to_a_cluster_has_no_time_but_its_epochs(
    page: AppTest, db: Database, sample: int
) -> None:
    knob(page, sample, "launcher").set_value("ray").run()
    assert "With these: " in said(page)
    epochs = suggested(db, sample, "balanced").epochs
    assert f"{epochs} epochs" in said(page)


def test_what_was_chosen_is_there_after_a_restart(
    page: AppTest, open_page: Open, db: Database, sample: int
) -> None:
    page.radio[0].set_value("quick").run()
    page.selectbox(key="base_kind").select("folder").run()
    page.text_input(key="base_folder").set_value("/models/mine").run()
    knob(page, sample, "batch_size").set_value(7).run()
    again = open_page("train")
    assert again.radio[0].value == "quick"
    assert again.selectbox(key="base_kind").value == "folder"
    assert again.text_input(key="base_folder").value == "/models/mine"
    assert knob(again, sample, "batch_size").value == 7


def test_every_project_has_a_choice_of_its_own(
    page: AppTest, open_page: Open, db: Database, sample: int
) -> None:
    page.radio[0].set_value("best").run()
    page.selectbox(key="base_kind").select("hub").run()
    other = projects.create_project(db, "other").id
    given = [sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(30)]
    documents.bring_in(db, documents.Target(other, "other", "ada"), staged(given))
    page.run().sidebar.selectbox[0].select(other).run()
    assert page.radio[0].value == "balanced"
    assert page.selectbox(key="base_kind").value == "bundled"
    page.sidebar.selectbox[0].select(sample).run()
    assert page.radio[0].value == "best"
    assert page.selectbox(key="base_kind").value == "hub"


def test_what_this_version_does_not_know_of_a_choice_is_left_out(
    open_page: Open, db: Database, sample: int
) -> None:
    typed = {"epochs": 3, "speed": 9, "batch_size": "many", "clip": -1.0}
    odd = {"recipe": "fastest", "kind": 7, "hub": None, "typed": typed, "more": 1}
    settings_.put(db, form_key(sample), odd)
    app = open_page("train")
    assert app.radio[0].value == "balanced"
    assert "changed from balanced: Epochs 3." in said(app)
    settings_.put(db, form_key(sample), "nothing of ours")
    assert "changed from" not in said(open_page("train"))


def test_every_setting_can_be_seen_and_has_its_own_range(
    page: AppTest, db: Database, sample: int
) -> None:
    fields, wanted = settings.knobs(), suggested(db, sample, "balanced")
    assert set(knobs.KNOBS) == set(fields)
    asked = {each.key for each in [*page.number_input, *page.selectbox]}
    ignored = set(tasks.get("spans").ignores) | knobs.OF_SEVERAL
    assert ignored and not asked & {f"set-{sample}-{name}" for name in ignored}
    for name, field in fields.items():
        if name in ignored:
            continue
        shown = knob(page, sample, name)
        assert shown.value == getattr(wanted, name), name
        if field.metadata["kind"] is not str:
            assert (shown.min, shown.max) == (field.metadata["low"], field.metadata["high"]), name


def test_an_edited_value_makes_the_settings_ones_own(
    page: AppTest, db: Database, sample: int
) -> None:
    knob(page, sample, "epochs").set_value(3).run()
    assert "changed from balanced: Epochs 3" in said(page)
    button(page, "Start training").click().run()
    expected = replace(suggested(db, sample, "balanced"), epochs=3, recipe="")
    assert stored(newest(db)) == expected


def test_the_suggested_value_typed_again_is_no_change(
    page: AppTest, db: Database, sample: int
) -> None:
    before = knob(page, sample, "epochs").value
    knob(page, sample, "epochs").set_value(3).run()
    knob(page, sample, "epochs").set_value(before).run()
    assert "changed from" not in said(page)
    button(page, "Start training").click().run()
    assert newest(db).settings["recipe"] == "balanced"


def test_where_a_run_runs_does_not_make_it_another_recipe(
    page: AppTest, db: Database, sample: int
) -> None:
    knob(page, sample, "device").set_value("cpu").run()
    knob(page, sample, "processes").set_value(2).run()
    button(page, "Start training").click().run()
    assert newest(db).settings["recipe"] == "balanced"
    assert (newest(db).settings["device"], newest(db).settings["processes"]) == ("cpu", 2)


def test_adapters_bring_the_rate_that_they_need(page: AppTest, db: Database, sample: int) -> None:
    knob(page, sample, "peft").set_value("lora").run()
    rate = suggested(db, sample, "balanced", peft="lora").learning_rate
    assert rate != suggested(db, sample, "balanced").learning_rate
    assert knob(page, sample, "learning_rate").value == rate


def test_another_recipe_resets_the_values(page: AppTest, db: Database, sample: int) -> None:
    knob(page, sample, "epochs").set_value(3).run()
    page.radio[0].set_value("classic").run()
    assert knob(page, sample, "epochs").value == suggested(db, sample, "classic").epochs
    page.radio[0].set_value("balanced").run()
    assert knob(page, sample, "epochs").value == suggested(db, sample, "balanced").epochs


def test_what_was_typed_outlives_other_widgets_other_pages_and_a_started_run(
    page: AppTest, sample: int
) -> None:
    page.radio[0].set_value("quick").run()
    knob(page, sample, "batch_size").set_value(7).run()
    page.selectbox(key="base_kind").select("folder").run()
    assert knob(page, sample, "batch_size").value == 7
    page.selectbox(key="base_kind").select("bundled").run()
    page.switch_page("data.py").run()
    page.switch_page("train.py").run()
    assert page.radio[0].value == "quick"
    assert knob(page, sample, "batch_size").value == 7
    button(page, "Start training").click().run()
    assert knob(page, sample, "batch_size").value == 7


def test_settings_that_do_not_go_together_are_a_sentence_and_cannot_start(
    page: AppTest, sample: int
) -> None:
    knob(page, sample, "max_length").set_value(32).run()
    assert "The stride of 32 is too large for windows of 32" in plain(page.error[0].value)
    assert button(page, "Start training").disabled
    button(page, "Undo the changes").click().run()
    assert not page.error
    assert not button(page, "Start training").disabled


def test_a_smaller_sample_gets_the_epochs_of_less_data(
    page: AppTest, db: Database, sample: int
) -> None:
    before = knob(page, sample, "epochs").value
    knob(page, sample, "limit").set_value(40).run()
    assert knob(page, sample, "epochs").value > before


def test_a_search_is_started_with_its_number_of_trials(
    page: AppTest, db: Database, sample: int
) -> None:
    page.number_input(key="trials").set_value(5).run()
    button(page, "Start the search").click().run()
    assert newest(db).settings["trials"] == 5
    assert newest(db).settings["learning_rate"] == suggested(db, sample, "balanced").learning_rate


def test_what_cannot_be_learned_is_said_with_its_reason_and_a_link_to_each_span(
    open_page: Open, db: Database
) -> None:
    project = projects.create_project(db, "overlaps", allow_overlaps=True)
    spans = (Span(0, 15, "ORG"), Span(8, 15, "LOC"), Span(5, 6, "MISC"), Span(4, 7, "PER"))
    tokens = ((0, 4), (5, 7), (8, 15))
    document = Document("Bank of England", tokens, spans, Split.TRAIN, status=Status.DONE)
    documents.add_documents(db, project.id, [document], "ada")
    app = open_page("train")
    assert any("3 spans cannot be learned as they are" in e.label for e in app.expander)
    assert "3 spans left out of training" in said(app)
    assert "2 spans left out, overlapping a longer one" in said(app)
    links = [link.proto for link in app.get("page_link") if "(LOC)" in plain(link.proto.label)]
    assert len(links) == 1
    assert "start=8" in links[0].query_string
    assert "end=15" in links[0].query_string


def test_labels_that_are_not_learned_are_named_before_the_start(
    page: AppTest, open_page: Open, db: Database, sample: int
) -> None:
    assert "left out: no sentence" not in said(page)
    projects.add_labels(db, sample, ["GHOST*", "RIVER"])
    tokens, spans = ((0, 4),), (Span(0, 4, "RIVER"),)
    river = Document("Elbe", tokens, spans, Split.DEV, status=Status.DONE)
    documents.add_documents(db, sample, [river], "ada")
    words = said(open_page("train"))
    assert "The label GHOST* is left out: no document to learn from has it." in words
    assert "The label RIVER cannot be learned: it is given once in dev and test" in words


def test_a_folder_that_is_no_whole_model_is_a_sentence_and_starts_nothing(
    page: AppTest, db: Database, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text("[]")
    page.selectbox(key="base_kind").select("folder").run()
    page.text_input(key="base_folder").set_value(str(tmp_path)).run()
    button(page, "Start training").click().run()
    assert "does not name a model_type" in plain(page.error[0].value)
    assert runs.list_runs(db) == []
