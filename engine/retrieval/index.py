"""An index over vectors of length 1: the nearest by inner product, exactly or nearly so.

Below ``EXACT`` rows every row is compared (FAISS's flat index). Above, the rows are dealt into
lists around centroids, and only the lists nearest to a query are read (inverted file: Jégou,
Douze and Schmid 2011, "Product Quantization for Nearest Neighbor Search"), in bytes instead of
floats; what is found there is weighed again by the vectors themselves. How many lists are read
is the least number, doubled from one, that finds nearly all of what an exact search finds.

Worker module: faiss lives here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from engine.evaluation.likeness.nearest import nearest
from engine.runs import files
from storage.errors import RunFolderError

FILE = "index.faiss"
EXACT = 50_000
# What an exact search finds among the first hundred, and a nearly exact one should.
WANTED, NEAREST = 0.97, 100
# Rows that stand for the questions when the recall is measured.
SAMPLE = 200
# Rows a centroid is learned from, and how often k-means looks at them.
PER_CENTROID, ROUNDS = 64, 8
# Of the rows that are found in bytes, so many times as many as asked for are weighed again.
AGAIN = 2
ADDED = 50_000

Pause = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Described:
    """How an index searches, and how much of what an exact search finds it finds."""

    kind: str
    """"exact" or "inverted file"."""
    rows: int
    recall: float
    """Of the nearest hundred, measured over ``sample`` rows; 1 of an exact one."""
    sample: int = 0
    lists: int = 0
    read: int = 0
    """How many of its lists are read for a question."""

    def to_json(self) -> dict[str, Any]:
        """Return what a report holds under "index"."""
        return asdict(self)


class Index:
    """Finds rows of ``vectors``, float32 of shape (rows, width), each of length 1 (or zeros)."""

    def __init__(self, vectors: np.ndarray, inverted: Any = None) -> None:
        self._vectors, self._inverted = vectors, inverted
        self._flat = None if inverted is not None else _flat(vectors)

    @property
    def vectors(self) -> np.ndarray:
        """The rows, as they were given."""
        return self._vectors

    def search(self, queries: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the best rows of each query, the best first: similarities and rows.

        Both of shape (queries, min(most, rows)), float32 and int64; -1 where there is no row.
        """
        most = min(most, len(self._vectors))
        if not most or not len(queries):
            empty = np.zeros((len(queries), most))
            return empty.astype(np.float32), empty.astype(np.int64)
        asked = np.ascontiguousarray(queries, dtype=np.float32)
        if self._flat is not None:
            return self._flat.search(asked, most)
        _, rows = self._inverted.search(asked, min(AGAIN * most, len(self._vectors)))
        return self._weigh(asked, rows, most)

    def _weigh(
        self, queries: np.ndarray, rows: np.ndarray, most: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Order what was found in bytes by the vectors themselves, and keep the best."""
        similarities = np.full((len(queries), most), -np.inf, dtype=np.float32)
        best = np.full((len(queries), most), -1, dtype=np.int64)
        for at, (query, found) in enumerate(zip(queries, rows, strict=True)):
            known = found[found >= 0]
            near = np.asarray(self._vectors[known]) @ query
            order = np.argsort(-near, kind="stable")[:most]
            similarities[at, : len(order)], best[at, : len(order)] = near[order], known[order]
        return similarities, best


def build(
    vectors: np.ndarray, pause: Pause = lambda: None, exact: int = EXACT, seed: int = 13
) -> tuple[Index, Described]:
    """Build the index over rows; with less than ``exact`` of them every row is compared.

    ``pause`` is called now and then and may raise.
    """
    if len(vectors) < exact:
        return Index(vectors), Described("exact", len(vectors), 1.0)
    lists = _lists(len(vectors))
    inverted: Any = faiss.index_factory(
        vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT
    )
    inverted.cp.niter, inverted.cp.seed = ROUNDS, seed
    chosen = np.random.default_rng(seed).permutation(len(vectors))
    learned = np.sort(chosen[: lists * PER_CENTROID])
    inverted.train(np.ascontiguousarray(vectors[learned], dtype=np.float32))
    pause()
    for start in range(0, len(vectors), ADDED):
        inverted.add(np.ascontiguousarray(vectors[start : start + ADDED], dtype=np.float32))
        pause()
    index = Index(vectors, inverted)
    return index, _tune(index, np.sort(chosen[:SAMPLE]), lists, pause)


def _lists(rows: int) -> int:
    """Return how many lists rows are dealt into: a power of two near 4 √rows."""
    return 2 ** round(math.log2(4 * math.sqrt(rows)))


def _tune(index: Index, sample: np.ndarray, lists: int, pause: Pause) -> Described:
    """Let the index read as many lists as it needs, and say what it then finds."""
    queries = np.ascontiguousarray(index.vectors[sample], dtype=np.float32)
    wanted = nearest(queries, index.vectors, NEAREST, pause=pause).keys
    read = 1
    while True:
        index._inverted.nprobe = read
        share = recall(wanted, index.search(queries, NEAREST)[1])
        pause()
        if share >= WANTED or read >= lists:
            return Described("inverted file", len(index.vectors), share, len(sample), lists, read)
        read *= 2


def recall(wanted: np.ndarray, found: np.ndarray) -> float:
    """Return which share of the wanted rows was found: both of shape (queries, any)."""
    shares = [
        len(np.intersect1d(one, other)) / len(one)
        for one, other in zip(wanted, found, strict=True)
        if len(one)
    ]
    return float(np.mean(shares)) if shares else 1.0


def save(folder: Path, index: Index) -> None:
    """Write what is slow to build; an exact index is made of the vectors each time."""
    if index._inverted is not None:
        draft = folder / f"{FILE}.tmp"
        faiss.write_index(index._inverted, str(draft))
        draft.replace(folder / FILE)


def load(folder: Path, vectors: np.ndarray) -> Index:
    """Return the index that was saved over these vectors; raise RunFolderError where it is broken.

    The lists stay on the disk and are read as they are asked for.
    """
    path = folder / FILE
    if not path.exists():
        return Index(vectors)
    with files.reading(path, RuntimeError):
        inverted = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        if (inverted.ntotal, inverted.d) != vectors.shape:
            raise RunFolderError(f"The file {path} is of other vectors. {files.REMEDY}")
    return Index(vectors, inverted)


def _flat(vectors: np.ndarray) -> Any:
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return flat
