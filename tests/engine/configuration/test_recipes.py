"""Recipes are valid for any data, keep their promises, and lose their name when changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.configuration import recipes
from engine.configuration.bases import Shape
from engine.configuration.recipes import Data
from engine.configuration.settings import LEARNED, Settings, knobs
from storage.errors import InputError
from storage.types import Span
from tests.engine import tiny

BUNDLED = Shape(384, 6)


def data(documents: int, words: int, shape: Shape = BUNDLED, spanned: float = 1.0) -> Data:
    """Describe data of which this share of documents and words holds a span."""
    return Data(documents, words, round(documents * spanned), round(words * spanned), shape)


DATA = data(250, 5000)


def balanced(documents: int, words: int, width: int = 384) -> Settings:
    return recipes.choose("balanced", data(documents, words, Shape(width, 6)))


@given(
    name=st.sampled_from(list(recipes.RECIPES)),
    documents=st.integers(0, 10**6),
    words=st.integers(0, 10**8),
    shape=st.builds(Shape, st.integers(1, 10**4), st.integers(1, 100)),
    spanned=st.floats(0, 1),
    peft=st.sampled_from(["", "lora", "adalora"]),
)
def test_every_recipe_is_valid_for_any_data(
    name: str, documents: int, words: int, shape: Shape, spanned: float, peft: str
) -> None:
    chosen = recipes.choose(name, data(documents, words, shape, spanned), "cpu", peft)
    assert (chosen.recipe, chosen.device, chosen.peft) == (name, "cpu", peft)


def test_an_unknown_recipe_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match="'fast' is unknown; choose from quick, balanced, best"):
        recipes.choose("fast", DATA)


def test_classic_is_the_textbooks() -> None:
    expected = Settings(
        recipe="classic", epochs=5, learning_rate=2e-5, batch_size=16, max_length=128, warmup=0.0
    )
    assert recipes.choose("classic", DATA) == expected


def test_quick_does_less_and_best_more_than_balanced() -> None:
    quick, usual, best = (recipes.choose(n, DATA) for n in ("quick", "balanced", "best"))
    assert quick.epochs < usual.epochs <= best.epochs
    assert (quick.seeds, usual.seeds) == (1, 1)
    assert best.seeds > 1


def test_more_data_gets_fewer_epochs() -> None:
    sizes = (20, 250, 2_000, 15_000, 100_000)
    epochs = [balanced(size, size * 20).epochs for size in sizes]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] > epochs[-1]


def test_a_wider_model_gets_smaller_steps() -> None:
    rates = [balanced(250, 5000, width).learning_rate for width in (384, 768, 1024)]
    assert rates == sorted(rates, reverse=True)
    assert len(set(rates)) == 3


def test_few_documents_still_make_several_steps_an_epoch() -> None:
    assert balanced(10, 150).batch_size == 4
    assert balanced(350, 5000).batch_size == 8
    assert balanced(5000, 90_000).batch_size == 16
    assert balanced(200, 8400).batch_size == 8


def test_adapters_learn_at_a_larger_rate_than_the_whole_encoder() -> None:
    wide = data(250, 5000, Shape(768, 12))
    whole, adapters = (
        recipes.choose("balanced", wide),
        recipes.choose("balanced", wide, peft="lora"),
    )
    assert adapters.learning_rate > whole.learning_rate
    assert adapters.frozen_layers == 0


def test_data_is_counted_in_documents_and_words_of_the_sample() -> None:
    train = [
        tiny.document("in Ulm", (3, 6, "place")),
        tiny.document("nothing at all"),
        tiny.document("to Ulm", (3, 6, "place")),
        tiny.document("nothing"),
    ]
    assert Data.of(train, BUNDLED) == Data(4, 8, 2, 4, BUNDLED)
    assert Data.of(train, BUNDLED, limit=2) == Data(2, 4, 1, 2, BUNDLED)
    assert Data.of(train[:2], BUNDLED, limit=9) == Data(2, 5, 1, 2, BUNDLED)
    assert Data.of([], BUNDLED, limit=2) == Data(0, 0, 0, 0, BUNDLED)


def test_of_mostly_empty_data_an_epoch_shows_a_part() -> None:
    assert data(100, 1000).empty_share == 1.0
    assert data(1000, 10_000, spanned=0.5).empty_share == 0.45
    assert data(1000, 10_000, spanned=0.001).empty_share == 0.1
    mostly = data(2000, 40_000, spanned=0.36)
    assert mostly.empty_share == pytest.approx(0.253, abs=0.001)
    assert mostly.documents_shown == pytest.approx(720 + 0.253 * 1280, abs=1)
    assert recipes.choose("balanced", mostly).empty_share == 0.25
    assert recipes.choose("classic", mostly).empty_share == 1.0


def test_quick_freezes_the_lower_half_and_balanced_a_third() -> None:
    for layers in (6, 12):
        deep = data(250, 5000, Shape(384, layers))
        assert recipes.choose("quick", deep).frozen_layers == layers // 2
        assert recipes.choose("balanced", deep).frozen_layers == layers // 3
    assert recipes.choose("classic", DATA).frozen_layers == 0
    assert recipes.choose("quick", DATA, peft="lora").frozen_layers == 0


def test_recipes_for_spans_ask_for_shapes_where_the_encoder_learns() -> None:
    asked = {name: recipes.choose(name, DATA).word_shapes for name in recipes.RECIPES}
    shaped = dict.fromkeys(("quick", "balanced", "best"), LEARNED)
    assert asked == {**shaped, "classic": ""}
    assert not recipes.choose("balanced", DATA, peft="lora").word_shapes
    assert not recipes.choose("balanced", replace(DATA, labels=3)).word_shapes
    assert not recipes.of_folds(DATA, 5).word_shapes


def test_a_changed_recipe_is_ones_own() -> None:
    chosen = recipes.choose("balanced", DATA)
    changed = recipes.adjust(chosen, {"epochs": 99})
    assert changed == replace(chosen, epochs=99, recipe="")
    assert recipes.differences(chosen, {"epochs": 99, "clip": chosen.clip}) == {"epochs": 99}


def test_the_same_values_again_leave_the_recipe() -> None:
    chosen = recipes.choose("balanced", DATA)
    assert recipes.adjust(chosen, {"epochs": chosen.epochs}) == chosen


def test_where_it_runs_and_from_which_seed_leaves_the_recipe() -> None:
    chosen = recipes.choose("best", DATA)
    changes: dict[str, Any] = {
        "seed": 5,
        "device": "cpu",
        "threads": 1,
        "processes": 2,
        "limit": 40,
    }
    assert recipes.adjust(chosen, changes) == replace(chosen, **changes)
    assert set(knobs()) >= recipes.INDIFFERENT


def test_unknown_changes_are_refused() -> None:
    with pytest.raises(InputError, match="The setting 'speed' is unknown"):
        recipes.adjust(recipes.choose("quick", DATA), {"speed": 2})


def whole(documents: int, labels: int, width: int = 384) -> Data:
    """Describe texts that each have a label as a whole, of ten words each."""
    return Data(documents, 10 * documents, documents, 10 * documents, Shape(width, 6), labels)


@given(
    name=st.sampled_from(list(recipes.RECIPES)),
    documents=st.integers(0, 10**6),
    labels=st.integers(1, 200),
    width=st.integers(1, 10**4),
    peft=st.sampled_from(["", "lora", "adalora"]),
)
def test_every_recipe_is_valid_for_labels_of_whole_texts(
    name: str, documents: int, labels: int, width: int, peft: str
) -> None:
    chosen = recipes.choose(name, whole(documents, labels, width), "cpu", peft)
    assert (chosen.recipe, chosen.empty_share) == (name, 1.0)
    assert chosen.epochs > 0 or (chosen.head == "fitted" and not peft)


def test_few_examples_a_label_are_learned_by_contrast_and_many_by_their_labels() -> None:
    few, many = (recipes.choose("balanced", whole(77 * n, 77)) for n in (16, 17))
    assert (few.contrast, many.contrast) == (1.0, 0.0)
    assert few.head == many.head == "fitted"
    assert recipes.choose("quick", whole(9, 3)).epochs == 0


def test_labels_of_whole_texts_are_counted() -> None:
    texts = [
        replace(tiny.document("a b", id=n), spans=(Span(0, 0, name),))
        for n, name in ((1, "x"), (2, "y"))
    ]
    assert Data.of(texts, BUNDLED) == Data(2, 4, 2, 4, BUNDLED, labels=2)


def test_of_pairs_the_words_of_both_texts_and_the_different_first_ones_count() -> None:
    pairs = [
        replace(tiny.document("a b", id=n), spans=(Span(0, 0, "x"),), second_text=second)
        for n, second in ((1, "c d"), (2, "c d e"))
    ]
    assert Data.of(pairs, BUNDLED) == Data(2, 9, 2, 9, BUNDLED, pairs=2, questions=1)


@given(
    name=st.sampled_from(list(recipes.RECIPES)),
    documents=st.integers(1, 10**6),
    width=st.integers(1, 10**4),
    peft=st.sampled_from(["", "lora", "adalora"]),
)
def test_every_recipe_is_valid_for_pairs_and_takes_smaller_steps_than_for_words(
    name: str, documents: int, width: int, peft: str
) -> None:
    words = replace(whole(documents, 0, width), labels=0)
    pairs = replace(words, pairs=documents, questions=documents)
    chosen = recipes.choose(name, pairs, "cpu", peft)
    assert chosen.learning_rate <= recipes.choose(name, words, "cpu", peft).learning_rate
    assert chosen.epochs > 0 and chosen.head == "random"
