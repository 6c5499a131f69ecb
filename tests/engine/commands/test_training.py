"""``train`` picks recipes and takes every setting; ``search`` and ``suggest``."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from engine.commands import main
from engine.configuration import recipes
from engine.configuration.bases import Shape
from engine.configuration.settings import Settings
from engine.runner import JobRunner
from engine.runs.events import Events
from storage import home
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.finding import progress
from storage.runs import runs
from storage.types import Run, RunKind, RunState, Split
from tests.engine import tiny
from tests.engine.commands.conftest import Answer, Command, assert_fails

TINY = ("--epochs", 1, "--lr", 0.003, "--device", "cpu", "--threads", 1)
MICRO = {"precision", "recall", "f1", "support"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no worker start: the queued row is all that a test looks at."""
    monkeypatch.setattr(JobRunner, "step", lambda runner: _cancel_all(runner.db))


def _cancel_all(db: Database) -> bool:
    for run in runs.list_runs(db):
        runs.set_state(db, run.id, RunState.CANCELLED, "stopped by the test")
    return True


def newest() -> Run:
    return runs.list_runs(Database.open())[0]


def settings_of_newest() -> dict:
    return dict(newest().settings)


def follow_and_cancel(run: Command, *arguments: object, keep: bool = False) -> Answer:
    """Train run 1 and cancel it as soon as it is at work and has a checkpoint."""
    real, db = JobRunner.step, Database.open()

    def step(runner: JobRunner) -> bool:
        known = next(iter(runs.list_runs(db)[-1:]), None)
        if known and known.state is RunState.RUNNING and checkpoints_of(known):
            runs.request_cancel(db, known.id, keep=keep)
        return real(runner)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JobRunner, "step", step)
        return run("train", *arguments)


def checkpoints_of(run: Run) -> list[Path]:
    return list(home.run_folder(run.folder).glob("checkpoints/0*/MANIFEST.json"))


def make(
    state: RunState,
    message: str = "",
    kind: str = RunKind.TRAINING,
    model_of: int | None = None,
    **values: object,
) -> Run:
    """Make a run of the first project that stands as told, without a worker."""
    db = Database.open()
    wanted = {"base": "bundled", **asdict(Settings()), **values}
    run = runs.create_run(db, 1, wanted, kind, model_of=model_of)
    home.run_folder(run.folder).mkdir(parents=True)
    runs.claim_next(db)
    runs.set_state(db, run.id, state, message)
    return runs.get_run(db, run.id)


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_recipe_is_taken_by_name(
    run: Command, project: str, base: Path, asked: None, name: str
) -> None:
    run("train", "--project", project, "--base", base, "--recipe", name)
    chosen = recipes.choose(name, recipes.Data(24, 0, 24, 0, Shape(32, 2)))
    assert settings_of_newest()["recipe"] == name
    assert settings_of_newest()["seeds"] == chosen.seeds


def test_without_a_name_the_recipe_is_balanced(
    run: Command, project: str, base: Path, asked: None
) -> None:
    run("train", "--project", project, "--base", base, "--seed", 4, "--device", "cpu")
    found = settings_of_newest()
    assert (found["recipe"], found["seed"], found["device"]) == ("balanced", 4, "cpu")


