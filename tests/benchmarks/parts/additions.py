"""What could be added to a training for spans, to be measured; the engine has none of it.

A CRF over a text's tags, neighbouring texts as context, the mean of the last epochs' weights, rates
that fall from layer to layer. Each is a context in which a whole run does so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import numpy as np
import torch

from engine.encoding.batches import Batch
from engine.encoding.examples import IGNORED, Window
from engine.encoding.word_pieces import Pieces
from engine.inference.predicting import logits
from engine.models.layers import find_layers
from engine.tasks.spans.tagging import decoding, encoding
from engine.training import loop, loss, optimizer, trainer
from engine.training.trainer_state import Best, Epoch, learned
from storage.types import Document

# Transitions begin at 0 and are few: at the encoder's rate they would stay there.
TRANSITION_RATE = 20.0
FORBIDDEN = -1e4
AVERAGED = 3
BELOW = 0.8


@contextmanager
def crf(rate: float = TRANSITION_RATE) -> Iterator[None]:
    """Learn whole tag sequences among the valid ones (Lafferty et al. 2001), and find the best.

    Transitions learn at ``rate`` times the encoder's rate; with 0 they are allowed or not, and
    what is decoded is what always is.
    """
    plain, tables = optimizer.make, []

    def make(model: Any, settings: Any) -> torch.optim.AdamW:
        made, tags = plain(model, settings), model.config.num_labels
        model.transitions = torch.nn.Parameter(torch.zeros(tags, tags))
        group = {"params": [model.transitions], "weight_decay": 0.0, "share": rate}
        made.add_param_group(group)
        tables.append(model.transitions)
        return made

    def total(_: object, model: Any, batch: Batch) -> torch.Tensor:
        return chain_loss(logits(model, batch), batch.targets, allowed(model.transitions))

    def decode(scores: Sequence[np.ndarray]) -> list[np.ndarray]:
        table = allowed(tables[-1].detach()).numpy()
        return [best_path(item, table) for item in scores]

    with (
        mock.patch.object(optimizer, "make", make),
        mock.patch.object(loss.CrossEntropy, "__call__", total),
        mock.patch.object(decoding, "decode", decode),
    ):
        yield


def allowed(transitions: torch.Tensor) -> torch.Tensor:
    """Return (tags, tags) as they are, but FORBIDDEN where the second may not follow in IOB2."""
    barred = torch.zeros_like(transitions)
    for inside in range(2, len(barred), 2):
        barred[:, inside] = FORBIDDEN
        barred[[inside - 1, inside], inside] = 0.0
    return transitions + barred


def chain_loss(scores: torch.Tensor, targets: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    """Return minus the summed log-probability of the windows' right tag sequences.

    ``scores`` are (windows, pieces, tags), ``targets`` (windows, pieces); what is IGNORED is no
    part of a sequence, which may begin with any tag: a window may begin within a span.
    """
    emitted, tags, real = _gathered(scores, targets)
    right = (emitted.gather(2, tags[:, :, None])[:, :, 0] * real).sum()
    right = right + (table[tags[:, :-1], tags[:, 1:]] * real[:, 1:]).sum()
    reached = emitted[:, 0]
    for step in range(1, emitted.shape[1]):
        after = (reached[:, :, None] + table).logsumexp(1) + emitted[:, step]
        reached = torch.where(real[:, step, None], after, reached)
    return reached.logsumexp(1).sum() - right


def _gathered(
    scores: torch.Tensor, targets: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return scores and targets of what is asked, side by side, and which of it is no padding."""
    known = targets != IGNORED
    counts = known.sum(1)
    rows, places = known.nonzero(as_tuple=True)
    at = rows, torch.arange(len(rows)) - (counts.cumsum(0) - counts)[rows]
    shape = len(targets), int(counts.max())
    emitted = scores.new_zeros(*shape, scores.shape[-1]).index_put(at, scores[rows, places])
    tags = targets.new_zeros(shape).index_put(at, targets[rows, places])
    return emitted, tags, torch.arange(shape[1]) < counts[:, None]


