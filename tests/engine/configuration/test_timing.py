"""How long a training takes: from a run that ended here, else from this machine's cores."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest

from engine.configuration import timing
from engine.configuration.bases import Shape
from engine.configuration.recipes import Data
from engine.configuration.settings import Settings
from engine.configuration.timing import Pace
from storage.types import Run, RunState

BUNDLED, BERT = Shape(384, 6), Shape(768, 12)
SETTINGS = Settings(epochs=10)
REPORT = {"words_per_second": 1000.0, "train_seconds": 100.0, "eval_seconds": 5.0}


def data(words: int, shape: Shape = BUNDLED) -> Data:
    return Data(words // 20, words, words // 20, words, shape)


def run(seconds: float = 120, **settings: Any) -> Run:
    known = {**asdict(SETTINGS), **settings}
    begun, ended = "2026-01-01T10:00:00+00:00", f"2026-01-01T10:{seconds // 60:02.0f}:00+00:00"
    times: dict[str, Any] = {"created_at": begun, "started_at": begun, "finished_at": ended}
    fixed: dict[str, Any] = {"project_id": 1, "state": RunState.DONE, "attempt": 1, "number": 3}
    return Run(id=7, settings=known, progress={}, message="", **times, **fixed)


def test_a_run_with_the_same_data_and_settings_takes_as_long_again() -> None:
    pace = timing.of_run(run(), REPORT, BUNDLED)
    assert pace.basis == "run 3"
    # 10 epochs of 10,000 words at 1,000 words a second, and 15 seconds around them.
    found = timing.seconds(SETTINGS, data(10_000), (0, 0), pace)
    assert found == pytest.approx(100 + 15)


def test_more_words_epochs_and_seeds_take_longer_in_proportion() -> None:
    pace = Pace(1e9, 0.0, "")
    once = timing.seconds(SETTINGS, data(10_000), (0, 0), pace)
    assert timing.seconds(SETTINGS, data(30_000), (0, 0), pace) == pytest.approx(3 * once)
    double = replace(SETTINGS, epochs=20)
    assert timing.seconds(double, data(10_000), (0, 0), pace) == pytest.approx(2 * once)
    assert timing.seconds(replace(SETTINGS, seeds=3), data(10_000), (0, 0), pace) == pytest.approx(
        3 * once
    )


def test_a_larger_base_takes_longer_and_frozen_layers_less() -> None:
    pace = Pace(1e9, 0.0, "")
    small = timing.seconds(SETTINGS, data(10_000), (0, 0), pace)
    assert timing.seconds(SETTINGS, data(10_000, BERT), (0, 0), pace) == pytest.approx(8 * small)
    frozen = timing.seconds(replace(SETTINGS, frozen_layers=3), data(10_000), (0, 0), pace)
    assert 0.4 * small < frozen < 0.7 * small
    both = replace(SETTINGS, frozen_layers=3, word_shapes="learned")
    shaped = timing.seconds(both, data(10_000), (0, 0), pace)
    assert 1.1 * frozen < shaped < 0.9 * small


def test_dev_is_read_after_every_epoch_and_test_once() -> None:
    pace = Pace(1e9, 0.0, "")
    bare, dev, test = (
        timing.seconds(SETTINGS, data(10_000), scored, pace)
        for scored in ((0, 0), (1000, 0), (0, 1000))
    )
    assert dev - bare == pytest.approx(10 * (test - bare))


def test_of_mostly_empty_sentences_only_the_share_that_is_shown_counts() -> None:
    pace, empty = Pace(1e9, 0.0, ""), Data(1000, 20_000, 100, 2000, BUNDLED)
    whole = timing.seconds(SETTINGS, empty, (0, 0), pace)
    assert timing.seconds(replace(SETTINGS, empty_share=0.0), empty, (0, 0), pace) == pytest.approx(
        whole / 10
    )


def test_of_pairs_the_retrievers_part_is_counted_once_for_all_seeds() -> None:
    pace = Pace(1e9, 0.0, "")
    pairs = replace(data(10_000), pairs=500, questions=125)
    alone = replace(SETTINGS, retriever_epochs=0)
    without = timing.seconds(alone, pairs, (1000, 1000), pace)
    once, thrice = (
        timing.seconds(replace(SETTINGS, seeds=seeds), pairs, (1000, 1000), pace)
        for seeds in (1, 3)
    )
    # Two epochs of a quarter of the words, and half of them again.
    least = 2 * 1.5 * timing.seconds(replace(alone, epochs=1), data(2500), (0, 0), pace)
    assert least < once - without < 2 * least
    assert thrice - 3 * without == pytest.approx(once - without)
    ended = {**REPORT, "companion_seconds": 10.0}
    assert timing.of_run(run(), ended, BUNDLED).around == pytest.approx(6)
    assert timing.seconds(SETTINGS, data(10_000), (0, 0), pace) == pytest.approx(
        timing.seconds(alone, data(10_000), (0, 0), pace)
    )


def test_a_run_on_a_cluster_says_nothing_of_this_machine() -> None:
    assert timing.of_run(run(launcher="ray"), REPORT, BUNDLED) is None
    assert timing.of_run(run(), {}, BUNDLED) is None


def test_before_the_first_run_the_machine_itself_is_measured() -> None:
    pace = timing.of_machine()
    assert pace.basis == ""
    assert pace.operations > 1e8, "any machine makes a tenth of a billion operations a second"
    assert pace == timing.of_machine(), "measured once"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "less than a minute"),
        (50, "about 1 minute"),
        (200, "about 3 minutes"),
        (630, "about 10 minutes"),
        (1000, "about 15 minutes"),
        (6000, "about 2 hours"),
        (20_000, "about 6 hours"),
    ],
)
def test_a_time_is_said_as_exactly_as_it_is_known(seconds: float, words: str) -> None:
    assert timing.in_words(seconds) == words
