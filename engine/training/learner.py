"""One optimizer step: a batch in parts and shares, its gradient, clipping, AdamW.

Where memory runs out, the batch is computed in twice as many parts, with the same result. On a
GPU a step is recorded when its shape first comes, and replayed from then on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import numpy as np
import torch

from engine.configuration.settings import LEARNED, Settings
from engine.encoding.batches import collate
from engine.encoding.examples import Window
from engine.encoding.packed import Windows
from engine.models import adapters, token_types
from engine.training import optimizer
from engine.training.distributed import Group
from engine.training.features.contrast import Contrast
from engine.training.features.probing import Probe
from engine.training.freezing import LIMIT, Cache
from engine.training.gpu.graphs import Graphs
from engine.training.gpu.resident import Resident
from engine.training.loss import CrossEntropy
from engine.training.trainer_state import Diverged
from storage.errors import TrainingError

T = TypeVar("T")

# Reading a number from a GPU waits for it.
GLANCE_STEPS = 50
SHAPES_SHARE = 1 / 3
"""Below frozen layers words' shapes learn in this share of the steps, the first ones: after them
the layers' output is kept as ever."""
LENGTHS = 16
"""Recorded batches are as many times this long. A shape takes a sixth of a second to record."""
Outcome = tuple[torch.Tensor, torch.Tensor]
"""A step's summed loss and the norm of its gradient."""


