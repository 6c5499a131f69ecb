"""Recipes: settings with a name, fitted to the data and the base model. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.settings import Settings, settings_from
from storage.errors import InputError

# Measured with the bundled encoder (384 wide) on 200 sentences of CrossNER politics and 250 of
# WNUT-17; on politics, dev entity F1 after six epochs: 3e-4 gives 0.56, 6e-4 0.60,
# 1e-3 0.54. The rates of wider encoders are those their papers recommend.
NARROW = 400
NARROW_RATE, LARGE_NARROW_RATE = 5e-4, 3e-4
WIDE_RATES = ((800, 5e-5), (1 << 20, 2e-5))
# Showing 50,000 words takes about a minute on two cores that do nothing else.
WORDS_SHOWN = 50_000
FEWEST_EPOCHS, MOST_EPOCHS = 3, 30
LARGE = 1_500
# Few words make an uncertain step and leave the cores waiting; many make few steps.
BATCH_WORDS, LARGE_BATCH_WORDS = 250, 400
BATCHES = (4, 8, 16, 32)
FEWEST_STEPS = 12
# Adapters start at random beside a trained encoder, and want larger steps than it.
ADAPTER_RATE = 1e-3
# What may differ while a run is still the recipe's: where, from which seed and on how much
# data it learns, and what ``choose`` itself fits the recipe to.
INDIFFERENT = frozenset(
    {
        "seed",
        "device",
        "threads",
        "processes",
        "launcher",
        "accumulation",
        "checkpoint_seconds",
        "limit",
        "peft",
    }
)


@dataclass(frozen=True, slots=True)
class Data:
    """What a recipe looks at: the training documents, their words, the base model's width."""

    documents: int
    words: int
    width: int = NARROW

    @classmethod
    def of(cls, lengths: Sequence[int], width: int, limit: int | None = None) -> Data:
        """Describe documents of these many words, or the sample of ``limit`` among them."""
        share = min(1.0, limit / len(lengths)) if limit and lengths else 1.0
        return cls(round(len(lengths) * share), round(sum(lengths) * share), width)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named way to train, with one sentence for the person who chooses."""

    name: str
    title: str
    about: str
    fit: Callable[[Data], Settings]


def choose(name: str, data: Data, device: str = "auto", peft: str = "") -> Settings:
    """Return the settings of a recipe for this data; raise InputError for an unknown name."""
    if name not in RECIPES:
        raise InputError(f"The recipe {name!r} is unknown; choose from {', '.join(RECIPES)}.")
    settings = replace(RECIPES[name].fit(data), recipe=name, device=device)
    if not peft:
        return settings
    rate = max(settings.learning_rate, ADAPTER_RATE)
    return replace(settings, peft=peft, learning_rate=rate, frozen_layers=0)


def adjust(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Lay a person's values over a recipe's; the recipe's name goes where they make another."""
    changed = settings_from(changes, settings)
    return replace(changed, recipe="" if differences(settings, changes) else settings.recipe)


def differences(settings: Settings, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes that make these settings another recipe than they came from."""
    return {
        name: value
        for name, value in changes.items()
        if name not in INDIFFERENT and value != getattr(settings, name)
    }


def _classic(data: Data) -> Settings:
    return Settings(epochs=5, learning_rate=2e-5, batch_size=16, max_length=128, warmup=0.0)


def _quick(data: Data) -> Settings:
    settings = _balanced(data)
    return replace(settings, epochs=max(1, round(settings.epochs / 4)))


def _balanced(data: Data) -> Settings:
    epochs = round(WORDS_SHOWN / max(data.words, 1))
    return Settings(
        epochs=min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
        learning_rate=_rate(data),
        batch_size=_batch(data),
    )


def _best(data: Data) -> Settings:
    settings = _balanced(data)
    return replace(settings, epochs=2 * settings.epochs, seeds=3, patience=5)


def _rate(data: Data) -> float:
    narrow = LARGE_NARROW_RATE if data.documents > LARGE else NARROW_RATE
    return next(rate for limit, rate in ((NARROW, narrow), *WIDE_RATES) if data.width <= limit)


def _batch(data: Data) -> int:
    mean = max(data.words, 1) / max(data.documents, 1)
    wanted = (LARGE_BATCH_WORDS if data.documents > LARGE else BATCH_WORDS) / mean
    wanted = max(min(wanted, data.documents / FEWEST_STEPS), BATCHES[0])
    return min(BATCHES, key=lambda size: abs(math.log(size / wanted)))


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("quick", "Quick", "A first answer in a fraction of the time.", _quick),
        Recipe("balanced", "Balanced", "Good figures for the time they take.", _balanced),
        Recipe("best", "Best", "Three seeds, twice as long; keeps the best of them.", _best),
        Recipe("classic", "Classic", "The textbook's: 2e-5, 5 epochs, batches of 16.", _classic),
    )
}
DEFAULT = "balanced"
