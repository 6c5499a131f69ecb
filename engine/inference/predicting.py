"""Models on documents: the probabilities of every answer, the marks they decode to, the score."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

import numpy as np
import torch

from engine.configuration.settings import Settings
from engine.encoding.batches import Batch, by_budget, collate
from engine.encoding.examples import IGNORED, Window
from engine.encoding.packed import Windows
from engine.evaluation.certainty import intervals
from engine.evaluation.certainty.judged import Judged, Judgement
from engine.inference.flat.encoder import Flat
from engine.models import token_types
from engine.models.loading import Loaded
from engine.tasks.base import Head
from storage.types import Document, Match, Span

Serve = Callable[[Batch], AbstractContextManager[None]]
BUDGET = {"cpu": 2048, "cuda": 65536}


def autocast(device: torch.device) -> torch.autocast:
    """Learn in bf16 on GPUs that have it, and say in fp32 what a model says.

    CPUs without bf16 units are 20 times slower in it. Predictions wait for the tokenizer, not for
    the GPU; in bf16 they were no faster, and other marks came out in 1 document of 400.
    """
    learns = not torch.is_inference_mode_enabled()
    has = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=learns and has)


def log_softmax(scores: torch.Tensor) -> torch.Tensor:
    """Return the log-probabilities of outputs of which one is right."""
    return scores.log_softmax(-1)


def logits(model: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """Return float32 logits of shape (windows, pieces, outputs), or (windows, outputs)."""
    types = token_types.given(model, batch)
    with autocast(batch.pieces.device):
        output = model(input_ids=batch.pieces, attention_mask=batch.mask, **types)
    return output.logits.float()


def score_units(
    model: torch.nn.Module,
    windows: Sequence[Window],
    lengths: Sequence[int],
    padding: int,
    device: torch.device,
    pause: Callable[[], None] = lambda: None,
    serve: Serve | None = None,
    chances: Callable[[torch.Tensor], torch.Tensor] = log_softmax,
    flat: Flat | None = None,
) -> list[np.ndarray]:
    """Return float32 log-probabilities of shape (units, outputs) for every document.

    ``lengths`` are the documents' numbers of units (tokens, or one); each is filled from the
    window that answers for it, or from the mean of the logits of those that do. ``pause`` is
    called after each batch and may raise; ``serve`` opens the context in which a batch is
    computed (see freezing.Cache); ``chances`` makes log-probabilities of logits; ``flat`` is the
    model in a form that answers faster.
    """
    groups = list(by_budget(Windows.of(windows).lengths.tolist(), BUDGET[device.type]))
    found = [torch.zeros((0, model.config.num_labels), device=device)]

    def score(positions: Sequence[int]) -> torch.Tensor:
        chosen = [windows[i] for i in positions]
        if flat:
            with torch.inference_mode():
                return flat.answer(chosen)
        batch = collate(chosen, padding)
        with torch.inference_mode(), serve(batch) if serve else nullcontext():
            return _score(model, batch, device)

    # A context that replaces layers is the whole model's, so only one batch can be inside it.
    side_by_side = device.type == "cpu" and serve is None
    with _evaluating(model):
        for rows in in_threads(score, groups) if side_by_side else map(score, groups):
            found.append(rows)
            pause()
    read = [windows[i] for group in groups for i in group]
    rows = _pool(read, torch.cat(found))
    # Once, at the end: on a GPU each copy back would wait for all work before it.
    return _fill(read, chances(rows).cpu().numpy(), lengths)


def _pool(windows: Sequence[Window], rows: torch.Tensor) -> torch.Tensor:
    """Give every window of a document that several answer for the mean of their logits."""
    if all(window.share == 1.0 for window in windows):
        return rows
    _, place = np.unique([window.document for window in windows], return_inverse=True)
    places = torch.from_numpy(place.reshape(-1)).to(rows.device)
    shares = torch.tensor([window.share for window in windows], device=rows.device)[:, None]
    sums = torch.zeros((int(places.max()) + 1, rows.shape[1]), device=rows.device)
    return sums.index_add_(0, places, rows * shares)[places]


def in_threads(
    score: Callable[[Sequence[int]], torch.Tensor], groups: Sequence[Sequence[int]]
) -> Iterator[torch.Tensor]:
    """Score batches side by side, one thread each, instead of each by all threads in turn.

    Threads that share a matrix product wait for each other at every one. The bits are the
    same, and on two cores it is 1.3 times as fast.
    """
    threads = torch.get_num_threads()
    if threads == 1:
        # A thread that comes and goes would leave its own heap behind.
        yield from map(score, groups)
        return
    pool = ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield from pool.map(score, groups)
    finally:
        pool.shutdown(cancel_futures=True)
        # MKL's number of threads is one for the whole process.
        torch.set_num_threads(threads)


@contextmanager
def _evaluating(model: torch.nn.Module) -> Iterator[None]:
    training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(training)


def _score(model: torch.nn.Module, batch: Batch, device: torch.device) -> torch.Tensor:
    """Return the logits (units, outputs) of a batch's units, window after window."""
    places = torch.from_numpy(batch.answers())
    if device.type == "cuda":
        # Copies from pageable memory would wait, whatever non_blocking says.
        pinned = (tensor.pin_memory() for tensor in batch.tensors)
        batch, places = Batch(batch.windows, *pinned), places.pin_memory()
    found = logits(model, batch.to(device)).flatten(0, -2)
    return found[places.to(device, non_blocking=True)]


