"""A search: trials on the same data, the bad ones cut short, the best one's settings told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.configuration.settings import Settings, settings_from
from engine.runs import spec
from storage.types import RunKind, Split
from tests.engine import folders
from tests.engine.folders import documents, kinds, prepare, read_report, start, states, wait_for

QUICK = replace(folders.SETTINGS, epochs=3, learning_rate=2e-3, dropout=0.1)


def ask(folder: Path, base: Path, trials: int, settings: Settings = QUICK, **data) -> Path:
    prepare(folder, base, settings, **data)
    spec.write(folder, replace(spec.read(folder), kind=RunKind.SEARCH, options={"trials": trials}))
    return folder


@pytest.fixture(scope="module")
def searched(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = ask(tmp_path_factory.mktemp("search") / "run", bert, 6)
    assert start(folder).wait(240) == 0
    return folder


def test_every_trial_is_told_and_the_best_one_is_named(searched: Path) -> None:
    report = read_report(searched)
    trials = report["trials"]
    assert len(trials) == 6
    assert {trial["state"] for trial in trials} <= {"complete", "pruned", "failed"}
    whole = [trial["f1"] for trial in trials if trial["state"] == "complete"]
    assert report["best"]["f1"] == max(whole)
    assert states(searched)[-1] == (
        "done",
        f"The best of 6 trials has dev F1 {report['best']['f1']:.3f}.",
    )
    assert report["dev"] is report["test"] is None


def test_the_first_trial_is_what_was_asked_for_and_the_others_differ(searched: Path) -> None:
    trials = [settings_from(trial["settings"]) for trial in read_report(searched)["trials"]]
    assert trials[0] == replace(QUICK, recipe="")
    assert len({trial.learning_rate for trial in trials}) == 6
    for trial in trials:
        assert QUICK.learning_rate / 3 <= trial.learning_rate <= QUICK.learning_rate * 3


def test_events_tell_each_trial_as_it_begins_and_ends(searched: Path) -> None:
    told = kinds(searched, "trial")
    for number in range(6):
        mine = [event for event in told if event["number"] == number]
        assert [event["state"] for event in mine][0] == "running"
        assert len(mine) == 2
        assert mine[1]["epochs"] >= 1 and mine[1]["seconds"] > 0


def test_a_search_saves_no_model_and_never_looks_at_test(searched: Path) -> None:
    assert not (searched / "model").exists()
    assert not any(p["phase"] == "testing" for p in kinds(searched, "progress"))


def test_a_trial_gives_the_f1_that_a_run_with_its_settings_gives(
    searched: Path, bert: Path, tmp_path: Path
) -> None:
    trial = read_report(searched)["best"]
    folder = prepare(tmp_path / "run", bert, settings_from(trial["settings"]))
    assert start(folder).wait(240) == 0
    report = read_report(folder)
    assert max(epoch["dev"]["f1"] for epoch in report["history"]) == trial["f1"]


def test_a_killed_search_goes_on_with_the_trials_it_has(bert: Path, tmp_path: Path) -> None:
    folder = ask(tmp_path / "run", bert, 5)
    process = start(folder)
    wait_for(lambda: sum(e["state"] != "running" for e in kinds(folder, "trial")) >= 2)
    process.kill()
    process.wait()
    before = [e for e in kinds(folder, "trial") if e["state"] != "running"]
    spec.write(folder, replace(spec.read(folder), attempt=spec.read(folder).attempt + 1))
    assert start(folder).wait(240) == 0
    trials = read_report(folder)["trials"]
    assert len(trials) == 5
    assert [trial["f1"] for trial in trials[:2]] == [event["f1"] for event in before[:2]]


@pytest.mark.long
def test_trials_that_lag_behind_are_pruned(bert: Path, tmp_path: Path) -> None:
    folder = ask(tmp_path / "run", bert, 8, replace(QUICK, epochs=5, learning_rate=6e-3))
    assert start(folder).wait(240) == 0
    trials = read_report(folder)["trials"]
    pruned = [trial for trial in trials if trial["state"] == "pruned"]
    assert pruned
    assert all(trial["epochs"] < 5 for trial in pruned)
    assert all(trial["epochs"] == 5 for trial in trials if trial["state"] == "complete")


def test_a_search_without_dev_says_what_is_missing(bert: Path, tmp_path: Path) -> None:
    train = [document for document in documents() if document.split is Split.TRAIN]
    folder = ask(tmp_path / "run", bert, 2, documents=train)
    assert start(folder).wait(240) == 1
    assert states(folder)[-1][1].startswith("A search needs dev documents to compare settings by")
    assert spec.read(folder).options == {"trials": 2}