def best_path(scores: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Return the best sequence by Viterbi for (tokens, tags) scores and transitions."""
    best, back = scores[0].copy(), []
    best[2::2] = FORBIDDEN
    for emitted in scores[1:]:
        reached = best[:, None] + table
        back.append(reached.argmax(0))
        best = reached.max(0) + emitted
    path = [int(best.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return np.array(path[::-1])


@contextmanager
def greedy() -> Iterator[None]:
    """Take every token's own best tag, as a plain token classifier is read.

    An I that follows nothing of its kind begins a span.
    """

    def decode(scores: Sequence[np.ndarray]) -> list[np.ndarray]:
        paths = [item.argmax(axis=1) for item in scores]
        return [path - decoding._illegal(path) for path in paths]

    with mock.patch.object(decoding, "decode", decode):
        yield


@contextmanager
def greedy_crf() -> Iterator[None]:
    """Learn whole sequences, and take every token's own best tag."""
    with crf(0.0), greedy():
        yield


@contextmanager
def neighbours(context: int) -> Iterator[None]:
    """Show up to ``context`` pieces of its group before and behind each document.

    FLERT (Schweter and Akbik 2020). Documents of no group stand alone.
    """
    plain = encoding.windows

    def windows(
        documents: Sequence[Document], pieces: Pieces, length: int, *others: Any, **named: Any
    ) -> Iterator[Window]:
        documents = list(documents)
        made = list(plain(documents, pieces, length, *others, **named))
        groups = [documents[window.document].group for window in made]
        for place in range(len(made)):
            yield _widened(made, groups, place, pieces, context)

    with mock.patch.object(encoding, "windows", windows):
        yield


def _widened(
    made: Sequence[Window], groups: Sequence[str], place: int, pieces: Pieces, context: int
) -> Window:
    """Return a window with its neighbours' pieces on both sides."""
    window, head, tail = made[place], len(pieces.prefix), len(pieces.suffix)

    def bodies(step: int) -> Iterator[Window]:
        at, left = place + step, context
        while 0 <= at < len(made) and groups[at] == groups[place] != "" and left > 0:
            yield made[at]
            left -= len(made[at].pieces) - head - tail
            at += step

    before, behind = list(bodies(-1))[::-1], list(bodies(1))

    def join(name: str) -> tuple[int, ...]:
        own = getattr(window, name)
        inner = [
            [n for each in some for n in getattr(each, name)[head : len(each.pieces) - tail]]
            for some in (before, behind)
        ]
        end = len(own) - tail
        return (*own[:head], *inner[0][-context:], *own[head:end], *inner[1][:context], *own[end:])

    read = join("pieces")
    shift = min(context, sum(len(each.pieces) - head - tail for each in before))
    places = tuple(at + shift for at in window.places)
    return replace(
        window, pieces=read, places=places, segments=join("segments") if window.segments else ()
    )


@contextmanager
def averaged() -> Iterator[None]:
    """End with the mean of the last epochs' weights instead of the best epoch's."""
    kept: list[dict[str, torch.Tensor]] = []

    class Averaging(Best):
        def offer(self, model: torch.nn.Module, epoch: int, dev: dict | None) -> bool:
            kept.append({name: tensor.clone() for name, tensor in learned(model).items()})
            del kept[:-AVERAGED]
            return super().offer(model, epoch, dev)

        def restore(self, model: torch.nn.Module) -> None:
            names = kept[0]
            self.weights = {n: torch.stack([each[n] for each in kept]).mean(0) for n in names}
            super().restore(model)

    plain = trainer.DevEvaluator.epoch

    def epoch(self: trainer.DevEvaluator, epoch: Epoch, best: bool) -> None:
        plain(self, epoch, best)
        # Nothing that was evaluated is what the run ends with.
        self.best = None

    with (
        mock.patch.object(loop, "Best", Averaging),
        mock.patch.object(trainer.DevEvaluator, "epoch", epoch),
    ):
        yield


@contextmanager
def layered() -> Iterator[None]:
    """Let each layer learn BELOW times as fast as the one above it."""
    make, share = optimizer.make, optimizer._share
    depth: list[int] = []

    def falling(name: str, parameter: torch.nn.Parameter, settings: Any) -> float:
        found = re.search(r"\.layer\.(\d+)\.", name)
        below = depth[-1] - 1 - int(found[1]) if found else 0
        return share(name, parameter, settings) * BELOW**below

    def measured(model: torch.nn.Module, settings: Any) -> torch.optim.AdamW:
        depth.append(len(find_layers(model)))
        return make(model, settings)

    with (
        mock.patch.object(optimizer, "_share", falling),
        mock.patch.object(optimizer, "make", measured),
    ):
        yield


SWITCHES = {
    "crf": crf,
    "fixed crf": lambda: crf(0.0),
    "greedy": greedy,
    "greedy crf": greedy_crf,
    "neighbours": lambda: neighbours(32),
    "averaged": averaged,
    "layered": layered,
}