def test_every_option_reaches_the_settings(
    run: Command, project: str, base: Path, asked: None
) -> None:
    given = {
        "epochs": 2,
        "lr": 0.002,
        "batch": 4,
        "patience": 3,
        "seed": 5,
        "seeds": 2,
        "peft": "lora",
        "device": "cpu",
        "threads": 1,
        "processes": 2,
        "launcher": "ray",
        "limit": 9,
    }
    options = [part for name, value in given.items() for part in (f"--{name}", value)]
    others = ("--set", "label-smoothing=0.1", "--set", "dropout=none")
    run("train", "--project", project, "--base", base, *options, *others)
    names = {"lr": "learning_rate", "batch": "batch_size"}
    wanted = {names.get(name, name): value for name, value in given.items()}
    wanted |= {"label_smoothing": 0.1, "dropout": None, "recipe": ""}
    found = settings_of_newest()
    assert {name: found[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--recipe", "fast"), "'fast' is unknown; choose from quick"),
        (("--set", "speed=2"), "'speed' is unknown"),
        (("--set", "clip"), "write for example --set clip=0.5"),
        (("--set", "epochs=many"), "give a whole number"),
        (("--peft", "prefix"), "'prefix' is unknown; choose from none, lora, adalora"),
        (("--launcher", "cloud"), "choose from local, ray"),
        (("--processes", 0), "from 1 to"),
    ],
)
def test_a_bad_option_is_one_sentence_and_queues_nothing(
    run: Command, project: str, options: tuple, words: str
) -> None:
    assert_fails(run("train", "--project", project, *options), words)
    assert runs.list_runs(Database.open()) == []


def test_the_report_of_several_seeds_is_passed_through(
    run: Command, project: str, base: Path
) -> None:
    options = (*TINY, "--seeds", 2, "--seed", 7)
    trained = run("train", "--project", project, "--base", base, *options)
    assert trained.code == 0, trained.error
    found = trained.payload
    assert [member["seed"] for member in found["seeds"]] == [7, 8]
    assert set(found["mean"]["dev"]) == {"mean", "deviation"}
    assert found["resumed"] == 0
    assert found["peak_memory_bytes"] > 0
    assert found["accumulation"] >= 1
    assert set(found["test"]["entity"]["micro"]) >= MICRO


@pytest.mark.long
def test_a_training_leaves_its_suggestions_to_whoever_serves_the_queue_next(
    run: Command, project: str, base: Path
) -> None:
    trained = run("train", "--project", project, "--base", base, *TINY)
    assert trained.code == 0, trained.error
    look, training = runs.list_runs(Database.open())
    assert (look.model_of, look.state) == (training.id, RunState.QUEUED)
    assert "suggestions for all documents are queued" in trained.error
    assert "python -m engine suggest --project p does now" in trained.error
    again = run("train", "--resume", training.id)
    assert (again.payload["run"], len(runs.list_runs(Database.open()))) == (training.id, 2)
    suggested = run("suggest", "--project", project)
    assert (suggested.code, suggested.payload["model"]) == (0, training.id)
    assert runs.get_run(Database.open(), look.id).state is RunState.CANCELLED


def test_a_base_model_without_its_tokenizer_is_refused_before_anything_is_queued(
    run: Command, project: str, base: Path
) -> None:
    (base / "tokenizer.json").unlink()
    (base / "tokenizer_config.json").unlink()
    assert_fails(run("train", "--project", project, "--base", base, *TINY), "has no tokenizer")
    assert runs.list_runs(Database.open()) == []


def finish_search(db: Database) -> None:
    """Do what the worker of a search does, by hand."""
    run = runs.list_runs(db)[0]
    folder = home.run_folder(run.folder)
    folder.mkdir(parents=True, exist_ok=True)
    told = Events(folder)
    for number, f1 in enumerate((0.4, 0.6, 0.5)):
        tried = {"learning_rate": 1e-4 * (number + 1)}
        figures = {"f1": f1, "epochs": 3, "seconds": 1.0}
        told.write("trial", number=number, state="complete", settings=tried, **figures)
    told.close()
    # As the worker writes it: the best is a whole trial, not its settings alone.
    best = {"number": 1, "state": "complete", "settings": {"learning_rate": 2e-4}, "f1": 0.6}
    report = {"trials": [best], "best": best, "dev": None, "test": None}
    (folder / "report.json").write_text(json.dumps(report))
    runs.set_state(db, run.id, RunState.DONE, "The best of 3 trials has F1 0.60.")


