"""What became of suggestions, as a forecast of a training: held against draws of known truth."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation import prequential
from engine.evaluation.learning_curve import LEVEL
from engine.evaluation.prequential import USUAL_SHARE, Expected, expect


def drawn(generator: np.random.Generator, documents: int, share: float) -> np.ndarray:
    """Draw documents of two gold marks and two suggestions, each right by this chance."""
    right = generator.binomial(2, share, documents)
    both = np.full(documents, 2)
    return np.stack([right, both, both], axis=1)[:, None, :]


def rising() -> np.ndarray:
    generator = np.random.default_rng(5)
    shares = (0.3, 0.5, 0.6, 0.66, 0.7, 0.73)
    return np.concatenate([drawn(generator, 25, share) for share in shares])


def test_the_interval_holds_what_is_measured_as_often_as_it_says():
    """Truth, suggestions and the training's score are drawn as the method takes them to be."""
    generator = np.random.default_rng(0)
    times, inside = 400, 0
    for _ in range(times):
        suggested = generator.uniform(0.4, 0.7)
        share = generator.normal(USUAL_SHARE, prequential.USUAL_SPREAD * 1.5**0.5)
        trained = min(max(suggested + (1 - suggested) * share, 0.0), 1.0)
        said = expect(drawn(generator, 50, suggested), False, 40, [])
        inside += said.low <= generator.binomial(80, trained) / 80 <= said.high
    assert inside / times == pytest.approx(LEVEL, abs=0.05)


def test_few_documents_to_be_scored_on_make_it_wide():
    counts = drawn(np.random.default_rng(1), 50, 0.7)
    few, many = (expect(counts, False, scored, []) for scored in (5, 500))
    assert few.high - few.low > 1.2 * (many.high - many.low)
    assert few.f1 == many.f1


def test_the_newest_hundred_documents_count_and_of_a_few_nothing_is_said():
    newest = expect(rising(), False, 50, [])
    assert newest == expect(rising()[50:], False, 50, [])
    assert newest.prequential > prequential.level(rising(), False)[0] + 0.05
    assert expect(rising()[:19], False, 50, []) is None
    assert expect(rising() * 0, False, 50, []) is None


def test_trainings_before_move_it_and_their_spread_widens_it():
    counts = drawn(np.random.default_rng(3), 50, 0.6)
    usual = expect(counts, False, 200, [])
    above = expect(counts, False, 200, [(0.5, 0.7)] * 6)
    torn = expect(counts, False, 200, [(0.5, 0.9), (0.5, 0.5)] * 3)
    errors = 1 - usual.prequential
    assert usual.f1 == pytest.approx(usual.prequential + USUAL_SHARE * errors)
    # Two of the prior's and six of theirs.
    assert above.f1 == pytest.approx(1 - errors * (1 - (2 * USUAL_SHARE + 6 * 0.4) / 8))
    assert torn.high - torn.low > 1.2 * (above.high - above.low)


def test_one_strange_training_does_not_turn_it_round():
    counts = drawn(np.random.default_rng(3), 50, 0.9)
    said = expect(counts, False, 200, [(1.0, 0.2)])
    assert said.f1 == pytest.approx(1 - (1 - said.prequential) * (1 - (2 * USUAL_SHARE - 1) / 3))


def test_where_all_was_right_one_is_not_sure():
    value, variance = prequential.level(drawn(np.random.default_rng(0), 50, 1.0), False)
    assert value == 1.0 and 0.005 < variance**0.5 < 0.02


def test_the_mean_of_labels_counts_a_rare_one_as_much_and_leaves_out_what_nobody_gave():
    counts = np.array([[[9, 9, 9], [0, 1, 1], [0, 0, 0]]])
    assert prequential.figure(counts.sum(axis=0), True) == pytest.approx(0.5)
    assert prequential.figure(counts.sum(axis=0), False) == pytest.approx(0.9)


def test_after_a_training_that_was_alike_more_documents_lift_it_and_none_do_not():
    same = prequential.expect_again(0.7, 200, prequential.rise(0.7, 100, 100))
    more = prequential.expect_again(0.7, 200, prequential.rise(0.7, 100, 200))
    assert same.f1 == pytest.approx(0.7) and 0.71 < more.f1 < 0.8
    assert same.low < 0.7 < same.high and more.high - more.low > same.high - same.low
    assert same.prequential is None
    perfect = prequential.expect_again(1.0, 20, (0.0, 0.0))
    assert perfect.low < 0.98 and perfect.high == 1.0


def test_a_curve_that_rises_is_not_flat_and_one_that_stands_is():
    level = drawn(np.random.default_rng(5), 150, 0.97)
    assert not prequential.is_flat(rising(), False, 150)
    assert prequential.is_flat(level, False, 150)
    assert not prequential.is_flat(level[:74], False, 74), "too few to tell"


def test_few_changes_are_one_document_in_ten_of_fifty():
    assert prequential.needs_few(50, 5) and not prequential.needs_few(50, 6)
    assert not prequential.needs_few(49, 0)


def test_what_is_kept_is_read_back_and_said():
    said = Expected(0.7811, 0.7512, 0.8111, 0.74)
    assert Expected.read(said.to_json()) == said
    assert said.held(0.8) == "expected 0.78 ± 0.03, brought 0.80"
    assert "prequential" not in Expected(0.5, 0.4, 0.6).to_json()
    assert str(Expected(0.5, 0.5, 0.5)) == "0.50 ± 0.01"
