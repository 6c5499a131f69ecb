"""Hard negatives: texts that the model of now puts near a question, and that do not fit it.

Karpukhin et al. 2020, "Dense Passage Retrieval", and Xiong et al. 2021, "Approximate Nearest
Neighbor Negative Contrastive Learning": what is near and wrong teaches more than what is far.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.evaluation.likeness.nearest import nearest
from engine.tasks.pairs.biencoder.examples import Examples

# Of so many nearest texts some are drawn: always the nearest would be taught again and again,
# and where something fits that nobody judged, it is among them.
NEAR = 20
# Texts among which negatives are looked for at most; more are no harder, only slower.
POOL = 20_000


def pool(examples: Examples, seed: int, epoch: int) -> np.ndarray:
    """Return the numbers of the second texts among which an epoch's negatives are looked for."""
    rights = examples.rights
    if len(rights) <= POOL:
        return rights
    return np.sort(np.random.default_rng((seed, epoch, 1)).permutation(rights)[:POOL])


def mine(
    examples: Examples,
    firsts: np.ndarray,
    pooled: np.ndarray,
    among: np.ndarray,
    count: int,
    seed: int,
    epoch: int,
    pause: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Draw ``count`` of the nearest texts that do not fit, for each example.

    Args:
        firsts: the examples' first texts as vectors of length 1: (pairs, width).
        pooled: the texts ``among``, likewise: (texts, width).

    Returns int64 numbers of texts of shape (pairs, count); -1 where there are not so many. They
    follow from the vectors, the seed and the epoch alone.
    """
    most = min(NEAR, max((len(texts) for texts in examples.fitting.values()), default=0))
    found = nearest(firsts, pooled, min(NEAR + most + 1, len(among)), pause=pause).keys
    draw = np.random.default_rng((seed, epoch, 2))
    mined = np.full((len(firsts), count), -1, dtype=np.int64)
    for example, places in enumerate(found):
        known = examples.known(example)
        near = [int(among[place]) for place in places if place >= 0]
        wrong = [text for text in near if text not in known][:NEAR]
        some = draw.permutation(len(wrong))[:count]
        mined[example, : len(some)] = np.array(wrong, dtype=np.int64)[some]
    return mined
