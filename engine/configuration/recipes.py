"""Recipes: settings with a name, fitted to the data and the base model. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.configuration import two_texts, whole_texts
from engine.configuration.bases import Shape
from engine.configuration.settings import LEARNED, Settings, settings_from
from storage import lengths
from storage.errors import InputError
from storage.types import Document

# Measured with the bundled encoder (tests/benchmarks/README.md, "Rates"). The rates of wider
# encoders are those their papers recommend.
NARROW = 400
NARROW_RATE, LARGE_NARROW_RATE = 5e-4, 3e-4
WIDE_RATES = ((800, 5e-5), (1 << 20, 2e-5))
# Showing 50,000 words takes about a minute on two cores that do nothing else.
WORDS_SHOWN, QUICK_WORDS = 50_000, 40_000
FEWEST_EPOCHS, MOST_EPOCHS = 3, 30
# Parts of the data that are held against each other are all read so often at least.
PART_EPOCHS = 5
LARGE = 1_500
# Steps count more than their size: so many sentences, and fewer where an epoch would have
# fewer steps than these.
SMALL_BATCH, BATCH, LARGE_BATCH = 4, 8, 16
FEWEST_STEPS = 12
# Adapters start at random beside a trained encoder, and want larger steps than it.
ADAPTER_FACTORS = {"lora": 10, "adalora": 20}
LEAST_ADAPTER_RATE = 5e-4
EMPTY_PER_SPANNED, LEAST_EMPTY = 0.45, 0.1
# Of the layers, the lower third or half is frozen: the best F1 for the time.
BALANCED_PART, QUICK_PART = 3, 2
# Where the base model loses case: test F1 on wikigold 0.75 after 0.69, on WNUT-17 and CrossNER as
# good or half a point better, for the same time (tests/benchmarks/README.md).
FOLDS, FOLD_EPOCHS, FOLD_TRAININGS = 2, 3, 5
# What may differ while a run is still the recipe's: where, from which seed and on how much
# data it learns, and what ``choose`` itself fits the recipe to.
INDIFFERENT = frozenset(
    {
        "seed",
        "device",
        "threads",
        "processes",
        "launcher",
        "tags",
        "memory",
        "accumulation",
        "checkpoint_seconds",
        "limit",
        "peft",
    }
)


def length(document: Document) -> int:
    """Return about how many words a document has, in both of its texts.

    Second texts are not cut into words; theirs are told by their characters.
    """
    second = len(document.second_text or "")
    return lengths.words(len(document.tokens), len(document.text), second)


@dataclass(frozen=True, slots=True)
class Data:
    """What a recipe looks at: the training documents and the shape of the base model."""

    documents: int
    words: int
    spanned: int
    """Documents that hold a span."""
    spanned_words: int
    shape: Shape = Shape()
    labels: int = 0
    """How many labels of whole texts that stand alone they have; 0 where there are others."""
    pairs: int = 0
    """Documents that have an answer and two texts; ``words`` are those of both."""
    questions: int = 0
    """Different first texts of these."""

    @classmethod
    def of(cls, train: Sequence[Document], shape: Shape, limit: int | None = None) -> Data:
        """Describe training documents, or the sample of ``limit`` among them."""
        spanned = [document for document in train if document.spans]
        documents, words, holding, held = (
            figure for some in (train, spanned) for figure in (len(some), sum(map(length, some)))
        )
        alone = (document for document in train if document.second_text is None)
        labels = {span.label for document in alone for span in document.spans if span.whole}
        pairs = [document.text for document in spanned if document.second_text is not None]
        counts = len(labels), len(pairs), len(set(pairs))
        return cls(documents, words, holding, held, shape, *counts).part(limit)

    def part(self, limit: int | None) -> Data:
        """Describe a sample of so many of the documents; all of them where there is no limit."""
        share = min(1.0, limit / self.documents) if limit and self.documents else 1.0
        return replace(
            self,
            documents=round(self.documents * share),
            words=round(self.words * share),
            spanned=round(self.spanned * share),
            spanned_words=round(self.spanned_words * share),
            pairs=round(self.pairs * share),
            questions=round(self.questions * share),
        )

    @property
    def empty_share(self) -> float:
        """The share of documents without a span that is worth an epoch's time.

        Of a corpus that is mostly empty, all spans and 0.45 times as many empty documents
        as spanned ones, other ones each time, gave 11 points more dev F1 in half the time.
        """
        if self.labels:
            # A whole text without a label is an answer like any other.
            return 1.0
        empty = self.documents - self.spanned
        return min(1.0, max(LEAST_EMPTY, EMPTY_PER_SPANNED * self.spanned / max(empty, 1)))

    @property
    def documents_shown(self) -> float:
        """Documents that an epoch shows with that share."""
        return self.spanned + self.empty_share * (self.documents - self.spanned)

    @property
    def words_shown(self) -> float:
        """Words that an epoch shows with that share."""
        return self.spanned_words + self.empty_share * (self.words - self.spanned_words)


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
    # Made first: it refuses what is no kind of adapter.
    epochs = max(1, settings.epochs)
    settings = replace(settings, peft=peft, frozen_layers=0, word_shapes="", epochs=epochs)
    rate = max(settings.learning_rate * ADAPTER_FACTORS[peft], LEAST_ADAPTER_RATE)
    return replace(settings, learning_rate=rate)


def of_part(settings: Settings, data: Data) -> Settings:
    """Return settings for a part of the data that they were chosen for.

    Epochs, rate and batches are as the recipe would have them for the part alone, but nothing is
    read fewer than five times: else a larger part that is read less often teaches less (CrossNER
    politics, all read once: F1 0.58 after 0.62). Settings of no recipe stay as they are.
    """
    if not settings.recipe:
        return settings
    chosen = choose(settings.recipe, data)
    if data.labels:
        # A head that is fitted anew for each part is fair to all of them.
        return replace(chosen, frozen_layers=settings.frozen_layers, seed=settings.seed)
    fitted = {name: getattr(chosen, name) for name in ("learning_rate", "batch_size")}
    epochs = max(PART_EPOCHS, chosen.epochs)
    return replace(settings, epochs=epochs, empty_share=chosen.empty_share, **fitted)


def of_folds(train: Data, folds: int) -> Settings:
    """Return the settings of a training that sees all documents but those of one fold.

    They are those of "quick" with more passes: a single one, which is all that "quick" takes of
    many words, finds fewer wrong labels. Without words' shapes, all folds share what the frozen
    layers say.
    """
    data = shown_of(train, folds)
    settings = choose("quick", data)
    epochs = settings.epochs and FOLD_EPOCHS
    return replace(settings, recipe="", word_shapes="", epochs=epochs)


def shown_of(train: Data, folds: int) -> Data:
    """Describe what a training sees of documents that are dealt into folds."""
    return train.part(round(train.documents * (folds - 1) / folds))


def rounds_of(folds: int) -> int:
    """Return how often to deal the folds: as often as five trainings on all documents take.

    Two folds in five rounds found as many wrong labels as five folds in one, and say of how
    many models how many are of one opinion (tests/benchmarks/README.md).
    """
    return max(1, round(FOLD_TRAININGS / max(folds - 1, 1)))


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
    if data.labels:
        return whole_texts.quick(data)
    if data.pairs:
        return two_texts.quick(data)
    settings = _balanced(data)
    epochs = max(1, round(QUICK_WORDS / max(data.words_shown, 1)))
    return replace(
        settings,
        epochs=min(settings.epochs, epochs),
        frozen_layers=data.shape.layers // QUICK_PART,
    )


def _balanced(data: Data) -> Settings:
    if data.labels:
        return whole_texts.balanced(data)
    if data.pairs:
        return two_texts.balanced(data)
    epochs = round(WORDS_SHOWN / max(data.words_shown, 1))
    return Settings(
        epochs=min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
        learning_rate=_rate(data),
        batch_size=_batch(data),
        frozen_layers=data.shape.layers // BALANCED_PART,
        word_shapes=LEARNED,
        empty_share=round(data.empty_share, 2),
    )


def _best(data: Data) -> Settings:
    if data.labels:
        return whole_texts.best(data)
    if data.pairs:
        return two_texts.best(data)
    settings = _balanced(data)
    return replace(settings, epochs=2 * settings.epochs, seeds=3, patience=5)


def _rate(data: Data) -> float:
    narrow = LARGE_NARROW_RATE if data.documents_shown > LARGE else NARROW_RATE
    rates = ((NARROW, narrow), *WIDE_RATES)
    return next(rate for limit, rate in rates if data.shape.width <= limit)


def _batch(data: Data) -> int:
    usual = LARGE_BATCH if data.documents_shown > LARGE else BATCH
    return usual if data.documents_shown / usual >= FEWEST_STEPS else SMALL_BATCH


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
