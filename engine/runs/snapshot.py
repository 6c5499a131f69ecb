"""The frozen data of a run: what goes into the folder and what comes out, as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import chain, repeat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from engine.runs import tables
from engine.runs.frozen import columns as columns_of
from storage.facts import Facts
from storage.types import (
    Document,
    ErrorKind,
    Match,
    Source,
    Span,
    Split,
)

DATA = "data.parquet"
PREDICTIONS = "predictions.parquet"
MATCHES = "matches.parquet"
# What it was called up to version 0.4.
PAIRS = "pairs.parquet"

_PREDICTIONS = pa.schema(
    [
        ("split", pa.string()),
        ("document", pa.int64()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("label", pa.string()),
        ("score", pa.float64()),
    ]
)
_MATCHES = pa.schema(
    [
        ("split", pa.string()),
        ("document", pa.int64()),
        ("gold", columns_of.SPAN),
        ("predicted", columns_of.SPAN),
        ("kind", pa.string()),
        # What is known of it besides (``storage.facts.Facts``), empty where that cannot be told.
        *[("error", pa.string()), ("border", pa.string()), ("length", pa.int32())],
        *[("document_length", pa.int32()), ("seen", pa.bool_())],
        ("slices", pa.list_(pa.string())),
    ]
)


def write(folder: Path, documents: Iterable[Document]) -> None:
    """Freeze documents into ``data.parquet``; a document without a split goes to train."""
    for _ in writing(folder, documents):
        pass


def writing(folder: Path, documents: Iterable[Document]) -> Iterator[Document]:
    """Yield documents while they are frozen, which they are once all were taken."""
    with tables.writing(Path(folder) / DATA, columns_of.DOCUMENTS) as add:
        for group in tables.groups(documents):
            add(columns_of.table(group))
            yield from group


def read(folder: Path) -> list[Document]:
    """Read the frozen documents in their order; raise RunFolderError where there are none."""
    return list(stream(folder))


def stream(folder: Path, split: Split | None = None, *, tokens: bool = True) -> Iterator[Document]:
    """Yield the frozen documents, or those of a split; raise RunFolderError without the file.

    Without their tokens, most of what there is to read, they come in a third of the time.
    """
    where, left_out = {"split": split} if split else {}, () if tokens else ("tokens",)
    return tables.converted(Path(folder) / DATA, columns_of.documents, where, left_out)


def parts(folder: Path) -> dict[Split, Sequence[Document]]:
    """Return the frozen documents by split; those of train are read when they are asked for.

    Train grows with the project, and of dev and test all is held against predictions. Raises
    RunFolderError where there are none.
    """
    known: dict[Split, Sequence[Document]]
    known = {split: list(stream(folder, split)) for split in (Split.DEV, Split.TEST)}
    train = tables.Rows(Path(folder) / DATA, "split", Split.TRAIN.value, columns_of.documents)
    return {Split.TRAIN: train, **known}


def splits(folder: Path) -> set[Split]:
    """Return the splits that have a frozen document; raise RunFolderError without the file."""
    path = Path(folder) / DATA
    with tables.reading(path):
        found = pq.read_table(path, columns=["split"])["split"]
        return set(map(Split, found.unique().to_pylist()))


def pick(folder: Path, ids: Collection[int]) -> list[Document]:
    """Return those frozen documents that are among ``ids``; raise RunFolderError without any."""
    if not ids:
        return []
    path = Path(folder) / DATA
    with tables.reading(path):
        found = pq.read_table(path, filters=[("id", "in", list(ids))])
        return list(chain.from_iterable(map(columns_of.documents, found.to_batches())))


def columns(folder: Path, names: Sequence[str]) -> list[pa.ChunkedArray]:
    """Return some columns of the frozen documents; raise RunFolderError where there are none."""
    path = Path(folder) / DATA
    with tables.reading(path):
        found = pq.read_table(path, columns=list(names))
        return [found[name] for name in names]


def count(folder: Path) -> int:
    """Return how many documents are frozen; raise RunFolderError where there are none."""
    path = Path(folder) / DATA
    with tables.reading(path):
        return pq.read_metadata(path).num_rows


def _span_row(span: Span | None) -> dict | None:
    if span is None:
        return None
    return {
        "start": span.start,
        "end": span.end,
        "label": span.label,
        "id": span.id,
        "source": span.source.value,
        "score": span.score,
    }


def _to_span(row: Mapping | None) -> Span | None:
    return None if row is None else _span(row)


def _span(row: Mapping) -> Span:
    return Span(**{**row, "source": Source(row["source"])})


def write_predictions(
    folder: Path, predictions: Mapping[Split, Iterable[tuple[int, Span]]]
) -> None:
    """Write predicted spans with the ids of their documents into ``predictions.parquet``."""
    rows = [
        {
            "split": split.value,
            "document": document,
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "score": span.score,
        }
        for split, found in predictions.items()
        for document, span in found
    ]
    tables.write(Path(folder) / PREDICTIONS, _PREDICTIONS, rows)


def read_predictions(folder: Path) -> dict[Split, list[tuple[int, Span]]]:
    """Read predicted spans: for each split, document id and span."""
    return _grouped(folder, PREDICTIONS, _to_prediction)


def _to_prediction(row: Mapping) -> tuple[int, Span]:
    span = Span(row["start"], row["end"], row["label"], "", Source.MODEL, row["score"])
    return row["document"], span


def write_matches(
    folder: Path,
    matches: Mapping[Split, Iterable[Match]],
    facts: Mapping[Split, Iterable[Facts]] | None = None,
    slices: Mapping[Split, Iterable[Sequence[str]]] | None = None,
) -> None:
    """Write gold spans with the predicted ones that they are held against: ``matches.parquet``.

    ``facts`` and ``slices`` are what is known of each besides, where that can be told.
    """
    rows = (
        {
            "split": split.value,
            "document": match.document,
            "gold": _span_row(match.gold),
            "predicted": _span_row(match.predicted),
            "kind": match.kind.value,
            **({} if fact is None else asdict(fact)),
            "slices": held,
        }
        for split, found in matches.items()
        for match, fact, held in zip(
            found,
            facts[split] if facts else repeat(None),
            slices[split] if slices else repeat(None),
            strict=bool(facts and slices),
        )
    )
    tables.write(Path(folder) / MATCHES, _MATCHES, rows)


def read_matches(folder: Path) -> dict[Split, list[Match]]:
    """Read the matches of each split; their number is the sum of the confusion table."""
    return _grouped(folder, _matches_of(folder), _to_match)


def stream_matches(folder: Path) -> Iterator[tuple[Split, Match]]:
    """Yield split and match, as they were written."""
    place = Path(folder) / _matches_of(folder)
    return tables.rows(place, lambda row: (Split(row["split"]), _to_match(row)))


def tells_facts(folder: Path) -> bool:
    """Tell whether the facts of the matches were written with them; before 0.8 they were not."""
    place = Path(folder) / _matches_of(folder)
    with tables.reading(place), pq.ParquetFile(place) as file:
        first = next(file.iter_batches(1), None) if "slices" in file.schema_arrow.names else None
        return first is not None and first["slices"][0].is_valid


def stream_facts(folder: Path) -> Iterator[Facts]:
    """Yield what is known of each match, as they were written."""
    names = [each.name for each in fields(Facts)]
    left_out = set(_MATCHES.names) - set(names)
    place = Path(folder) / MATCHES
    return tables.rows(place, lambda row: Facts(**{n: row[n] for n in names}), None, left_out)


def stream_slices(folder: Path, split: Split) -> Iterator[list[str]]:
    """Yield the names of the slices that each match of a split is in."""
    left_out = set(_MATCHES.names) - {"split", "slices"}
    where = {"split": split.value}
    return tables.rows(Path(folder) / MATCHES, lambda row: row["slices"], where, left_out)


def _matches_of(folder: Path) -> str:
    before = (Path(folder) / PAIRS).is_file() and not (Path(folder) / MATCHES).exists()
    return PAIRS if before else MATCHES


def _to_match(row: Mapping) -> Match:
    gold, predicted = _to_span(row["gold"]), _to_span(row["predicted"])
    return Match(row["document"], gold, predicted, ErrorKind(row["kind"]))


def _grouped(folder: Path, name: str, convert: Callable) -> dict:
    found: dict[Split, list] = {split: [] for split in Split}
    for split, item in tables.rows(
        Path(folder) / name, lambda row: (Split(row["split"]), convert(row))
    ):
        found[split].append(item)
    return found
