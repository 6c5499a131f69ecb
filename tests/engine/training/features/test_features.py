"""A head is fitted to what the encoder says, and the contrast draws texts together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from engine.configuration import recipes
from engine.configuration.bases import Shape
from engine.configuration.settings import Settings
from engine.encoding.batches import order, order_alike
from engine.encoding.examples import IGNORED, Window
from engine.models import loading
from engine.models.layers import find_last
from engine.models.loading import Loaded
from engine.training.cross_validation import CrossValidation
from engine.training.features import contrast, probing
from engine.training.features.probing import Probe
from engine.training.freezing import Cache
from engine.training.loop import train
from engine.training.loss import CrossEntropy
from engine.training.trainer_state import Capture, Trained
from storage.types import Span, Task
from tests.engine import tiny
from tests.engine.training.test_loop import Silent, same, weights

CPU = torch.device("cpu")
LABELS = ("fine", "met", "nothing")
FITTED = Settings(head="fitted", epochs=0, batch_size=8, max_length=48, stride=16)
DRAWN = replace(FITTED, contrast=0.5, epochs=2, learning_rate=1e-3)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_base(tmp_path_factory.mktemp("base"))


def load(base: Path) -> tuple[Loaded, list[Window]]:
    torch.manual_seed(1)
    loaded = loading.load_base(base, LABELS, task=Task.CLASSES)
    documents = [
        replace(document, spans=tuple(Span(0, 0, name) for name in LABELS if name in text))
        for document in tiny.corpus(40)
        if (text := document.text.lower())
    ]
    return loaded, list(loaded.head.encode(documents, loaded.pieces, LABELS, 48, 16))


def teach(
    base: Path,
    settings: Settings,
    evaluate: Callable[[], dict] | None = None,
    keeper: object = None,
) -> tuple[Loaded, Trained, Silent]:
    loaded, windows = load(base)
    watcher = Silent()
    given = windows, settings, CPU, loaded.padding, evaluate, watcher, keeper
    return loaded, train(loaded.model, *given), watcher  # type: ignore[arg-type]


def test_a_fitted_head_is_logistic_regression_on_what_it_reads(base: Path) -> None:
    loaded, windows = load(base)
    model, last = loaded.model, find_last(loaded.model)
    assert last is not None
    objective = CrossEntropy(FITTED, windows, len(LABELS), CPU)
    cache = Cache(model, windows, 0, loaded.padding, CPU)
    before = torch.get_rng_state()
    probe = Probe(model, windows, objective, loaded.padding, CPU, cache.serve)
    inputs, _ = probe._read(last)
    probe.fit()
    assert torch.equal(before, torch.get_rng_state()), "it must draw nothing"
    asked = [row for row, window in enumerate(windows) if window.targets != (IGNORED,)]
    x = (inputs / inputs.square().mean().sqrt()).numpy()[asked]
    peer = LogisticRegression(C=probing.VARIANCE, tol=1e-8, max_iter=2000)
    peer.fit(x, [windows[row].targets[0] for row in asked])
    ours = last(inputs[asked]).softmax(-1).detach().numpy()
    assert np.abs(ours - peer.predict_proba(x)).max() < 2e-3


def test_without_an_epoch_only_the_head_has_changed(base: Path) -> None:
    fresh = weights(load(base)[0])
    loaded, trained, watcher = teach(base, FITTED)
    changed = {n for n, t in weights(loaded).items() if not torch.equal(t, fresh[n])}
    assert changed == {"classifier.weight", "classifier.bias"}
    assert (trained.best_epoch, trained.history, watcher.steps) == (0, [], [])


def test_dev_says_whether_the_epochs_were_worth_it(base: Path) -> None:
    settings, answers = replace(FITTED, epochs=2), [0.9, 0.5, 0.7]
    figures = iter({"f1": f1, "loss": 1.0} for f1 in answers)
    loaded, trained, watcher = teach(base, settings, lambda: next(figures))
    assert trained.best_epoch == 0
    assert trained.start == {"f1": 0.9, "loss": 1.0}
    assert [(epoch.number, best) for epoch, best in watcher.epochs] == [
        (0, True),
        (1, False),
        (2, False),
    ]
    assert same(weights(loaded), weights(teach(base, FITTED)[0]))


class Keeps:
    """Keeps the capture of one step; hands it to the next training."""

    def __init__(self) -> None:
        self.kept: Capture | None = None
        self.handed: Capture | None = None

    def latest(self) -> Capture | None:
        return self.handed

    def due(self, seconds: float) -> bool:
        return self.kept is None

    def keep(self, step: int, capture: Capture, seconds: float) -> None:
        copied = {name: tensor.clone() for name, tensor in capture.tensors.items()}
        self.kept = Capture(capture.values, copied)


def test_a_training_by_contrast_repeats_itself_and_goes_on_to_the_same_bits(base: Path) -> None:
    keeper = Keeps()
    first = weights(teach(base, DRAWN, keeper=keeper)[0])
    keeper.handed = keeper.kept
    assert same(first, weights(teach(base, DRAWN, keeper=keeper)[0]))
    assert same(first, weights(teach(base, DRAWN)[0]))


@given(
    st.lists(st.integers(0, 3), min_size=2, max_size=7),
    st.integers(0, 99),
)
def test_the_contrast_is_what_its_paper_says(labels: list[int], seed: int) -> None:
    vectors = torch.randn(len(labels), 3, generator=torch.Generator().manual_seed(seed))
    found = contrast.contrast(vectors, torch.tensor(labels)[:, None])
    unit = vectors / vectors.norm(dim=-1, keepdim=True)
    near = (unit @ unit.T / contrast.TEMPERATURE).double()
    wanted = 0.0
    for i, label in enumerate(labels):
        others = [j for j in range(len(labels)) if j != i]
        total = near[i, others].logsumexp(0)
        alike = [float(total - near[i, j]) for j in others if labels[j] == label]
        wanted += sum(alike) / max(len(alike), 1)
    assert float(found) == pytest.approx(wanted, rel=1e-4, abs=1e-4)


def test_texts_are_as_alike_as_their_labels() -> None:
    one = contrast.alike(torch.tensor([[1], [1], [IGNORED], [0]]))
    assert one[0].tolist() == [1.0, 1.0, 0.0, 0.0]
    several = contrast.alike(torch.tensor([[1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 0, 1]]))
    assert several[0].tolist() == pytest.approx([1.0, 0.5, 0.0, 1 / 3])


@given(
    st.lists(st.tuples(st.integers(0, 3)), min_size=1, max_size=60),
    st.integers(1, 16),
    st.integers(1, 5),
)
def test_batches_of_alike_texts_show_each_text_once(
    targets: list[tuple[int]], size: int, epoch: int
) -> None:
    batches = order_alike(targets, size, 7, epoch)
    assert sorted(position for batch in batches for position in batch) == list(range(len(targets)))
    assert batches == order_alike(targets, size, 7, epoch)
    assert len(batches) == len(order([1] * len(targets), size, 7, epoch))


def test_folds_are_scored_by_heads_that_are_fitted_to_the_others(base: Path) -> None:
    loaded, _ = load(base)
    documents = [
        replace(document, spans=(Span(0, 0, LABELS["Nothing" in document.text]),))
        for document in tiny.corpus(40)
    ]
    settings = recipes.of_folds(recipes.Data.of(documents, Shape(32, 2)), 2)
    folds = CrossValidation(loaded, documents, LABELS, settings, CPU)
    held = set(range(0, 40, 2))
    scores = folds.score(held, Silent())
    right = [scores[n][0].argmax() == ("Nothing" in documents[n].text) for n in sorted(held)]
    assert np.mean(right) > 0.85, "more than the commoner answer gets"