class Learner:
    """The model, its optimizer and its loss; takes one step at a time."""

    def __init__(
        self,
        model: torch.nn.Module,
        windows: Sequence[Window],
        settings: Settings,
        device: torch.device,
        padding: int,
        steps: int,
        group: Group,
        log: Callable[[str], None],
        objective: type[CrossEntropy] = CrossEntropy,
        cache: Cache | None = None,
        room: int = LIMIT,
    ) -> None:
        self.model, self.settings, self.device = model, settings, device
        self.windows, self.padding, self.steps = windows, padding, steps
        self.group, self.log = group, log
        self.accumulation = settings.accumulation
        self.objective = objective(settings, windows, model.config.num_labels, device)
        self._room = room
        self._shaping = settings.word_shapes == LEARNED and settings.frozen_layers > 0
        self.cache = cache or self._keep(0 if self._shaping else settings.frozen_layers)
        self.head = Probe(model, windows, self.objective, padding, device, self.cache.serve)
        self.contrast = Contrast(model, settings.contrast)
        self.optimizer = optimizer.make(model, settings)
        self.parameters = [p for group in self.optimizer.param_groups for p in group["params"]]

    def _keep(self, layers: int) -> Cache:
        return Cache(self.model, self.windows, layers, self.padding, self.device, self._room)

    def begin_epoch(self, epoch: int) -> None:
        """Prepare what an epoch shows; torch is seeded for it already."""

    def capture(self) -> dict[str, torch.Tensor]:
        """Return what the steps to come depend on besides weights and optimizer, by name."""
        return {}

    def restore(self, captured: dict[str, torch.Tensor]) -> None:
        """Put what ``capture`` returned back."""

    def probe(self) -> None:
        """Try the longest windows of all first, so that memory runs out now or never."""
        longest = np.argsort(-Windows.of(self.windows).lengths, kind="stable")
        self._differentiate(longest[: self.settings.batch_size].tolist())
        self.optimizer.zero_grad(set_to_none=True)
        rewind(self.device, self._random)

    def update(self, step: int, positions: Sequence[int]) -> torch.Tensor:
        """Take one optimizer step (from 0); return the batch's summed loss, on the device.

        Raises Diverged where the loss or the gradient is no number; the weights are
        then still those of the step before.
        """
        self._begin(step)
        loss = self._differentiate(positions)
        self.group.sum_gradients(self.parameters, loss)
        norm = self._clip()
        if self.device.type == "cpu" or step % GLANCE_STEPS == 0:
            self.check(step, loss, norm)
        self.optimizer.step()
        adapters.after_step(self.model, step)
        self.optimizer.zero_grad(set_to_none=True)
        return loss

    def _begin(self, step: int) -> None:
        optimizer.set_rate(self.optimizer, self.settings, step, self.steps)
        if self._shaping and step >= SHAPES_SHARE * self.steps:
            self._settle()

    def _settle(self) -> None:
        """Leave words' shapes as they are from now on, and keep what the frozen layers say."""
        self._shaping = False
        token_types.learn(self.model, False)
        self.cache = self._keep(self.settings.frozen_layers)

    def measure(self, positions: Sequence[int]) -> tuple[float, int]:
        """Return the weight of a batch in the loss, and how many words it stands for."""
        batch = [self.windows[position] for position in positions]
        return self.objective.weight(batch), sum(window.words for window in batch)

    def check(self, step: int, *figures: torch.Tensor) -> None:
        """Raise Diverged where one of these is no finite number."""
        if not all(math.isfinite(float(figure)) for figure in figures):
            raise Diverged(
                f"The loss stopped being a number at step {step + 1} of {self.steps}; "
                f"choose a smaller learning rate."
            )

    def _differentiate(self, positions: Sequence[int]) -> torch.Tensor:
        """Leave the batch's gradient in the parameters; return this process's summed loss."""
        self._random = read_random(self.device)
        while True:
            try:
                loss, exhausted = self._accumulate(positions), False
            except RuntimeError as problem:
                if not is_exhausted(problem):
                    raise
                loss, exhausted = torch.zeros((), device=self.device), True
            if not self.group.agree(exhausted)[0]:
                return loss
            self._halve(len(positions))

    def _accumulate(self, positions: Sequence[int]) -> torch.Tensor:
        batch = [self.windows[position] for position in positions]
        weight = max(self.objective.weight(batch), 1e-9)
        total = torch.zeros((), device=self.device)
        for part in split(self.group.share(batch), self.accumulation):
            padded = collate(part, self.padding).to(self.device)
            with self.cache.serve(padded):
                loss = self.contrast.mix(self.objective, self.model, padded)
            (loss / weight).backward()
            total += loss.detach()
        return total

    def _halve(self, windows: int) -> None:
        """Compute batches in twice as many parts from now on; raise where there is no half."""
        if self.accumulation >= windows:
            raise TrainingError(
                f"The memory is too small even for a single window of up to "
                f"{self.settings.max_length} pieces; choose a smaller window length or a smaller "
                f"base model."
            )
        self.accumulation *= 2
        self.optimizer.zero_grad(set_to_none=True)
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        rewind(self.device, self._random)
        self.log(
            f"The memory was too small for a batch at once: batches of {self.settings.batch_size} "
            f"windows are now computed in {self.accumulation} parts, with the same result."
        )

    def _clip(self) -> torch.Tensor:
        """Clip the gradient and return its norm; without clipping, a norm that says nothing."""
        if not self.settings.clip:
            return torch.zeros(())
        return torch.nn.utils.clip_grad_norm_(self.parameters, self.settings.clip)


