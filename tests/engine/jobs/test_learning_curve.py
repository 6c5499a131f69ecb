"""A learning curve: parts within parts, each training kept at once, nothing made twice."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from engine.evaluation import learning_curve as curves
from engine.evaluation.learning_curve import ALL, SHARES
from engine.jobs import learning_curve
from engine.runs import spec
from engine.runs.events import Cancelled, Events
from engine.training.callbacks import Watch
from engine.training.cross_validation import CrossValidation
from storage.errors import InputError
from storage.types import RunKind, Split
from tests.engine import tiny
from tests.engine.folders import SETTINGS, prepare, read_report

TRAIN = tiny.corpus(32, seed=1)
DEV = tiny.corpus(12, seed=2, first_id=100, split=Split.DEV)
ONE_EPOCH = replace(SETTINGS, epochs=1, frozen_layers=1)


def ask(folder: Path, base: Path, repeats: int = 1, **data) -> Path:
    prepare(folder, base, ONE_EPOCH, **{"documents": [*TRAIN, *DEV], **data})
    options = {"repeats": repeats}
    asked = replace(spec.read(folder), kind=RunKind.LEARNING_CURVE, options=options)
    spec.write(folder, asked)
    return folder


def draw(folder: Path, watch: Watch | None = None) -> str:
    watch = watch or Watch(Events(folder), threading.Event(), 1)
    return learning_curve.run(folder, spec.read(folder), watch, lambda: None)


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many documents each training learned from, as they were made."""
    made: list[int] = []
    real = CrossValidation.score

    def score(self: CrossValidation, held: set[int], *given, shown: set[int], **named) -> dict:
        made.append(len(shown))
        return real(self, held, *given, shown=shown, **named)

    monkeypatch.setattr(CrossValidation, "score", score)
    return made


def test_parts_lie_within_each_other_and_copies_together() -> None:
    twice = [*TRAIN, *(replace(document, id=document.id + 500) for document in TRAIN)]
    parts = learning_curve.plan(twice, 2, seed=3)
    assert [part.number for part in parts] == list(range(1, 11))
    assert [part.repeat for part in parts] == [1] * 5 + [2] * 5
    for first in (0, 5):
        ladder = [part.shown for part in parts[first : first + 5]]
        assert all(one < other for one, other in zip(ladder, ladder[1:], strict=False))
        assert ladder[-1] == frozenset(range(64))
        for shown, share in zip(ladder, SHARES, strict=True):
            assert abs(len(shown) - 64 * share / 8) <= 8
            texts = {twice[at].text for at in shown}
            assert shown == {at for at, document in enumerate(twice) if document.text in texts}
    assert parts[0].shown != parts[5].shown
    assert parts == learning_curve.plan(twice, 2, seed=3)
    with pytest.raises(InputError, match="too small for a learning curve"):
        learning_curve.plan(TRAIN[:1] * 20, 1, seed=3)


def test_every_label_gets_a_curve(bert: Path, tmp_path: Path, scored: list[int]) -> None:
    folder = ask(tmp_path / "run", bert)
    said = draw(folder)
    report = read_report(folder)
    found = {label: curves.of_json(label, each) for label, each in report["curves"].items()}
    assert list(found) == ["person", "place", ALL]
    assert said == found[ALL].sentence
    assert list(found[ALL].sizes) == scored and scored[-1] == len(TRAIN) == found[ALL].now
    for label in ("person", "place"):
        held = [d for d in TRAIN if any(span.label == label for span in d.spans)]
        assert found[label].now == report["sentences"][label] == len(held)
        assert report["marks"][label] == sum(s.label == label for d in held for s in d.spans)
        assert found[label].support == sum(s.label == label for d in DEV for s in d.spans)
        assert len(found[label].f1) == len(SHARES)
    assert report["dev"] is report["test"] is None
    assert report["data"]["dev"]["documents"] == len(DEV)


def test_a_kill_repeats_one_training_and_changes_no_figure(
    bert: Path, tmp_path: Path, scored: list[int]
) -> None:
    whole = ask(tmp_path / "whole", bert)
    draw(whole)
    folder, stop = ask(tmp_path / "killed", bert), threading.Event()

    class Stopping(Watch):
        def begin_training(self, number: int, trainings: int) -> None:
            super().begin_training(number, trainings)
            if number == 4:
                stop.set()

    scored.clear()
    with pytest.raises(Cancelled):
        draw(folder, Stopping(Events(folder), stop, 1))
    assert len(list((folder / learning_curve.PARTS).iterdir())) == 3
    torn = folder / learning_curve.PARTS / "003.json"
    torn.write_text(torn.read_text()[:40])
    scored.clear()
    draw(folder)
    assert len(scored) == 3, "the torn one, and the two that had not begun"
    assert read_report(folder)["curves"] == read_report(whole)["curves"]


def test_who_has_seen_enough_keeps_the_curve_so_far(bert: Path, tmp_path: Path) -> None:
    folder, keep = ask(tmp_path / "run", bert, repeats=2), threading.Event()

    class Keeping(Watch):
        def begin_training(self, number: int, trainings: int) -> None:
            super().begin_training(number, trainings)
            if number == wanted:
                keep.set()

    wanted = 6
    draw(folder, Keeping(Events(folder), threading.Event(), 1, keep))
    assert len(read_report(folder)["curves"][ALL]["sizes"]) == 5
    early, wanted = ask(tmp_path / "early", bert), 2
    keep.clear()
    with pytest.raises(InputError, match="before there was a curve"):
        draw(early, Keeping(Events(early), threading.Event(), 1, keep))


def test_without_dev_it_says_what_to_do(bert: Path, tmp_path: Path) -> None:
    folder = ask(tmp_path / "run", bert, documents=TRAIN)
    with pytest.raises(InputError, match="set a part of train aside for dev"):
        draw(folder)
