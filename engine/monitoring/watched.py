"""What goes in and out of the folder of a monitor's reading: known keys in, dated texts out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.runs import checkpoints, files
from storage.types import Source, Span

KNOWN, TEXTS = "known.txt", "texts.jsonl"


@dataclass(frozen=True, slots=True)
class Read:
    """A text as a reading leaves it; ``day`` is ISO 8601."""

    key: str
    day: str
    text: str
    second: str | None
    topics: tuple[Span, ...]
    labels: tuple[Span, ...]
    unlike: bool | None


def write_known(folder: Path, keys: Iterable[str]) -> None:
    """Say which texts were counted before."""
    checkpoints.write_file(folder / KNOWN, "\n".join(keys))


def read_known(folder: Path) -> set[str]:
    """Return the keys of the texts that were counted before; raises RunFolderError."""
    path = folder / KNOWN
    with files.reading(path):
        return set(path.read_text(encoding="utf-8").split("\n"))


def write_texts(folder: Path, found: Iterable[Read]) -> None:
    """Write the texts that are new."""
    rows = (json.dumps(_row(each), ensure_ascii=False) for each in found)
    checkpoints.write_file(folder / TEXTS, "".join(f"{row}\n" for row in rows))


def read_texts(folder: Path) -> Iterator[Read]:
    """Yield the texts that are new; raises RunFolderError."""
    path = folder / TEXTS
    with files.reading(path), path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            row = json.loads(line)
            row |= {side: tuple(map(_mark, row[side])) for side in ("topics", "labels")}
            yield Read(**row)


def _row(each: Read) -> dict[str, Any]:
    row = asdict(each)
    for side in ("topics", "labels"):
        row[side] = [[m.start, m.end, m.label, m.score] for m in getattr(each, side)]
    return row


def _mark(row: list[Any]) -> Span:
    start, end, label, score = row
    return Span(start, end, label, source=Source.MODEL, score=score)
