"""Coefficients of agreement: the numbers that their papers and peers print."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from engine.agreement import nominal

# Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C; Gwet's handbook and
# irrCAC have the same table.
FOUR = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, -1, -1, -1],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, -1, 3],
        [-1, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, -1],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, -1],
    ]
)
# Fleiss 1971 counts as Wikipedia's example prints them: 14 raters, 10 subjects, 5 categories.
FOURTEEN = np.array(
    [
        *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
        *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
    ]
)


def test_krippendorffs_alpha_is_that_of_his_own_example() -> None:
    assert nominal.alpha_of(FOUR) == pytest.approx(0.743421, abs=5e-7)


def test_gwets_ac1_and_the_kappa_of_several_are_those_of_irr_cac() -> None:
    pairable = FOUR[:, (FOUR >= 0).sum(axis=0) > 1]
    assert nominal.ac1_of(pairable) == pytest.approx(0.775151708719, abs=1e-11)
    assert nominal.fleiss_of(pairable) == pytest.approx(0.762483130904, abs=1e-11)


def test_what_one_person_alone_has_looked_at_says_nothing_of_agreement() -> None:
    # irrCAC takes it for how often categories are used: 0.775444 and 0.761169.
    assert nominal.ac1_of(FOUR) == pytest.approx(0.775151708719, abs=1e-11)
    assert nominal.fleiss_of(FOUR) == pytest.approx(0.762483130904, abs=1e-11)


def test_fleiss_kappa_is_that_of_the_example() -> None:
    table = np.stack([np.repeat(np.arange(5), row) for row in FOURTEEN], axis=1)
    assert nominal.fleiss_of(table) == pytest.approx(0.20993, abs=5e-6)


@pytest.mark.parametrize("categories", [2, 5, 40])
def test_cohens_kappa_is_that_of_scikit_learn(categories: int) -> None:
    drawn = np.random.default_rng(categories)
    first = drawn.integers(0, categories, 400)
    second = np.where(drawn.random(400) < 0.7, first, drawn.integers(0, categories, 400))
    assert nominal.kappa_of(first, second) == pytest.approx(cohen_kappa_score(first, second))


def test_what_was_said_in_one_way_only_has_no_coefficient() -> None:
    same = np.zeros((3, 7), int)
    for coefficient in (nominal.alpha_of, nominal.fleiss_of, nominal.ac1_of):
        assert np.isnan(coefficient(same))
    assert np.isnan(nominal.kappa_of(same[0], same[1]))


def test_nobody_who_said_anything_has_no_coefficient() -> None:
    nothing = np.full((2, 4), -1)
    for coefficient in (nominal.alpha_of, nominal.fleiss_of, nominal.ac1_of):
        assert np.isnan(coefficient(nothing))
