"""Batches cut where all windows lie, and steps of them: what the CPU can say of a GPU's trainings.

The last tests need a GPU, and say so where there is none.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some
from torch.nn.functional import pad

from engine.configuration.settings import LEARNED, Settings
from engine.encoding.batches import Batch, collate
from engine.encoding.examples import IGNORED, Window
from engine.encoding.packed import Windows
from engine.inference.predicting import logits
from engine.models import loading
from engine.tasks.spans.tagging.encoding import encode
from engine.training import freezing
from engine.training.distributed import Group
from engine.training.gpu.resident import Resident
from engine.training.learner import LENGTHS, Learner, Recorded, choose
from engine.training.loss import BinaryCrossEntropy, CrossEntropy
from storage.errors import TrainingError
from tests.engine import tiny
from tests.engine.training import test_freezing

CPU = torch.device("cpu")
LABELS = ("person", "place")
PLAIN = Settings(batch_size=8, dropout=0.0, learning_rate=1e-3)
OUTPUTS = 5
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU here")


class Unrecorded(Recorded):
    """Does on a CPU what a GPU records, again and again."""

    def _make_graphs(self) -> Any:
        return SimpleNamespace(capture=lambda work: work, aside=nullcontext)


def make(base: Path, kind: type[Learner], chosen: Settings = PLAIN, device=CPU) -> Learner:
    torch.manual_seed(1)
    loaded = loading.load_base(base, LABELS, chosen.dropout, word_shapes=chosen.word_shapes)
    loaded.model.to(device).train()
    freezing.freeze(loaded.model, chosen.frozen_layers, chosen.word_shapes == LEARNED)
    documents = [*tiny.corpus(15), tiny.document("Ada Lovelace saw Ulm " * 5, id=99)]
    windows = encode(documents, loaded.pieces, LABELS, 48, 16)
    return kind(loaded.model, windows, chosen, device, loaded.padding, 10, Group(), print)


@some.composite
def windows(draw: some.DrawFn, whole: bool) -> list[Window]:
    """Draw windows of any lengths: answered for at some pieces, or as a whole, of two texts too."""
    lengths = draw(some.lists(some.integers(3, 30), min_size=1, max_size=12))
    random = np.random.default_rng(draw(some.integers(0, 1 << 30)))
    paired, found = whole and draw(some.booleans()), []
    for number, length in enumerate(lengths):
        places = sorted(random.choice(length, random.integers(1, length), replace=False).tolist())
        targets = random.integers(0, OUTPUTS, 1 if whole else len(places))
        targets[1:][random.random(len(targets) - 1) < 0.3] = IGNORED
        segments = random.integers(0, 2, length) if paired and random.random() < 0.8 else ()
        made = Window(
            document=number,
            pieces=tuple(random.integers(1, 40, length).tolist()),
            units=(0,) if whole else tuple(range(len(places))),
            places=() if whole else tuple(places),
            targets=tuple(targets.tolist()),
            words=length,
            segments=tuple(map(int, segments)),
            share=float(random.choice([1.0, 0.5])) if whole else 1.0,
        )
        found.append(made)
    return found


@pytest.mark.parametrize("whole", [False, True])
@given(data=some.data())
def test_a_batch_cut_there_is_the_batch_that_collate_pads(
    whole: bool, data: some.DataObject
) -> None:
    made = data.draw(windows(whole))
    rows = data.draw(some.lists(some.integers(0, len(made) - 1), min_size=1, max_size=8))
    wanted = collate([made[row] for row in rows], 39)
    more = data.draw(some.integers(0, 9))
    length = wanted.pieces.shape[1] + more
    found = Resident(Windows.of(made), 39, CPU).batch(torch.tensor(rows), length)
    assert torch.equal(found.pieces, pad(wanted.pieces, (0, more), value=39))
    assert torch.equal(found.mask, pad(wanted.mask, (0, more)))
    targets = wanted.targets if whole else pad(wanted.targets, (0, more), value=IGNORED)
    assert torch.equal(found.targets, targets)
    if wanted.segments.numel():
        assert torch.equal(found.segments, pad(wanted.segments, (0, more)))
    else:
        assert not found.segments.any()
    shares = [made[row].share for row in rows]
    assert (found.shares.tolist() or [1.0] * len(rows)) == shares


@given(made=windows(False), weights=some.sampled_from([0.0, 0.7]))
def test_windows_weigh_together_what_they_weigh_one_by_one(
    made: list[Window], weights: float
) -> None:
    chosen = replace(PLAIN, class_weights=weights)
    of_one = CrossEntropy(chosen, made, OUTPUTS, CPU)
    for loss in (of_one, BinaryCrossEntropy(PLAIN, made, OUTPUTS, CPU)):
        each = [loss.weight([window]) for window in made]
        assert loss.weights(Windows.of(made)).tolist() == pytest.approx(each)


def test_a_model_says_the_same_of_windows_in_longer_batches(bert: Path) -> None:
    learner = make(bert, Unrecorded)
    learner.model.eval()
    packed = Windows.of(learner.windows)
    for window, row in zip(packed, range(len(packed)), strict=True):
        short, count = collate([window], learner.padding), len(window.pieces)
        long: Batch = Resident(packed, learner.padding, CPU).batch(torch.tensor([row]), 48)
        with torch.no_grad():
            one, other = (logits(learner.model, batch)[0, :count] for batch in (short, long))
        assert torch.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        *({}, {"frozen_layers": 1}, {"label_smoothing": 0.1, "class_weights": 0.5}, {"clip": 0.0}),
        {"frozen_layers": 1, "word_shapes": "learned"},
    ],
    ids=str,
)
def test_what_is_recorded_is_the_learners_own_step(bert: Path, changes: dict) -> None:
    chosen = replace(PLAIN, **changes)
    plain, mine = make(bert, Learner, chosen), make(bert, Unrecorded, chosen)
    for step in range(6):
        positions = (list(range(8)), list(range(8, 16)), [14, 15])[step % 3]
        losses = [float(learner.update(step, positions)) for learner in (plain, mine)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-5)
        assert mine.measure(positions) == pytest.approx(plain.measure(positions))
    for one, other in zip(plain.parameters, mine.parameters, strict=True):
        assert torch.allclose(one, other, atol=1e-5)
    longest = max(len(window.pieces) for window in mine.windows)
    assert isinstance(mine, Recorded) and len(mine._steps) <= 3
    assert all(length % LENGTHS == 0 or length == longest for _, length in mine._steps)


def test_without_memory_for_a_record_the_step_is_taken_all_the_same(
    bert: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, mine = make(bert, Learner), make(bert, Unrecorded)

    def capture(work: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(mine, "_graphs", SimpleNamespace(capture=capture, recover=list))
    for learner in (plain, mine):
        learner.update(0, [0, 1, 2])
    for one, other in zip(plain.parameters, mine.parameters, strict=True):
        assert torch.equal(one, other)


def test_a_cpu_a_group_and_adalora_take_their_steps_one_by_one() -> None:
    card = torch.device("cuda")
    assert choose(PLAIN, card, Group()) is Recorded
    assert choose(PLAIN, CPU, Group()) is Learner
    assert choose(PLAIN, card, Group(0, 2)) is Learner
    assert choose(replace(PLAIN, peft="adalora"), card, Group()) is Learner


@needs_gpu
@pytest.mark.parametrize("changes", [{}, {"frozen_layers": 1}, {"clip": 0.0}], ids=str)
def test_a_replayed_step_moves_the_weights_as_the_plain_one_does(bert: Path, changes: dict) -> None:
    card, chosen = torch.device("cuda"), replace(PLAIN, **changes)
    plain, mine = make(bert, Learner, chosen, card), make(bert, Recorded, chosen, card)
    before = torch.cat([p.detach().flatten().clone() for p in plain.parameters])
    for learner in (plain, mine):
        learner.probe()
        for step in range(8):
            learner.update(step, list(range(step, 16, 2)))
    ends = [torch.cat([p.detach().flatten() for p in x.parameters]) for x in (plain, mine)]
    moved = (ends[0] - before).norm()
    # bf16: another padding rounds otherwise.
    assert moved > 1e-3 and (ends[0] - ends[1]).norm() < 0.1 * moved


def take_steps(kind: type[Learner], name: str, device: torch.device) -> tuple[Learner, list[str]]:
    model = test_freezing.make(name).to(device).train()
    told: list[str] = []
    test_freezing.without_dropout(model)
    chosen, padding = replace(PLAIN, clip=1e6, dropout=None), test_freezing.PADDING
    given = model, test_freezing.WINDOWS, chosen, device, padding, 10, Group(), told.append
    learner = kind(*given)
    if device.type == "cuda":
        learner.probe()
    for step in range(4):
        learner.update(step, [0, 1, 2, 6] if step % 2 else [3, 4, 5])
    return learner, told


@pytest.mark.parametrize("name", sorted(test_freezing.MODELS))
def test_models_of_all_kinds_learn_the_same_in_longer_batches(name: str) -> None:
    ends = [take_steps(kind, name, CPU)[0].parameters for kind in (Learner, Unrecorded)]
    for one, other in zip(*ends, strict=True):
        assert torch.allclose(one, other, atol=1e-4)


@needs_gpu
@pytest.mark.parametrize("name", sorted(test_freezing.MODELS))
def test_steps_of_all_kinds_of_models_can_be_recorded(name: str) -> None:
    card = torch.device("cuda")
    (plain, _), (mine, told) = (take_steps(kind, name, card) for kind in (Learner, Recorded))
    ends = [torch.cat([p.detach().flatten() for p in x.parameters]) for x in (plain, mine)]
    start = torch.cat([p.detach().flatten() for p in test_freezing.make(name).parameters()])
    moved = (ends[0].cpu() - start).norm()
    assert moved > 1e-3 and (ends[0] - ends[1]).norm() < 0.2 * moved
    assert not told or "cannot be recorded" in told[0]


@needs_gpu
def test_a_model_that_waits_for_the_gpu_learns_without_a_record(bert: Path) -> None:
    card, chosen = torch.device("cuda"), replace(PLAIN, dropout=0.1)
    mine = make(bert, Recorded, chosen, card)
    forward = mine.model.forward

    def waiting(**given: Any) -> object:
        found = forward(**given)
        found.logits.sum().item()
        return found

    mine.model.forward = waiting
    mine.probe()
    losses = [float(mine.update(step, list(range(8)))) for step in range(3)]
    assert isinstance(mine, Recorded) and mine._gave_up and all(np.isfinite(losses))


@needs_gpu
def test_replayed_steps_draw_other_dropout_each_time_and_the_same_from_a_state(bert: Path) -> None:
    card = torch.device("cuda")
    mine = make(bert, Recorded, replace(PLAIN, dropout=0.3, learning_rate=1e-8), card)
    mine.probe()
    state = torch.cuda.get_rng_state()
    losses = [float(mine.update(step, list(range(8)))) for step in (1, 2)]
    torch.cuda.set_rng_state(state)
    again = [float(mine.update(step, list(range(8)))) for step in (3, 4)]
    assert losses[0] != losses[1] and losses == pytest.approx(again, rel=1e-3)


@needs_gpu
def test_a_loss_that_is_no_number_is_told(bert: Path) -> None:
    mine = make(bert, Recorded, PLAIN, torch.device("cuda"))
    mine.probe()
    with torch.no_grad():
        mine.parameters[0].fill_(float("nan"))
    with pytest.raises(TrainingError, match="smaller learning rate"):
        mine.update(0, list(range(8)))
