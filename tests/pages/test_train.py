"""The Train page: recipes and their settings, runs and what can be done with them, searches."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from streamlit.testing.v1 import AppTest

from engine import recipes, scoring, settings
from engine.events import Events
from engine.settings import Settings
from pages.widgets import knobs, welcome
from storage import annotations, documents, home, projects, reports, runs
from storage import settings as remembered
from storage.database import Database
from storage.types import Document, Run, RunState, Span, Split, Status
from tests.pages.conftest import Open

BUNDLED_WIDTH = 384


@pytest.fixture
def sample(db: Database) -> int:
    """The sample project, opened."""
    project = welcome.open_sample()
    remembered.put(db, "last_project", project)
    return project


@pytest.fixture
def page(open_page: Open, sample: int) -> AppTest:
    """The Train page of the sample project, without a run yet."""
    return open_page("train")


@pytest.fixture
def make_run(db: Database, sample: int) -> Callable[..., Run]:
    """Make a run that stands as told, without a worker."""

    def make(state: RunState = RunState.RUNNING, message: str = "", **values: object) -> Run:
        known = {"base": "bundled", **asdict(Settings()), **values}
        run = runs.create_run(db, sample, known)
        home.run_folder(run.id).mkdir(parents=True)
        runs.claim_next(db)
        runs.set_state(db, run.id, state, message)
        return runs.get_run(db, run.id)

    return make


def button(app: AppTest, label: str):
    return next(b for b in app.button if b.label == label)


def labels(app: AppTest) -> list[str]:
    return [b.label for b in app.button]


def said(app: AppTest) -> str:
    """Return all captions, warnings and badges as one text, as a person reads them."""
    return "\n".join(plain(e.value) for e in [*app.caption, *app.warning, *app.markdown])


def plain(text: str) -> str:
    return text.replace("\\", "").replace("\u00a0", " ")


def knob(app: AppTest, sample: int, name: str):
    key = f"set-{sample}-{name}"
    return next(w for w in [*app.number_input, *app.selectbox] if w.key == key)


def suggested(db: Database, sample: int, name: str, **values: object) -> Settings:
    """Return what a recipe is for the sample project, computed beside the page."""
    done = annotations.current(db, sample, split=Split.TRAIN, statuses=(Status.DONE,))
    data = recipes.Data.of([len(d.tokens) for d in done], BUNDLED_WIDTH)
    return recipes.choose(name, data, **values)


def newest(db: Database) -> Run:
    return runs.list_runs(db)[0]


def stored(run: Run) -> Settings:
    return settings.settings_from({k: run.settings[k] for k in asdict(Settings())})


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_recipe_is_picked_by_name_and_is_what_the_run_gets(
    page: AppTest, db: Database, sample: int, name: str
) -> None:
    assert page.radio[0].value == "balanced"
    page.radio[0].set_value(name).run()
    button(page, "Start training").click().run()
    assert stored(newest(db)) == suggested(db, sample, name)
    assert newest(db).settings["recipe"] == name


def test_every_recipe_says_in_a_sentence_how_much_it_does(
    page: AppTest, db: Database, sample: int
) -> None:
    captions = [plain(caption) for caption in page.radio[0].proto.captions]
    for caption, recipe in zip(captions, recipes.RECIPES.values(), strict=True):
        epochs = suggested(db, sample, recipe.name).epochs
        assert recipe.about in caption
        assert f"{epochs} epochs" in caption
    assert "3 seeds" in captions[list(recipes.RECIPES).index("best")]


def test_every_setting_can_be_seen_and_has_its_own_range(
    page: AppTest, db: Database, sample: int
) -> None:
    fields, wanted = settings.knobs(), suggested(db, sample, "balanced")
    assert set(knobs.KNOBS) == set(fields)
    for name, field in fields.items():
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


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED])
def test_a_run_that_has_a_checkpoint_can_be_resumed(
    open_page: Open, db: Database, make_run: Callable[..., Run], state: RunState
) -> None:
    run = make_run(state, "the disk died")
    assert "Resume" not in labels(open_page("train"))
    checkpoint = home.run_folder(run.id) / "checkpoints" / "000004"
    checkpoint.mkdir(parents=True)
    app = open_page("train")
    assert "Resume" not in labels(app), "a checkpoint without a manifest is none"
    (checkpoint / "MANIFEST.json").write_text("{}")
    app.run()
    button(app, "Resume").click().run()
    assert [r.id for r in runs.list_runs(db)] == [run.id], "no new run"
    assert newest(db).state is RunState.QUEUED


def test_start_again_makes_a_new_run_with_the_same_settings(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run(RunState.FAILED, "died", epochs=2)
    button(open_page("train"), "Start again").click().run()
    assert newest(db).id != run.id
    assert newest(db).settings == run.settings


def test_a_living_run_can_be_stopped_with_its_best_or_cancelled(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    app = open_page("train")
    assert "Cancel this run" in labels(app)
    button(app, "Stop and keep the best").click().run()
    assert runs.cancel_requested(db, run.id)
    assert runs.cancel_keeps(db, run.id)


def progress(**values: object) -> dict:
    known = {"phase": "training", "epoch": 2, "epochs": 5, "step": 3, "steps": 50, "loss": 0.5}
    return {"kind": "progress", "attempt": 1, **known, **values}


def test_the_progress_of_several_seeds_names_the_seed(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    runs.ingest(db, run.id, 0, 1, [progress(member=2, members=3)])
    text = open_page("train").get("progress")[0].proto.text
    assert "seed 2 of 3 · epoch 2/5" in text


def test_a_run_that_waits_for_disk_space_says_how_much(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    sentence = "The checkpoint needs 90 MB, the disk has 12 MB."
    waiting = progress(phase="waiting for disk space", message=sentence)
    runs.ingest(db, run.id, 0, 1, [waiting])
    assert [plain(w.value) for w in open_page("train").warning] == [sentence]


def test_what_the_runner_says_about_a_living_run_is_a_warning(
    open_page: Open, make_run: Callable[..., Run]
) -> None:
    make_run(message="The worker has been silent for 90 seconds.")
    app = open_page("train")
    assert "silent for 90 seconds" in app.warning[0].value


def test_a_second_attempt_is_shown(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    assert "Attempt" not in said(open_page("train"))
    runs.requeue(db, run.id)
    runs.claim_next(db)
    assert "Attempt 2" in said(open_page("train"))


def charts(app: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("vega_lite_chart")]


def metric(epoch: int, member: int = 1, within: int | None = None) -> dict:
    dev = {"f1": 0.1 * epoch}
    event = {"kind": "metric", "attempt": 1, "epoch": epoch, "loss": 1 / epoch, "dev": dev}
    return event | {"member": member, "within": within or epoch, "seconds": 2.0 * epoch}


def test_dev_f1_is_drawn_by_epoch_and_by_training_time(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    runs.ingest(db, run.id, 0, 1, [metric(1), metric(2)])
    axes = [
        str(chart["layer"][0]["encoding"]["x"]["field"]) for chart in charts(open_page("train"))
    ]
    assert axes == ["epoch", "epoch", "time"]


def test_every_seed_has_a_line_of_its_own(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run(seeds=2)
    runs.ingest(db, run.id, 0, 1, [metric(1), metric(2), metric(3, 2, 1), metric(4, 2, 2)])
    assert "color" in charts(open_page("train"))[1]["layer"][0]["encoding"]


TRIALS = (
    (0, "complete", 1e-4, 8, 0.41),
    (1, "pruned", 1e-2, 8, 0.02),
    (2, "complete", 6e-4, 16, 0.63),
    (3, "running", 5e-4, 4, None),
)


@pytest.fixture
def search(make_run: Callable[..., Run]) -> Run:
    """A search that is done, with its trials in the folder as a worker leaves them."""
    run = make_run(trials=4)
    diary = Events(home.run_folder(run.id))
    for number, state, rate, batch, f1 in TRIALS:
        tried = {"learning_rate": rate, "batch_size": batch, "epochs": 6}
        diary.write("trial", number=number, state="running", settings=tried)
        if state != "running":
            told = {"settings": tried, "f1": f1, "epochs": 6, "seconds": 3.5}
            diary.write("trial", number=number, state=state, **told)
    diary.close()
    return run


def finish(db: Database, run: Run) -> None:
    """End the search as the runner does."""
    report = {"trials": [], "best": {}, "dev": None, "test": None}
    reports.store_report(db, run.id, report, {}, {})
    runs.set_state(db, run.id, RunState.DONE)


def test_the_trials_of_a_search_are_rows_and_the_best_is_named(
    open_page: Open, search: Run
) -> None:
    table = open_page("train").dataframe[0].value
    assert list(table["number"]) == [0, 1, 2, 3]
    assert list(table["note"]) == ["complete", "pruned", "best so far", "running"]
    assert list(table["learning_rate"]) == [1e-4, 1e-2, 6e-4, 5e-4]
    assert list(table["f1"].dropna()) == [0.41, 0.02, 0.63]


def test_trials_are_drawn_by_number_and_by_rate_on_a_log_axis(open_page: Open, search: Run) -> None:
    scales = [chart["encoding"]["x"]["scale"]["type"] for chart in charts(open_page("train"))]
    assert scales == ["linear", "log"]


def test_the_best_trials_settings_fill_the_form(
    open_page: Open, db: Database, sample: int, search: Run
) -> None:
    finish(db, search)
    app = open_page("train")
    button(app, "Use these settings").click().run()
    assert knob(app, sample, "learning_rate").value == 6e-4
    assert knob(app, sample, "batch_size").value == 16
    assert "changed from balanced" in said(app)
    button(app, "Start training").click().run()
    fresh = newest(db)
    assert (fresh.settings["recipe"], fresh.settings["learning_rate"]) == ("", 6e-4)
    assert not fresh.settings.get("trials")


def test_a_search_is_started_with_its_number_of_trials(
    page: AppTest, db: Database, sample: int
) -> None:
    page.number_input(key="trials").set_value(5).run()
    button(page, "Start the search").click().run()
    assert newest(db).settings["trials"] == 5
    assert newest(db).settings["learning_rate"] == suggested(db, sample, "balanced").learning_rate


def test_a_search_is_no_model_and_has_no_report(open_page: Open, db: Database, search: Run) -> None:
    finish(db, search)
    app = open_page("report")
    assert "No run has finished yet" in app.info[0].value
    app.query_params["run"] = str(search.id)
    assert "is a search" in app.run().info[0].value


def test_a_report_over_several_seeds_gives_mean_and_deviation(
    open_page: Open, db: Database, make_run: Callable[..., Run]
) -> None:
    run = make_run()
    right = Document("Oslo sleeps", ((0, 4), (5, 11)), (Span(0, 4, "LOC"),))
    report = {
        "test": scoring.score([right], [right.spans]),
        "dev": None,
        "best_epoch": 4,
        "epochs": 5,
        "train_documents": 10,
        "device": "cpu",
        "seeds": [
            {"seed": 13, "dev": 0.6, "test": 0.59, "best_epoch": 4, "train_seconds": 10.0},
            {"seed": 14, "dev": 0.62, "test": 0.61, "best_epoch": 5, "train_seconds": 11.0},
        ],
        "mean": {
            "dev": {"mean": 0.61, "deviation": 0.0141},
            "test": {"mean": 0.6, "deviation": 0.0141},
        },
    }
    reports.store_report(db, run.id, report, {}, {})
    runs.set_state(db, run.id, RunState.DONE)
    app = open_page("report")
    assert "dev F1 0.610 ± 0.014, test F1 0.600 ± 0.014 over 2 seeds" in said(app)
    assert list(app.dataframe[0].value["note"].fillna("")) == ["", "kept"]


def test_what_cannot_be_learned_is_said_with_its_reason_and_a_link_to_each_span(
    open_page: Open, db: Database
) -> None:
    project = projects.create_project(db, "overlaps", allow_overlaps=True)
    spans = (Span(0, 15, "ORG"), Span(8, 15, "LOC"), Span(5, 6, "MISC"), Span(4, 7, "PER"))
    tokens = ((0, 4), (5, 7), (8, 15))
    document = Document("Bank of England", tokens, spans, "train", status=Status.DONE)
    documents.add_documents(db, project.id, [document], "ada")
    app = open_page("train")
    assert any("3 spans cannot be learned as they are" in e.label for e in app.expander)
    assert "3 spans left out of training" in said(app)
    assert "2 spans left out, overlapping a longer one" in said(app)
    links = [link.proto for link in app.get("page_link") if "(LOC)" in plain(link.proto.label)]
    assert len(links) == 1
    assert "start=8" in links[0].query_string
    assert "end=15" in links[0].query_string
