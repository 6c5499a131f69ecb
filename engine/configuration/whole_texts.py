"""Settings for labels of whole texts, by how many examples a label has. Standard library only.

Measured with the bundled encoder on BANKING77 and CLINC150 (tests/benchmarks/README.md, "Classes").
A head that is fitted to what the encoder says as it is answers well at once, so "quick" learns
nothing else. With few examples a label the encoder is then drawn by the contrast of texts, in
small steps: larger ones, or the labels themselves, made it worse than it was. With more, all of
it is fine-tuned from the fitted head, in small steps, too: with 32 examples a label three epochs
at 1e-4 left it worse than it was (0.898 after 0.906), and at 3e-5 better (0.909). Where there is
dev, it says whether that was worth it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.configuration.settings import Settings

if TYPE_CHECKING:
    from engine.configuration.recipes import Data

FEW = 16
"""Examples a label, on average, up to which the contrast teaches more than the labels."""
# Steps with a batch of so many texts; more change little, and fewer too little.
CONTRAST_STEPS, CONTRAST_BATCH, MOST_CONTRAST_EPOCHS = 40, 64, 8
CONTRAST_RATES = ((400, 5e-5), (800, 2e-5), (1 << 20, 1e-5))
RATES = ((400, 3e-5), (800, 2e-5), (1 << 20, 1e-5))
BATCH = 16
# Passes over the texts, by how many there are.
TEXTS_SHOWN, FEWEST_EPOCHS, MOST_EPOCHS = 20_000, 1, 3


def quick(data: Data) -> Settings:
    """Fit the head, and leave the encoder as it is: its layers are computed once."""
    return Settings(head="fitted", epochs=0, frozen_layers=data.shape.layers)


def balanced(data: Data) -> Settings:
    """Draw the encoder by contrast with few examples a label, else fine-tune all of it."""
    return _few(data) if data.documents <= FEW * data.labels else _many(data)


def best(data: Data) -> Settings:
    """Train three times, longer where there is much to learn from."""
    settings = balanced(data)
    longer = settings if settings.contrast else replace(settings, epochs=2 * settings.epochs)
    return replace(longer, seeds=3, patience=5)


def _few(data: Data) -> Settings:
    steps = max(1.0, data.documents / CONTRAST_BATCH)
    return Settings(
        head="fitted",
        contrast=1.0,
        epochs=min(MOST_CONTRAST_EPOCHS, max(1, round(CONTRAST_STEPS / steps))),
        learning_rate=_rate(CONTRAST_RATES, data),
        batch_size=CONTRAST_BATCH,
    )


def _many(data: Data) -> Settings:
    epochs = round(TEXTS_SHOWN / max(data.documents, 1))
    return Settings(
        head="fitted",
        epochs=min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
        learning_rate=_rate(RATES, data),
        batch_size=BATCH,
    )


def _rate(rates: tuple[tuple[int, float], ...], data: Data) -> float:
    return next(rate for limit, rate in rates if data.shape.width <= limit)
