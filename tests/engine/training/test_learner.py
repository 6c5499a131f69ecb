"""One optimizer step: parts of a batch, weights, memory that runs out, numbers that are none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.configuration.settings import KNOWN, LEARNED, Settings
from engine.encoding.batches import Batch, collate
from engine.models import loading
from engine.tasks.spans.tagging.encoding import encode
from engine.training import freezing
from engine.training.distributed import Group
from engine.training.learner import Learner, is_exhausted, split
from engine.training.loss import CrossEntropy, weigh
from engine.training.trainer_state import Diverged
from storage.errors import TrainingError
from tests.engine import tiny

CPU = torch.device("cpu")
LABELS = ("person", "place")
PLAIN = Settings(batch_size=16, dropout=0.0, learning_rate=1e-3, weight_decay=0.0)


def make(base: Path, settings: Settings = PLAIN, log: list | None = None) -> Learner:
    torch.manual_seed(1)
    loaded = loading.load_base(base, LABELS, settings.dropout, word_shapes=settings.word_shapes)
    freezing.freeze(loaded.model, settings.frozen_layers, settings.word_shapes == LEARNED)
    loaded.model.train()
    documents = [*tiny.corpus(15), tiny.document("Ada Lovelace saw Ulm " * 5, id=99)]
    windows = encode(documents, loaded.pieces, LABELS, 48, 16)
    log = [] if log is None else log
    arguments = settings, CPU, loaded.padding, 10, Group(), log.append
    return Learner(loaded.model, windows, *arguments)


def weights(learner: Learner) -> torch.Tensor:
    return torch.cat([p.detach().flatten().clone() for p in learner.model.parameters()])


def limit(learner: Learner, windows: int) -> list[int]:
    """Let the model run out of memory where it sees more windows than these at once."""
    forward, seen = learner.model.forward, []

    def limited(*, input_ids: torch.Tensor, **values: Any) -> object:
        seen.append(len(input_ids))
        if len(input_ids) > windows:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(input_ids=input_ids, **values)

    learner.model.forward = limited
    return seen


@pytest.mark.parametrize("parts", [2, 4, 5, 16, 100])
def test_a_batch_in_parts_moves_the_weights_as_the_whole_batch_does(bert: Path, parts: int) -> None:
    whole, divided = make(bert), make(bert, replace(PLAIN, accumulation=parts))
    positions = list(range(16))
    # SGD shows the gradient itself; Adam would hide a wrong scale.
    for learner in (whole, divided):
        learner.optimizer = torch.optim.SGD([{"params": learner.parameters, "share": 1.0}], lr=1.0)
    before = weights(whole)
    losses = [float(learner.update(0, positions)) for learner in (whole, divided)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert (weights(whole) - before).norm() > 1e-5
    assert torch.allclose(weights(whole), weights(divided), atol=1e-5)


def test_parts_are_nearly_equal_and_lose_no_window() -> None:
    for count in range(1, 20):
        for parts in range(1, 25):
            found = split(list(range(count)), parts)
            assert [item for part in found for item in part] == list(range(count))
            assert len(found) <= parts
    assert split([], 3) == []


def test_where_memory_runs_out_the_batch_is_halved_with_the_same_result(bert: Path) -> None:
    log: list[str] = []
    free, tight = make(bert), make(bert, log=log)
    seen = limit(tight, 5)
    for learner in (free, tight):
        learner.probe()
        for step in range(4):
            learner.update(step, range(16))
    assert tight.accumulation == 4
    assert torch.allclose(weights(free), weights(tight), atol=1e-5)
    assert [line.split(": ")[0] for line in log] == [
        "The memory was too small for a batch at once"
    ] * 2
    assert "computed in 4 parts" in log[1]
    # All attempts that failed were made by the probe, before the first step.
    assert max(seen[seen.index(4) :]) <= 4


def test_the_probe_takes_the_longest_windows_and_changes_nothing(bert: Path) -> None:
    learner = make(bert, replace(PLAIN, batch_size=2, dropout=0.5))
    sizes = []
    forward = learner.model.forward

    def spy(*, input_ids: torch.Tensor, **values: Any) -> object:
        sizes.append(input_ids.shape)
        return forward(input_ids=input_ids, **values)

    learner.model.forward = spy
    before, random = weights(learner), torch.get_rng_state()
    learner.probe()
    longest = max(len(window.pieces) for window in learner.windows)
    assert sizes == [(2, longest)]
    assert torch.equal(weights(learner), before)
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in learner.parameters)


def test_memory_too_small_for_one_window_is_said(bert: Path) -> None:
    learner = make(bert)
    limit(learner, 0)
    with pytest.raises(TrainingError, match="too small even for a single window of up to 128"):
        learner.probe()


def test_other_errors_are_not_taken_for_exhausted_memory() -> None:
    assert is_exhausted(torch.OutOfMemoryError("CUDA out of memory."))
    assert not is_exhausted(RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError) as problem:
        torch.empty(1 << 60)
    assert is_exhausted(problem.value)


@pytest.mark.parametrize("where", ["loss", "gradient"])
def test_a_step_without_a_number_leaves_the_weights_as_they_were(bert: Path, where: str) -> None:
    learner = make(bert)
    learner.update(0, range(16))
    before = weights(learner)
    objective = learner.objective

    class Broken(CrossEntropy):
        def __init__(self) -> None:
            vars(self).update(vars(objective))

        def __call__(self, model: torch.nn.Module, batch: Batch) -> torch.Tensor:
            loss = objective(model, batch)
            if where == "loss":
                return loss * math.nan
            # The loss stays a number; its gradient does not.
            loss.register_hook(lambda gradient: gradient * math.inf)
            return loss

    learner.objective = Broken()
    with pytest.raises(Diverged, match="at step 2 of 10; choose a smaller learning rate"):
        learner.update(1, range(16))
    assert torch.equal(weights(learner), before)


def test_rare_tags_weigh_more_and_the_mean_weight_is_one(bert: Path) -> None:
    learner = make(bert)
    tags = [tag for window in learner.windows for tag in window.targets]
    for power in (0.0, 0.5, 1.0):
        found = weigh(learner.windows, 5, power)
        assert sum(found[tag] for tag in tags) / len(tags) == pytest.approx(1.0)
        assert bool(found[1] > found[0]) is (power > 0)
    assert weigh(learner.windows, 9, 0.5)[8] == 1.0


@pytest.mark.parametrize("settings", [{"class_weights": 0.5}, {"label_smoothing": 0.1}])
def test_weights_and_smoothing_do_not_depend_on_the_parts(bert: Path, settings: dict) -> None:
    whole = make(bert, replace(PLAIN, **settings))
    divided = make(bert, replace(PLAIN, accumulation=4, **settings))
    for learner in (whole, divided):
        learner.update(0, range(16))
    assert torch.allclose(weights(whole), weights(divided), atol=1e-5)


def test_smoothing_and_weights_change_the_loss_as_they_should(bert: Path) -> None:
    learner = make(bert)
    learner.model.eval()
    batch = collate(learner.windows, learner.padding)

    def loss(**values: Any) -> float:
        objective = CrossEntropy(replace(PLAIN, **values), learner.windows, 5, CPU)
        with torch.no_grad():
            total = float(objective(learner.model, batch))
        return total / objective.weight(learner.windows)

    with torch.no_grad():
        chances = learner.model(input_ids=batch.pieces, attention_mask=batch.mask)
    rows = chances.logits.log_softmax(-1)[batch.targets >= 0]
    gold = batch.targets[batch.targets >= 0]
    plain = -rows[range(len(gold)), gold]
    assert loss() == pytest.approx(float(plain.mean()), rel=1e-5)
    smooth = 0.9 * plain + 0.1 * -rows.mean(dim=1)
    assert loss(label_smoothing=0.1) == pytest.approx(float(smooth.mean()), rel=1e-5)
    weight = torch.tensor(weigh(learner.windows, 5, 0.5))[gold]
    expected = float((plain * weight).sum() / weight.sum())
    assert loss(class_weights=0.5) == pytest.approx(expected, rel=1e-5)


def test_the_head_may_learn_faster_than_the_encoder(bert: Path) -> None:
    learner = make(bert, replace(PLAIN, head_rate=10.0))
    before = {name: p.detach().clone() for name, p in learner.model.named_parameters()}
    learner.update(0, range(16))
    rates: Sequence[float] = sorted({group["lr"] for group in learner.optimizer.param_groups})
    assert rates[1] == pytest.approx(10 * rates[0])
    moved = {
        n: float((p.detach() - before[n]).abs().max()) for n, p in learner.model.named_parameters()
    }
    assert moved["classifier.weight"] > 5 * moved["bert.encoder.layer.0.output.dense.weight"]


def test_shapes_learn_below_frozen_layers_at_first_and_then_these_are_computed_once(
    bert: Path,
) -> None:
    learner = make(bert, replace(PLAIN, frozen_layers=1, word_shapes="learned"))
    types = learner.model.bert.embeddings.token_type_embeddings.weight
    lowest = learner.model.bert.encoder.layer[0].attention.self.query.weight
    before, seen, kept = lowest.detach().clone(), [types.detach().clone()], []
    for step in range(10):
        learner.update(step, list(range(16)))
        seen.append(types.detach().clone())
        kept.append(learner.cache.bytes > 0)
    moved = [not torch.equal(one, other) for one, other in zip(seen, seen[1:], strict=False)]
    # Ten steps: the first third ends within the fourth.
    assert moved == [True] * 4 + [False] * 6
    assert kept == [False] * 4 + [True] * 6
    assert torch.equal(lowest, before)
    assert not torch.equal(seen[-1][0], seen[-1][1])


def test_known_shapes_stay_below_frozen_layers_which_are_computed_once(bert: Path) -> None:
    learner = make(bert, replace(PLAIN, frozen_layers=1, word_shapes=KNOWN))
    types = learner.model.bert.embeddings.token_type_embeddings.weight
    before = types.detach().clone()
    assert learner.cache.bytes > 0
    learner.update(0, list(range(16)))
    assert torch.equal(types, before)


def test_without_frozen_layers_shapes_learn_to_the_end(bert: Path) -> None:
    learner = make(bert, replace(PLAIN, word_shapes="learned"))
    types = learner.model.bert.embeddings.token_type_embeddings.weight
    for step in range(10):
        before = types.detach().clone()
        learner.update(step, list(range(16)))
        assert not torch.equal(types, before)
