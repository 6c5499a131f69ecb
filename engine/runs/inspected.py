"""What an inspection leaves in its folder: like texts, failing texts, the slices of matches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from engine.evaluation.stress.failures import Failure
from engine.runs import tables
from storage.types import Neighbour, Source, Span, Split

NEIGHBOURS, FAILURES, SLICES = "neighbours.parquet", "failures.parquet", "slices.parquet"
FILES = (NEIGHBOURS, FAILURES, SLICES)

_MARK = pa.struct(
    [
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float64()),
    ]
)
_NEIGHBOURS = pa.schema(
    [
        ("document", pa.int64()),
        ("rank", pa.int32()),
        ("neighbour", pa.int64()),
        ("similarity", pa.float64()),
    ]
)
_FAILURES = pa.schema(
    [
        ("document", pa.int64()),
        ("test", pa.string()),
        ("text", pa.string()),
        ("expected", pa.list_(_MARK)),
        ("found", pa.list_(_MARK)),
    ]
)
_SLICES = pa.schema([("split", pa.string()), ("names", pa.list_(pa.string()))])


def write_neighbours(folder: Path, found: Iterable[Neighbour]) -> None:
    """Write which training documents are most like others."""
    tables.write(Path(folder) / NEIGHBOURS, _NEIGHBOURS, map(asdict, found))


def read_neighbours(folder: Path) -> Iterator[Neighbour]:
    """Yield which training documents are most like others."""
    return tables.rows(Path(folder) / NEIGHBOURS, lambda row: Neighbour(**row))


def write_failures(folder: Path, found: Iterable[Failure]) -> None:
    """Write the changed texts on which a model fails."""
    rows = (
        {
            "document": failure.document,
            "test": failure.test,
            "text": failure.text,
            "expected": list(map(_mark, failure.expected)),
            "found": list(map(_mark, failure.found)),
        }
        for failure in found
    )
    tables.write(Path(folder) / FAILURES, _FAILURES, rows)


def read_failures(folder: Path) -> Iterator[Failure]:
    """Yield the changed texts on which a model fails."""
    return tables.rows(Path(folder) / FAILURES, _failure)


def write_slices(folder: Path, found: Mapping[Split, Sequence[Sequence[str]]]) -> None:
    """Write the names of the slices that each match is in, in the order of the run's matches."""
    rows = (
        {"split": split.value, "names": list(names)}
        for split, lists in found.items()
        for names in lists
    )
    tables.write(Path(folder) / SLICES, _SLICES, rows)


def read_slices(folder: Path) -> dict[Split, list[list[str]]]:
    """Read the names of the slices that each match is in, by split."""
    found: dict[Split, list[list[str]]] = {}
    for row in tables.rows(Path(folder) / SLICES, dict):
        found.setdefault(Split(row["split"]), []).append(row["names"])
    return found


def _mark(span: Span) -> dict:
    return {"start": span.start, "end": span.end, "label": span.label, "score": span.score}


def _failure(row: Mapping) -> Failure:
    expected, found = (tuple(map(_span, row[side])) for side in ("expected", "found"))
    return Failure(row["document"], row["test"], row["text"], expected, found)


def _span(row: Mapping) -> Span:
    source = Source.PERSON if row["score"] is None else Source.MODEL
    return Span(row["start"], row["end"], row["label"], source=source, score=row["score"])
