"""Folders of runs from an archive: taken out beside the others, then given their names."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from storage import files, home
from storage.archives import contents
from storage.archives.contents import Contents
from storage.archives.numbering import Numbers

# Columns of numbers of documents, in the files that runs leave.
_DOCUMENTS = ("document", "neighbour")
_DATA = "data.parquet"
_SPEC = "spec.json"


def extract(found: Contents, room: Path, progress: Callable[[str], None]) -> None:
    """Write all files of runs and catalogues below ``room``; raise InputError for a bad one."""
    for folder in (contents.RUNS, contents.CATALOGUES):
        for name in found.names(folder):
            progress(name)
            found.extract(name, room / name)


def place(room: Path, run: int, name: str, numbers: Numbers, spec: dict[str, Any]) -> Path | None:
    """Move a run's folder to its new name, where it has one; return it.

    Documents in its files get their new numbers, and its specification what changed in it.
    """
    source = room / contents.RUNS / str(run)
    if not source.is_dir():
        return None
    if numbers.distance.get("documents"):
        for path in source.rglob("*.parquet"):
            _renumber(path, numbers)
    if (path := source / _SPEC).is_file():
        _rewrite(path, spec)
    target = home.run_folder(name)
    files.make_folder(target.parent)
    os.rename(source, target)
    return target


def place_catalogues(room: Path) -> None:
    """Move catalogues to the others; one that is there already is the same."""
    for path in _inside(room / contents.CATALOGUES):
        target = home.catalogue_file(path.stem)
        files.make_folder(target.parent)
        if not target.exists():
            os.rename(path, target)


def _inside(folder: Path) -> Iterable[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else ()


def _rewrite(path: Path, changed: dict[str, Any]) -> None:
    try:
        spec = json.loads(path.read_bytes())
    except ValueError:
        # A run that was killed while it began has half of one, here as there.
        return
    project = changed.pop("project")
    if isinstance(spec, dict):
        known = {key: value for key, value in changed.items() if key in spec}
        if isinstance(spec.get("project"), dict):
            known["project"] = {**spec["project"], **project}
        path.write_text(json.dumps(spec | known, indent=1, ensure_ascii=False), "utf-8")


def _renumber(path: Path, numbers: Numbers) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError):
        # Cut off by the end of a process, here as there.
        return
    distance = numbers.distance.get("documents", 0)
    columns = ("id",) if path.name == _DATA else _DOCUMENTS
    for name in set(columns) & set(table.column_names):
        place = table.column_names.index(name)
        kind = table.schema.field(place)
        if pa.types.is_integer(kind.type):
            moved = pc.add(table.column(place), pa.scalar(distance, kind.type))
            table = table.set_column(place, kind, moved)
    pq.write_table(table, path)
