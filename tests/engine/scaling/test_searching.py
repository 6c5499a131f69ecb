"""Trials side by side: the same journal and the same table as when they follow each other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.configuration.settings import settings_from
from engine.jobs import search
from engine.jobs.kinds import PARALLEL, TRIALS
from engine.runs import events, spec, trials
from engine.scaling import searching
from engine.training.trainer_state import Epoch
from storage.errors import TrainingError
from storage.types import RunKind
from tests.engine import folders
from tests.engine.folders import kinds, prepare, read_report, start, states

QUICK = replace(folders.SETTINGS, epochs=3, learning_rate=2e-3, dropout=0.1, threads=1)


def ask(folder: Path, base: Path, count: int) -> Path:
    prepare(folder, base, QUICK)
    options = {TRIALS: count, PARALLEL: 2}
    spec.write(folder, replace(spec.read(folder), kind=RunKind.SEARCH, options=options))
    return folder


@pytest.mark.long
def test_trials_side_by_side_are_told_as_those_that_follow_each_other(
    two_nodes: str, bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(searching.ADDRESS, two_nodes)
    folder = ask(tmp_path / "run", bert, 4)
    assert start(folder).wait(240) == 0, (folder / "worker.log").read_text()
    report = read_report(folder)
    assert states(folder)[-1][1] == f"The best of 4 trials has dev F1 {report['best']['f1']:.3f}."
    assert [trial["number"] for trial in report["trials"]] == list(range(4))
    assert settings_from(report["trials"][0]["settings"]) == replace(QUICK, recipe="")
    told = kinds(folder, "trial")
    at_work, most = 0, 0
    for event in told:
        at_work += 1 if event["state"] == "running" else -1
        most = max(most, at_work)
    assert len(told) == 8 and most == 2, "two at a time"
    table = trials.read(events.read(folder / events.FILE)[0])
    assert [trial.f1 for trial in table] == [trial["f1"] for trial in report["trials"]]
    assert len(search.open_study(folder, QUICK).trials) == 4
    assert not (folder / searching.SCRATCH).exists()


@pytest.mark.long
def test_a_trial_gives_the_f1_that_a_run_with_its_settings_gives(
    two_nodes: str, bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(searching.ADDRESS, two_nodes)
    found = ask(tmp_path / "search", bert, 2)
    assert start(found).wait(240) == 0, (found / "worker.log").read_text()
    best = read_report(found)["best"]
    alone = prepare(tmp_path / "run", bert, settings_from(best["settings"]))
    assert start(alone).wait(240) == 0
    assert max(epoch["dev"]["f1"] for epoch in read_report(alone)["history"]) == best["f1"]


def test_every_epoch_is_told_with_the_best_so_far() -> None:
    told: list[dict] = []
    judge = searching.Telling(told.append)
    for number, f1 in enumerate((0.5, 0.4, 0.6), start=1):
        judge.epoch(Epoch(number, 0.1, {"f1": f1}), True)
    assert told == [
        {"f1": 0.5, "epoch": 1},
        {"f1": 0.5, "epoch": 2},
        {"f1": 0.6, "epoch": 3},
    ]
    with pytest.raises(TrainingError, match="A search needs dev documents"):
        judge.epoch(Epoch(4, 0.1, None), False)
