"""What a cross-validation suspects, as Parquet: most suspicious first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from engine.evaluation.suspects import Suspect
from engine.runs import tables
from storage.types import Span

FILE = "suspects.parquet"
_MARK = pa.struct([("start", pa.int32()), ("end", pa.int32()), ("label", pa.string())])
_SUSPECTS = pa.schema(
    [
        ("document", pa.int64()),
        ("given", _MARK),
        ("suggested", _MARK),
        ("score", pa.float64()),
        ("reason", pa.string()),
    ]
)


def write(folder: Path, suspects: Iterable[Suspect]) -> None:
    """Write suspects in their order."""
    tables.write(Path(folder) / FILE, _SUSPECTS, map(_to_row, suspects))


def read(folder: Path) -> Iterator[Suspect]:
    """Yield the suspects in their order; raise RunFolderError where there are none to read."""
    return tables.rows(Path(folder) / FILE, _to_suspect)


def _to_row(suspect: Suspect) -> dict[str, Any]:
    return {
        "document": suspect.document,
        "given": _mark(suspect.given),
        "suggested": _mark(suspect.suggested),
        "score": suspect.score,
        "reason": suspect.reason,
    }


def _mark(span: Span | None) -> dict[str, Any] | None:
    return None if span is None else {"start": span.start, "end": span.end, "label": span.label}


def _to_suspect(row: Mapping[str, Any]) -> Suspect:
    given, suggested = (row[side] and Span(**row[side]) for side in ("given", "suggested"))
    if not (given or suggested):
        raise ValueError("a suspect has no side")
    return Suspect(row["document"], given, suggested, row["score"], row["reason"])
