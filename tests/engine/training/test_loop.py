"""The training loop: it learns, it repeats itself to the bit, and it keeps the best epoch."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.configuration.schedule import rate
from engine.configuration.settings import Settings
from engine.encoding.batches import collate
from engine.encoding.examples import IGNORED
from engine.inference.predicting import Evaluator, logits, score_units
from engine.models import half_products, loading
from engine.models.loading import Loaded
from engine.tasks.spans.tagging.encoding import encode
from engine.training.freezing import freeze
from engine.training.loop import train
from engine.training.loss import CrossEntropy
from engine.training.trainer_state import Capture, Diverged, Epoch, StepLog, Trained
from tests.engine import tiny

CPU = torch.device("cpu")
LABELS = ("person", "place")
FAST = Settings(epochs=3, learning_rate=3e-3, batch_size=8, max_length=48, stride=16)


class Silent:
    """A watcher that remembers."""

    def __init__(self) -> None:
        self.steps: list[StepLog] = []
        self.epochs: list[tuple[Epoch, bool]] = []
        self.lines: list[str] = []

    def step(self, step: StepLog) -> None:
        self.steps.append(step)

    def epoch(self, epoch: Epoch, best: bool) -> None:
        self.epochs.append((epoch, best))

    def enough(self) -> bool:
        return False

    def log(self, message: str) -> None:
        self.lines.append(message)


class Kept:
    """Keeps a capture after every step, and goes on from one of them."""

    def __init__(self, given: Capture | None = None) -> None:
        self.captures: list[Capture] = []
        self._given = given

    def latest(self) -> Capture | None:
        return self._given

    def due(self, seconds: float) -> bool:
        return True

    def keep(self, step: int, capture: Capture, seconds: float) -> None:
        self.captures.append(deepcopy(capture))


def load(base: Path, seed: int = 1, word_shapes: str = "") -> Loaded:
    torch.manual_seed(seed)
    return loading.load_base(base, LABELS, word_shapes=word_shapes)


def teach(
    loaded: Loaded,
    settings: Settings = FAST,
    evaluate: Callable[[], dict] | None = None,
    count: int = 24,
    watcher: Silent | None = None,
    keeper: Kept | None = None,
    halved: bool = False,
) -> Trained:
    windows = encode(tiny.corpus(count), loaded.pieces, LABELS, settings.max_length, 16)
    watcher = watcher or Silent()
    given = loaded.model, windows, settings, CPU, loaded.padding, evaluate, watcher, keeper
    return train(*given, halved=halved)


def weights(loaded: Loaded) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in loaded.model.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize(
    "any_base",
    ["wordpiece", *(pytest.param(one, marks=pytest.mark.long) for one in ("bytelevel", "unigram"))],
    indirect=True,
)
def test_every_kind_of_tokenizer_learns_twenty_sentences_by_heart(any_base: Path) -> None:
    loaded = load(any_base)
    documents = tiny.corpus(20)
    evaluator = Evaluator(documents, loaded, LABELS, FAST, CPU)
    settings = replace(FAST, epochs=30, learning_rate=1e-2, batch_size=4)
    teach(loaded, settings, lambda: evaluator.evaluate().figures(), count=20)
    assert evaluator.evaluate().figures()["f1"] == 1.0


def test_the_same_seed_gives_the_same_bits(bert: Path) -> None:
    first, second, other = load(bert), load(bert), load(bert, seed=2)
    results = [teach(first), teach(second)]
    teach(other)
    assert same(weights(first), weights(second))
    assert not same(weights(first), weights(other))
    assert results[0].history == results[1].history


def test_a_training_with_shapes_goes_on_from_any_step_to_the_same_bits(bert: Path) -> None:
    settings = replace(FAST, frozen_layers=1, word_shapes="learned")
    rising = [0.3, 0.2, 0.4]

    def run(keeper: Kept) -> dict[str, torch.Tensor]:
        loaded = load(bert, word_shapes="learned")
        freeze(loaded.model, settings.frozen_layers, shapes=True)
        given = keeper.latest()
        figures = iter(rising[given.values["epoch"] - 1 if given else 0 :])
        teach(loaded, settings, lambda: {"f1": next(figures), "loss": 0.0}, keeper=keeper)
        return weights(loaded)

    whole = run(undisturbed := Kept())
    steps = len(undisturbed.captures)
    for step in (0, steps // 2, steps - 2):
        assert same(run(Kept(undisturbed.captures[step])), whole)


def test_a_training_in_bf16_goes_on_from_any_step_to_the_same_bits(
    bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The base is 32 wide.
    monkeypatch.setattr(half_products, "LEAST", 32)

    def run(keeper: Kept, halved: bool = True) -> dict[str, torch.Tensor]:
        teach(loaded := load(bert), keeper=keeper, halved=halved)
        return weights(loaded)

    whole = run(undisturbed := Kept())
    assert not same(run(Kept(), halved=False), whole)
    for step in (0, len(undisturbed.captures) // 2):
        assert same(run(Kept(undisturbed.captures[step])), whole)


def test_every_epoch_draws_other_dropout(bert: Path) -> None:
    loaded, drawn = load(bert), []

    class Watcher(Silent):
        def epoch(self, epoch: Epoch, best: bool) -> None:
            drawn.append(torch.rand(4).tolist())

    teach(loaded, watcher=Watcher())
    assert drawn[0] != drawn[1] != drawn[2] != drawn[0]


def test_evaluation_draws_nothing_from_the_random_numbers_of_training(bert: Path) -> None:
    alone, watched = load(bert), load(bert)
    teach(alone)
    evaluator = Evaluator(tiny.corpus(9, seed=5), watched, LABELS, FAST, CPU)
    rising = iter((0.1, 0.2, 0.3))
    teach(watched, FAST, lambda: {**evaluator.evaluate().figures(), "f1": next(rising)})
    assert same(weights(alone), weights(watched))


@pytest.mark.parametrize(
    ("figures", "best"),
    [
        ([(0.2, 1.0), (0.5, 1.0), (0.4, 0.1)], 2),
        ([(0.5, 1.0), (0.5, 0.9), (0.5, 0.95)], 2),
        ([(0.5, 1.0), (0.5, 1.0), (0.1, 0.0)], 1),
        ([(0.0, 3.0), (0.0, 2.0), (0.0, 1.0)], 3),
    ],
)
def test_the_best_epoch_by_f1_then_loss_is_kept(bert: Path, figures: list, best: int) -> None:
    loaded = load(bert)
    seen: list[Any] = []

    def evaluate() -> dict:
        f1, loss = figures[len(seen)]
        loaded.model.eval()
        seen.append(weights(loaded))
        return {"f1": f1, "loss": loss}

    watcher = Silent()
    result = teach(loaded, FAST, evaluate, watcher=watcher)
    assert result.best_epoch == best
    assert same(weights(loaded), seen[best - 1])
    assert max(epoch.number for epoch, better in watcher.epochs if better) == best


def test_without_a_dev_split_the_last_epoch_counts(bert: Path) -> None:
    result = teach(load(bert))
    assert result.best_epoch == 3
    assert [epoch.dev for epoch in result.history] == [None] * 3


def test_patience_stops_early_and_only_if_asked(bert: Path) -> None:
    falling = {"f1": 0.5, "loss": 1.0}
    patient = teach(load(bert), replace(FAST, epochs=6), lambda: falling)
    hasty = teach(load(bert), replace(FAST, epochs=6, patience=2), lambda: falling)
    assert len(patient.history) == 6
    assert len(hasty.history) == 3
    assert hasty.best_epoch == 1


def test_words_and_steps_are_counted(bert: Path) -> None:
    watcher, documents = Silent(), tiny.corpus(24)
    result = teach(load(bert), watcher=watcher)
    words = sum(len(document.tokens) for document in documents)
    assert result.words == words * 3
    assert [step.step for step in watcher.steps] == list(range(1, 10))
    assert {step.steps for step in watcher.steps} == {9}
    assert watcher.steps[-1].words == result.words
    assert 0 < watcher.steps[0].seconds <= watcher.steps[-1].seconds <= result.train_seconds


def test_the_loss_is_the_mean_over_the_tokens_asked(bert: Path) -> None:
    loaded = load(bert)
    loaded.model.eval()
    windows = encode(tiny.corpus(5), loaded.pieces, LABELS, 48, 16)
    batch = collate(windows, loaded.padding)
    chances = logits(loaded.model, batch).log_softmax(-1).detach()
    expected = [
        -float(chances[row, head, tag])
        for row, window in enumerate(windows)
        for head, tag in zip(window.places, window.targets, strict=True)
    ]
    assert batch.asked == len(expected)
    loss = CrossEntropy(FAST, windows, 5, CPU)(loaded.model, batch).item() / batch.asked
    assert loss == pytest.approx(sum(expected) / len(expected), rel=1e-5)


def test_more_padding_changes_neither_loss_nor_gradient(any_base: Path) -> None:
    loaded = load(any_base)
    loaded.model.eval()
    windows = encode(tiny.corpus(4), loaded.pieces, LABELS, 48, 16)
    tight = collate(windows, loaded.padding)
    wide = tight.to(CPU)
    extra = (0, 20)
    wide = replace(
        wide,
        pieces=torch.nn.functional.pad(tight.pieces, extra, value=loaded.padding),
        mask=torch.nn.functional.pad(tight.mask, extra),
        targets=torch.nn.functional.pad(tight.targets, extra, value=IGNORED),
    )
    losses, gradients = [], []
    for batch in (tight, wide):
        loaded.model.zero_grad()
        loss = CrossEntropy(FAST, windows, 5, CPU)(loaded.model, batch) / batch.asked
        loss.backward()
        losses.append(loss.item())
        gradients.append([p.grad.clone() for p in loaded.model.parameters() if p.grad is not None])
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(*gradients, strict=True))


def test_a_document_is_scored_the_same_in_any_batch(any_base: Path) -> None:
    loaded = load(any_base)
    documents = [*tiny.corpus(9), tiny.document("Ulm " * 90)]
    lengths = [len(document.tokens) for document in documents]
    windows = encode(documents, loaded.pieces, LABELS, 48, 16)
    together = score_units(loaded.model, windows, lengths, loaded.padding, CPU)
    for index, document in enumerate(documents):
        alone = encode([document], loaded.pieces, LABELS, 48, 16)
        (score,) = score_units(loaded.model, alone, [lengths[index]], loaded.padding, CPU)
        assert score.shape == (lengths[index], 5)
        assert torch.allclose(torch.tensor(score), torch.tensor(together[index]), atol=1e-5)


def test_learning_only_the_rows_in_use_gives_the_same_model(bert: Path) -> None:
    settings = replace(FAST, weight_decay=0.0)
    compact, whole = load(bert), load(bert)
    words = compact.model.get_input_embeddings()
    big = torch.nn.Embedding.from_pretrained(torch.randn(4000, 32), freeze=False)
    with torch.no_grad():
        big.weight[: words.num_embeddings] = words.weight
    for loaded in (compact, whole):
        loaded.model.set_input_embeddings(deepcopy(big))
        loaded.model.eval()
    # An embedding of another class is left alone.
    whole.model.get_input_embeddings().__class__ = type("Plain", (torch.nn.Embedding,), {})
    for loaded in (compact, whole):
        for module in loaded.model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        teach(loaded, settings)
    assert type(compact.model.get_input_embeddings()) is torch.nn.Embedding
    learned = compact.model.get_input_embeddings().weight
    assert torch.equal(learned[1000:], big.weight[1000:])
    assert not torch.equal(learned[:200], big.weight[:200])
    for name, value in weights(whole).items():
        assert torch.allclose(value, weights(compact)[name], atol=1e-4), name


def test_the_rate_rises_then_falls_and_is_never_zero() -> None:
    rates = [rate(step, 20, 0.1) for step in range(20)]
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(1 / 18)
    assert [rate(step, 4, 0.0) for step in range(4)] == [1.0, 0.75, 0.5, 0.25]
    assert all(rate(step, 3, 1.0) > 0 for step in range(3))


def test_a_loss_that_is_no_number_stops_the_run_with_advice(bert: Path) -> None:
    loaded = load(bert)
    with torch.no_grad():
        loaded.model.classifier.weight.fill_(math.nan)
    with pytest.raises(Diverged, match="stopped being a number at step 1 of 9; choose a smaller"):
        teach(loaded)


def test_positions_of_roberta_are_counted_from_behind_its_padding(any_base: Path) -> None:
    loaded = load(any_base)
    assert loaded.longest == 64
    windows = encode([tiny.document("Ulm " * 200)], loaded.pieces, LABELS, loaded.longest, 16)
    scores = score_units(loaded.model, windows, [200], loaded.padding, CPU)
    assert scores[0].shape == (200, 5)
