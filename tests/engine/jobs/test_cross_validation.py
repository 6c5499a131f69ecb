"""A label check: what its worker leaves, and that a kill costs one training and no suspect."""

from __future__ import annotations

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from engine import tasks
from engine.evaluation.suspects import LIKELY
from engine.jobs import cross_validation
from engine.jobs.cross_validation import SCORES
from engine.jobs.kinds import FOLDS, ROUNDS
from engine.runs import checkpoints, spec, suspects
from engine.runs.events import Cancelled, Events
from engine.runs.weighed import opinions
from engine.training.callbacks import Watch
from engine.training.cross_validation import CrossValidation
from storage.errors import InputError
from storage.types import RunKind, Span, Split
from tests.engine import folders, tiny
from tests.engine.folders import kinds, read_report

SETTINGS = replace(folders.SETTINGS, epochs=12, frozen_layers=1)
WRONG = 7


def documents() -> list:
    """Train, in which one place is called a person; dev, which nobody checks."""
    train = tiny.corpus(30, seed=1)
    text = "In Ulm , Emmy Noether met nobody ."
    train[WRONG] = tiny.document(
        text, (3, 6, "person"), (9, 21, "person"), id=train[WRONG].id, split=Split.TRAIN
    )
    return [*train, *tiny.corpus(4, seed=2, first_id=100, split=Split.DEV)]


def ask(folder: Path, base: Path, **data) -> Path:
    folders.prepare(folder, base, SETTINGS, **{"documents": documents(), **data})
    options = {FOLDS: 2, ROUNDS: 2}
    asked = replace(spec.read(folder), kind=RunKind.CROSS_VALIDATION, options=options)
    spec.write(folder, asked)
    return folder


def do(folder: Path, stop: threading.Event | None = None) -> str:
    watch = Watch(Events(folder), stop or threading.Event(), SETTINGS.epochs)
    return cross_validation.run(folder, spec.read(folder), watch, lambda: None)


@pytest.fixture(scope="module")
def checked(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = ask(tmp_path_factory.mktemp("check") / "run", bert)
    do(folder)
    return folder


def test_the_wrong_label_is_suspected_first_and_train_alone_is_checked(checked: Path) -> None:
    first, *others = suspects.read(checked)
    assert (first.document, first.given, first.suggested) == (
        documents()[WRONG].id,
        Span(3, 6, "person"),
        Span(3, 6, "place"),
    )
    assert first.reason.startswith("you said person, ")
    assert "place" in first.reason
    assert {each.document for each in others} <= {each.id for each in documents()[:30]}
    report = read_report(checked)
    assert report["suspects"] == 1 + len(others)
    assert report["likely"] == sum(each.score >= LIKELY for each in [first, *others])
    assert (report["documents"], report[FOLDS], report[ROUNDS]) == (30, 2, 2)
    assert report["dev"] is report["test"] is None
    assert not (checked / "checkpoints").exists() and not (checked / "model").exists()


def test_what_the_models_said_is_kept_to_weigh_labels_again(checked: Path) -> None:
    kept, asked = opinions.read(checked), spec.read(checked)
    train = documents()[:30]
    scores = [kept[each.id or 0] for each in train]
    assert all(each.shape[:2] == (2, len(d.tokens)) for each, d in zip(scores, train, strict=True))
    assert tasks.get(asked.task).suspects(train, scores, asked.labels) == list(
        suspects.read(checked)
    )


def test_progress_counts_the_models(checked: Path) -> None:
    told = kinds(checked, "progress")
    assert {each["members"] for each in told if each["phase"] == "training"} == {4}
    assert told[-1]["phase"] == "saving"
    assert kinds(checked, "metric") == []


def test_a_killed_check_repeats_one_training_and_suspects_the_same(
    checked: Path, bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, trained = ask(tmp_path / "run", bert), []
    score = CrossValidation.score

    def counted(self, held, *given, **named):
        trained.append(sorted(held))
        if len(trained) == 3:
            raise KeyboardInterrupt
        return score(self, held, *given, **named)

    monkeypatch.setattr(CrossValidation, "score", counted)
    with pytest.raises(KeyboardInterrupt):
        do(folder)
    assert not list(folder.glob("suspects*"))
    do(folder)
    assert len(trained) == 5 and trained[2] == trained[3]
    assert list(suspects.read(folder)) == list(suspects.read(checked))


def test_scores_that_are_damaged_are_made_again(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, trained = ask(tmp_path / "run", bert), []

    def made(self, held, *given, **named):
        trained.append(held)
        return {n: self._zeros(n) for n in held}

    def zeros(self, position: int):
        import numpy as np

        return np.log(np.full((self._units[position], 5), 0.2, dtype=np.float32))

    monkeypatch.setattr(CrossValidation, "_zeros", zeros, raising=False)
    monkeypatch.setattr(CrossValidation, "score", made)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    do(folder)
    (folder / "checkpoints" / "002" / SCORES).write_bytes(b"damaged")
    checkpoints.verify(folder / "checkpoints" / "001")
    do(folder)
    assert len(trained) == 5 and trained[4] == trained[1]


def test_one_that_is_cancelled_stops_and_leaves_nothing(bert: Path, tmp_path: Path) -> None:
    folder, stop = ask(tmp_path / "run", bert), threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        do(folder, stop)
    assert not list(folder.glob("suspects*"))


def test_copies_of_one_text_cannot_be_dealt(bert: Path, tmp_path: Path) -> None:
    same = [replace(documents()[WRONG], id=n) for n in range(6)]
    with pytest.raises(InputError, match="too few for 2 folds"):
        do(ask(tmp_path / "run", bert, documents=same))
