"""What models say of documents that they never saw, as Parquet: kept to weigh labels again.

Here: their scores, exactly. Not here: what follows from them (``engine.tasks``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from engine.runs import tables

FILE = "opinions.parquet"
MOST = 256 * 2**20
"""Bytes. Of more, with hundreds of labels, none are kept: labels are checked again instead."""
_OPINIONS = pa.schema(
    [
        ("document", pa.int64()),
        ("models", pa.int32()),
        ("outputs", pa.int32()),
        ("scores", pa.list_(pa.float32())),
    ]
)


def write(folder: Path, ids: Sequence[int], scores: Sequence[np.ndarray]) -> None:
    """Keep each document's scores, float32 of shape (models, units, outputs), or none at all."""
    if sum(each.nbytes for each in scores) > MOST:
        return
    rows = (_to_row(id, each) for id, each in zip(ids, scores, strict=True))
    tables.write(Path(folder) / FILE, _OPINIONS, rows)


def read(folder: Path) -> dict[int, np.ndarray]:
    """Return each document's scores by its id; raise RunFolderError where there are none."""
    return dict(tables.converted(Path(folder) / FILE, _of_batch))


def are_kept(folder: Path) -> bool:
    """Tell whether a run has left them."""
    return (Path(folder) / FILE).exists()


def _to_row(id: int, scores: np.ndarray) -> dict[str, Any]:
    models, _, outputs = scores.shape
    flat = scores.astype(np.float32, copy=False).ravel()
    return {"document": id, "models": models, "outputs": outputs, "scores": flat}


def _of_batch(batch: pa.RecordBatch) -> Iterator[tuple[int, np.ndarray]]:
    names = "document", "models", "outputs"
    ids, models, outputs = (batch.column(name).to_pylist() for name in names)
    scores = batch.column("scores")
    flat, ends = scores.values.to_numpy(), scores.offsets.to_numpy()
    for row, id in enumerate(ids):
        shape = models[row], -1, outputs[row]
        yield id, flat[ends[row] : ends[row + 1]].reshape(shape)