def test_a_search_gives_its_trials_and_the_best_settings(
    run: Command, project: str, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(JobRunner, "step", lambda runner: finish_search(runner.db))
    options = ("--base", base, "--trials", 3, "--seed", 5, "--device", "cpu")
    found = run("search", "--project", project, *options).payload
    assert (found["run"], found["state"]) == (1, "done")
    assert found["folder"] == str(home.run_folder(runs.get_run(Database.open(), 1).folder))
    assert [trial["f1"] for trial in found["trials"]] == [0.4, 0.6, 0.5]
    assert found["best"] == {"settings": {"learning_rate": 2e-4}, "f1": 0.6}
    queued = settings_of_newest()
    assert (queued["trials"], queued["seed"], queued["device"]) == (3, 5, "cpu")
    assert [row["trials"] for row in run("runs").payload["runs"]] == [3]
    assert run("train", "--resume", 1).payload == found
    assert_fails(run("report", 1), "is a search")


def test_a_search_wants_a_number_of_trials(run: Command, project: str) -> None:
    assert_fails(run("search", "--project", project), "--trials")
    assert_fails(run("search", "--project", project, "--trials", 0), "--trials")


def test_suggest_lets_the_newest_model_look(run: Command, project: str, asked: None) -> None:
    assert_fails(run("suggest", "--project", project), "no trained model yet")
    first, second = make(RunState.DONE), make(RunState.DONE)
    make(RunState.DONE, kind=RunKind.SEARCH, trials=3)
    assert_fails(run("suggest", "--project", project), "stopped by the test")
    assert newest().model_of == second.id
    run("suggest", "--project", project, "--run", first.id)
    assert newest().model_of == first.id
    assert_fails(run("suggest", "--project", project, "--run", 99), "There is no run 99")


def test_a_look_that_is_done_says_what_it_found(run: Command, project: str) -> None:
    model = make(RunState.DONE)
    look = make(RunState.DONE, kind=RunKind.SUGGESTIONS, model_of=model.id)
    found = {"documents": 1200, "suggestions": 34}
    (home.run_folder(look.folder) / "report.json").write_text(json.dumps(found))
    answer = run("train", "--resume", look.id)
    assert answer.code == 0
    assert (answer.payload["model"], answer.payload["suggestions"]) == (model.id, 34)
    assert_fails(run("report", look.id), "made suggestions and has no report")
    assert run("runs").payload["runs"][0]["model_of"] == model.id


def test_a_label_that_nobody_uses_is_no_class_and_is_named(
    run: Command, project: str, base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    projects.add_labels(Database.open(), 1, ["ghost"])
    sentence = "The label ghost is left out: no document to learn from has it."
    trained = run("train", "--project", project, "--base", base, *TINY)
    assert sentence in trained.error
    assert trained.payload["labels"] == ["person", "place"]
    assert trained.payload["left_out"] == {"unused": ["ghost"], "missed": {}}
    main(["report", "1"])
    assert sentence in capsys.readouterr().out


def test_without_dev_and_test_nothing_is_started_until_a_part_is_set_aside(
    run: Command, files: dict[str, Path], base: Path, asked: None
) -> None:
    db = Database.open()
    whole = projects.create_project(db, "whole")
    given = [replace(d, group="one source") for d in tiny.corpus(40)]
    documents.add_documents(db, whole.id, given, "ada")
    options = ("--project", "whole", "--base", base)
    refused = run("train", *options)
    assert_fails(refused, "nothing to score the model on", "--set-aside 10 takes", "for test")
    assert runs.list_runs(db) == []
    told = run("train", *options, "--set-aside", 25).error
    assert "documents for dev and" in told
    assert "set aside. The Data page can take that back." in told
    done = progress.of(db, whole.id).done_by_split
    assert done[Split.DEV] > 0 < done[Split.TEST]
    assert len(runs.list_runs(db)) == 1
    assert_fails(run("search", *options, "--trials", 2, "--set-aside", 9), "nothing is missing")
