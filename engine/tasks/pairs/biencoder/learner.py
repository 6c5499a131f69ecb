"""The steps of a bi-encoder: each first text is to find its second one among those of the batch.

The loss is the cross-entropy of the similarities to all second texts of a batch and to hard
negatives (Henderson et al. 2017, "Efficient Natural Language Response Suggestion"; in
sentence-transformers ``MultipleNegativesRankingLoss``). What is known to fit a first text is
never its negative, and a text that several examples share is read and counted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from engine.encoding.examples import Window
from engine.tasks.pairs.biencoder import mining
from engine.tasks.pairs.biencoder.embedding import Text, embed, embed_all
from engine.tasks.pairs.biencoder.examples import Examples
from engine.training.learner import Learner, read_random, rewind, split
from engine.training.loss import CrossEntropy

# Cosines lie between -1 and 1, too close for a softmax: sentence-transformers' factor.
SCALE = 20.0
# Hard negatives of each example in a step.
NEGATIVES = 1


class Counted(CrossEntropy):
    """Every example weighs 1; the loss itself is the learner's, who sees the whole batch."""

    def __init__(self, *given: Any) -> None:
        """Nothing is to be weighed."""

    def weight(self, windows: Iterable[Window]) -> float:
        """Return the number of examples."""
        return float(sum(1 for _ in windows))


class ContrastiveLearner(Learner):
    """Takes the steps of a bi-encoder; a window stands for an example, by its ``document``."""

    def __init__(
        self,
        examples: Examples,
        texts: Sequence[Text],
        pause: Callable[[], None],
        *given: Any,
    ) -> None:
        super().__init__(*given)
        self._examples, self._texts, self._pause = examples, texts, pause
        # Before the model has learned anything, people know better what does not fit.
        self._negatives = examples.judged(NEGATIVES)

    def begin_epoch(self, epoch: int) -> None:
        """Find hard negatives with the model as it is now, from the second epoch on."""
        if epoch > 1:
            examples, seed = self._examples, self.settings.seed
            among = mining.pool(examples, seed, epoch)
            firsts, places = np.unique(examples.pairs[:, 0], return_inverse=True)
            vectors = self._embed_all(firsts)[places]
            given = examples, vectors, self._embed_all(among), among
            self._negatives = mining.mine(*given, NEGATIVES, seed, epoch, self._pause)

    def capture(self) -> dict[str, torch.Tensor]:
        """Return the epoch's negatives: the model that found them is gone by now."""
        return {"negatives": torch.from_numpy(self._negatives)}

    def restore(self, captured: dict[str, torch.Tensor]) -> None:
        """Put the epoch's negatives back."""
        self._negatives = captured["negatives"].numpy()

    def _embed_all(self, texts: np.ndarray) -> np.ndarray:
        read = [self._texts[text] for text in texts]
        return embed_all(self.model, read, self.padding, self.device, self._pause)

    def _accumulate(self, positions: Sequence[int]) -> torch.Tensor:
        """Leave the gradient of a batch in the parameters; return its summed loss.

        In several parts the gradient is the same: that of the vectors is computed first, and
        each part's texts are read again for theirs (Gao et al. 2021, "Scaling Deep Contrastive
        Learning Batch Size under Memory Limited Setup").
        """
        examples = np.array([self.windows[position].document for position in positions])
        texts, loss_of = self._batch(examples)
        read = [self._texts[text] for text in texts]
        parts = split(read, self.accumulation)
        if len(parts) == 1:
            loss = loss_of(self._embed(read))
            (loss / len(examples)).backward()
            return loss.detach()
        states, vectors = [], []
        with torch.no_grad():
            for part in parts:
                states.append(read_random(self.device))
                vectors.append(self._embed(part))
        leaf = torch.cat(vectors).requires_grad_()
        loss = loss_of(leaf)
        (gradient,) = torch.autograd.grad(loss / len(examples), leaf)
        wanted = gradient.split([len(part) for part in parts])
        for part, state, toward in zip(parts, states, wanted, strict=True):
            # The same dropout as at first: the gradient belongs to these very vectors.
            rewind(self.device, state)
            # Texts without a word are read as nothing, and nothing learns from them.
            if any(part):
                (self._embed(part) * toward).sum().backward()
        return loss.detach()

    def _embed(self, read: Sequence[Text]) -> torch.Tensor:
        return embed(self.model, read, self.padding, self.device)

    def _batch(
        self, examples: np.ndarray
    ) -> tuple[np.ndarray, Callable[[torch.Tensor], torch.Tensor]]:
        """Return the texts that a batch reads, and its summed loss as a function of vectors."""
        pairs, mined = self._examples.pairs[examples], self._negatives[examples]
        among = np.unique(np.concatenate([pairs[:, 1], mined[mined >= 0]]))
        texts, places = np.unique(np.concatenate([pairs[:, 0], among]), return_inverse=True)
        firsts, seconds = places[: len(pairs)], places[len(pairs) :]
        right = np.searchsorted(among, pairs[:, 1])
        known = [list(self._examples.known(example)) for example in examples.tolist()]
        hidden = np.stack([np.isin(among, each) for each in known])
        hidden[np.arange(len(pairs)), right] = False

        def loss_of(vectors: torch.Tensor) -> torch.Tensor:
            on = [
                torch.from_numpy(each).to(self.device) for each in (firsts, seconds, hidden, right)
            ]
            found = SCALE * vectors[on[0]] @ vectors[on[1]].T
            found = found.masked_fill(on[2], -torch.inf)
            return functional.cross_entropy(found, on[3], reduction="sum")

        return texts, loss_of
