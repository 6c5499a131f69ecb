"""Documents to folds for cross-validation: what belongs together stays together.

A model that learned from a copy of a document has seen it. So documents with equal texts, and
those of one group, are one block, and blocks are dealt out; each label is spread evenly over the
folds (iterative stratification: Sechidis, Tsoumakas and Vlahavas 2011, "On the Stratification of
Multi-Label Data").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from storage.errors import InputError
from storage.hashing import text_hash
from storage.types import Document

SIZE = "\0documents"
"""What every document has one of, beside its labels: so folds become equally large, too."""


def assign(documents: Sequence[Document], count: int, seed: int = 0) -> list[int]:
    """Return each document's fold, from 0 to ``count`` - 1; the same seed deals the same.

    No fold is empty. Raises InputError where there are fewer blocks than folds, or one fold.
    """
    blocks = _blocks(documents)
    if count < 2:
        raise InputError(f"Cross-validation takes two folds or more, not {count}.")
    if len(blocks) < count:
        raise InputError(
            f"There are {len(blocks)} documents that differ and are not of one group: too few "
            f"for {count} folds."
        )
    folds = [0] * len(documents)
    for block, fold in _deal(blocks, [_amounts(documents, block) for block in blocks], count, seed):
        for position in block:
            folds[position] = fold
    return folds


def _blocks(documents: Sequence[Document]) -> list[list[int]]:
    """Return positions of documents that a chain of equal texts and equal groups connects."""
    parent = list(range(len(documents)))

    def root(position: int) -> int:
        while parent[position] != position:
            parent[position] = position = parent[parent[position]]
        return position

    first: dict[Hashable, int] = {}
    for position, document in enumerate(documents):
        for key in _keys(document):
            parent[root(position)] = root(first.setdefault(key, position))
    found: dict[int, list[int]] = {}
    for position in range(len(documents)):
        found.setdefault(root(position), []).append(position)
    return list(found.values())


def _keys(document: Document) -> Iterator[Hashable]:
    # Of a pair the first text: what one fold learned of it would help in another.
    yield "text", text_hash(document.text)
    if document.group:
        yield "group", document.group


def _amounts(documents: Sequence[Document], block: Sequence[int]) -> Counter[str]:
    """Count what a block brings: its documents, and the marks of each label."""
    found = Counter(span.label for position in block for span in documents[position].spans)
    found[SIZE] = len(block)
    return found


def _deal(
    blocks: Sequence[list[int]], amounts: Sequence[Counter[str]], count: int, seed: int
) -> Iterator[tuple[list[int], int]]:
    """Give blocks out, those with the rarest label first, each to the fold that lacks it most."""
    generator = np.random.default_rng(seed)
    totals = sum(amounts, Counter[str]())
    lacking = [{name: total / count for name, total in totals.items()} for _ in range(count)]
    # Large blocks first: the small ones then fill what these leave uneven.
    order = sorted(
        generator.permutation(len(blocks)).tolist(),
        key=lambda block: (_rarest(amounts[block], totals)[1], -amounts[block][SIZE]),
    )
    empty = set(range(count))
    for done, block in enumerate(order):
        name, _ = _rarest(amounts[block], totals)
        # The last blocks go where there is none yet, if nothing else brought one.
        open_ = sorted(empty) if len(order) - done <= len(empty) else range(count)
        ties = generator.random(count)
        fold = max(open_, key=lambda f: (lacking[f][name], lacking[f][SIZE], ties[f]))
        empty.discard(fold)
        for each, amount in amounts[block].items():
            lacking[fold][each] -= amount
        yield blocks[block], fold


def _rarest(amounts: Counter[str], totals: Counter[str]) -> tuple[str, int]:
    """Return the rarest label of a block in the corpus with its count; SIZE where it has none."""
    labels = [name for name in amounts if name != SIZE] or [SIZE]
    name = min(labels, key=lambda label: (totals[label], label))
    return name, totals[name]