class Recorded(Learner):
    """Has a GPU replay its steps, recorded once for each shape of batch.

    A step is Learner's, to the last digits of bf16. Where a batch does not fit into the memory as
    a whole, or a step cannot be recorded, it is taken as Learner takes it.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        windows = Windows.of(self.windows)
        self._resident = Resident(windows, self.padding, self.device)
        lengths = windows.lengths
        # The longest may be as long as the model has positions for.
        self._lengths = np.minimum(lengths + -lengths % LENGTHS, lengths.max(initial=0))
        self._weights, self._words = self.objective.weights(windows), windows.numbers("words")
        self._weight_of = torch.tensor(self._weights, dtype=torch.float32, device=self.device)
        self._firsts = self._find_firsts()
        self._gave_up = False
        self._graphs = self._make_graphs()
        self._steps: dict[tuple[int, int], tuple[torch.Tensor, Callable[[], Outcome]]] = {}

    def _make_graphs(self) -> Graphs:
        return Graphs()

    def measure(self, positions: Sequence[int]) -> tuple[float, int]:
        """Return the weight of a batch in the loss, and how many words it stands for."""
        return float(self._weights[positions].sum()), int(self._words[positions].sum())

    def probe(self) -> None:
        """Try the longest windows of all where steps are recorded, which is then ready for it."""
        with self._graphs.aside():
            super().probe()
        torch.cuda.empty_cache()

    def update(self, step: int, positions: Sequence[int]) -> torch.Tensor:
        """Take one optimizer step (from 0); return the batch's summed loss, on the device.

        Raises Diverged soon after the loss or the gradient is no number.
        """
        self._begin(step)
        if not (found := self._find(positions)):
            return super().update(step, positions)
        rows, replay = found
        rows.copy_(torch.tensor(positions), non_blocking=True)
        loss, norm = replay()
        if step % GLANCE_STEPS == 0:
            self.check(step, loss, norm)
        return loss

    def _settle(self) -> None:
        super()._settle()
        # What was recorded computes the frozen layers.
        self._steps.clear()
        self._firsts = self._find_firsts()

    def _find_firsts(self) -> torch.Tensor:
        return torch.tensor(self.cache.first_rows(self.windows), device=self.device)

    def _find(self, positions: Sequence[int]) -> tuple[torch.Tensor, Callable[[], Outcome]] | None:
        """Return where a batch's numbers go, and the step for its shape; None without a record."""
        if self._gave_up or self.accumulation > 1:
            return None
        shape = len(positions), int(self._lengths[positions].max())
        if shape not in self._steps:
            rows = torch.tensor(positions, device=self.device)
            try:
                self._steps[shape] = rows, self._graphs.capture(lambda: self._step(rows, shape[1]))
            except RuntimeError:
                # What is wrong with the step itself is told when it is taken without a record.
                self._give_up()
                return None
        return self._steps[shape]

    def _step(self, rows: torch.Tensor, length: int) -> Outcome:
        """Compute a step of the windows with these numbers."""
        batch = self._resident.batch(rows, length)
        with self._serve(rows, length):
            loss = self.contrast.mix(self.objective, self.model, batch)
        (loss / self._weight_of[rows].sum().clamp(min=1e-9)).backward()
        norm = self._clip()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach(), norm

    def _serve(self, rows: torch.Tensor, length: int) -> AbstractContextManager[None]:
        if not len(self._firsts):
            return nullcontext()
        return self.cache.replay(self._resident.spread(self._firsts, rows, length))

    def _give_up(self) -> None:
        """Take steps without a record from now on; nothing of the step was done yet."""
        self._gave_up = True
        self._steps.clear()
        self._graphs.recover()
        self.optimizer.zero_grad(set_to_none=True)
        torch.cuda.empty_cache()
        self.log(
            "The steps cannot be recorded on this GPU, for its memory is too small or the base "
            "model waits for it: they take longer, with the same result."
        )


def choose(settings: Settings, device: torch.device, group: Group) -> type[Learner]:
    """Return who takes the steps of a training there.

    AdaLoRA looks at its gradients between two steps, and several processes wait for each other.
    """
    alone = group.size == 1 and settings.peft != "adalora"
    return Recorded if device.type == "cuda" and alone else Learner


def split(windows: Sequence[T], parts: int) -> list[Sequence[T]]:
    """Cut a batch into at most ``parts`` parts of nearly the same number of windows."""
    size = math.ceil(len(windows) / parts) if windows else 1
    return [windows[start : start + size] for start in range(0, len(windows), size)]


def is_exhausted(problem: RuntimeError) -> bool:
    """Tell whether an error says that memory ran out, on a GPU or in main memory."""
    return isinstance(problem, torch.OutOfMemoryError) or "allocate memory" in str(problem)


def read_random(device: torch.device) -> list[torch.Tensor]:
    """Return the states of the generators that dropout draws from."""
    states = [torch.get_rng_state()]
    return [*states, torch.cuda.get_rng_state(device)] if device.type == "cuda" else states


def rewind(device: torch.device, states: list[torch.Tensor]) -> None:
    """Put states back that ``read_random`` returned."""
    torch.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)