def _fill(windows: Sequence[Window], rows: np.ndarray, lengths: Sequence[int]) -> list[np.ndarray]:
    """Hand the rows, which lie in the order of the windows' units, to their documents."""
    filled = [np.zeros((length, rows.shape[1]), dtype=np.float32) for length in lengths]
    at = 0
    for window in windows:
        until = at + len(window.units)
        filled[window.document][np.asarray(window.units)] = rows[at:until]
        at = until
    return filled


def mean_loss(windows: Sequence[Window], scores: Sequence[np.ndarray]) -> float:
    """Return the mean negative log-probability of the right answers over all that is asked."""
    total, count = 0.0, 0.0
    for window in windows:
        targets = np.array(window.targets)
        asked = targets != IGNORED
        units = np.array(window.units)[asked]
        right = scores[window.document][units, targets[asked]].sum(dtype=np.float64)
        total -= window.share * float(right)
        count += window.share * int(asked.sum())
    return total / count if count else 0.0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a model predicts for a split, beside what people say."""

    head: Head
    documents: Sequence[Document]
    predicted: Sequence[tuple[Span, ...]]
    matches: Sequence[Match]
    answers: Sequence[np.ndarray]
    """Each document's log-probabilities (units, outputs)."""
    labels: Sequence[str]
    loss: float

    def figures(self) -> dict:
        """Return the short figures of an epoch, as the task counts them, and the loss."""
        found = self.head.task.figures(self.documents, self.predicted, self.matches)
        return {**found, "loss": self.loss}

    def scores(self) -> dict:
        """Return the full scores, as a report holds them."""
        judged = Judged.of(map(Judgement.of, self.matches))
        sure = intervals.of(judged, len(self.documents)).to_json()
        notes = {**self.tell(), "loss": self.loss, "intervals": sure}
        return self.head.task.score(self.documents, self.predicted, self.matches, notes)

    def by(self, head: Head) -> Evaluation:
        """Return what another head tells of the same answers; marks stay as they were decoded."""
        return replace(self, head=head)

    def tell(self) -> Mapping[str, object]:
        """Return what the report tells besides; only the last evaluations are asked for it."""
        return self.head.notes(self.documents, self.answers, self.labels)


class Evaluator:
    """The documents of a split, encoded once, to evaluate a model on as often as asked."""

    def __init__(
        self,
        documents: Sequence[Document],
        loaded: Loaded,
        labels: Sequence[str],
        settings: Settings,
        device: torch.device,
        pause: Callable[[], None] = lambda: None,
        serve: Callable[[Sequence[Window]], Serve] | None = None,
        decides: bool = False,
        windows: Sequence[Window] | None = None,
    ) -> None:
        """Encode them, unless somebody has; ``decides``: they are dev's.

        Dev says how answers are decided.
        """
        if windows is None:
            length, pieces = min(settings.max_length, loaded.longest), loaded.pieces
            windows = loaded.head.encode(documents, pieces, labels, length, settings.stride)
        self.windows = windows
        self._documents, self._loaded, self._labels = documents, loaded, labels
        self._device, self._pause, self._decides = device, pause, decides
        self._serve = serve(self.windows) if serve else None

    def evaluate(self) -> Evaluation:
        """Predict every document with the model as it is now, and judge the result."""
        documents, head = self._documents, self._loaded.head
        model, padding = self._loaded.model, self._loaded.padding
        where = padding, self._device, self._pause, self._serve
        lengths, chances = list(map(head.units, documents)), head.objective.chances
        scores = score_units(model, self.windows, lengths, *where, chances)
        if self._decides:
            head = head.decided(documents, scores, self._labels)
        predicted = head.decode(documents, scores, self._labels)
        matches = head.task.match(documents, predicted)
        loss = head.objective.mean(self.windows, scores)
        return Evaluation(head, documents, predicted, matches, scores, self._labels, loss)
