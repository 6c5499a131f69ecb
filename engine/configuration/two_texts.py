"""Settings for pairs of texts that a model reads together. Standard library only.

Measured with the bundled encoder on CLINC150, 198 questions with four intents each, five epochs
(tests/benchmarks/README.md, "Pairs"): small steps of the whole encoder order better than the
large ones that words in texts take with the lower layers frozen (recall@1 0.47 after 0.36). The
retriever finds better after four epochs than after two (the right one of 150 intents first for
0.776 and 0.754 of 500 questions; at three times the rate 0.770 and 0.740).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.configuration.settings import Settings

if TYPE_CHECKING:
    from engine.configuration.recipes import Data

# Peaks of the rate by width; those of wider encoders are their papers'.
RATES = ((400, 1e-4), (800, 3e-5), (1 << 20, 2e-5))
# Words of both texts that are shown in all: about a minute on two cores that do nothing else.
WORDS_SHOWN, QUICK_WORDS = 60_000, 30_000
FEWEST_EPOCHS, MOST_EPOCHS = 3, 20
# Of many questions the retriever learns enough in fewer epochs.
RETRIEVER_EPOCHS, FEWER, MANY = 4, 2, 3_000
# Few pairs are learned in smaller steps, so that an epoch has some.
SMALL_BATCH, BATCH, FEWEST_STEPS = 8, 16, 12


def quick(data: Data) -> Settings:
    """Show half as much, to the upper layers."""
    settings = balanced(data)
    epochs = max(1, round(QUICK_WORDS / max(data.words_shown, 1)))
    return replace(
        settings,
        epochs=min(settings.epochs, epochs),
        frozen_layers=data.shape.layers // 3,
        retriever_epochs=FEWER,
    )


def balanced(data: Data) -> Settings:
    """Fine-tune all of the encoder in small steps."""
    epochs = round(WORDS_SHOWN / max(data.words_shown, 1))
    return Settings(
        epochs=min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
        learning_rate=next(rate for limit, rate in RATES if data.shape.width <= limit),
        batch_size=BATCH if data.documents / BATCH >= FEWEST_STEPS else SMALL_BATCH,
        retriever_epochs=RETRIEVER_EPOCHS if data.questions <= MANY else FEWER,
    )


def best(data: Data) -> Settings:
    """Train three times, twice as long, and stop where dev does not get better."""
    settings = balanced(data)
    return replace(settings, epochs=2 * settings.epochs, seeds=3, patience=5)
