"""A project written to an archive, at one moment of the database."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Table, select
from sqlalchemy.orm import Session

from storage import atomic, home
from storage.archives import contents, tables
from storage.collaboration.rules import imported
from storage.corpus.projects import (
    coach_key,
    dev_split_key,
    focus_key,
    form_key,
    gold_key,
    required,
)
from storage.database.connection import Database
from storage.engines import revisions
from storage.engines.clock import now
from storage.engines.schema import RunRow, SettingRow
from storage.permissions import Ability, needs

Progress = Callable[[str], None]
"""Is told what is written now; what it raises ends the writing, and nothing is left of it."""
SETTING_KEYS = {
    "dev_split": dev_split_key,
    "focus": focus_key,
    "train_form": form_key,
    "coach": coach_key,
    "imported": imported.key,
    "gold": gold_key,
}
_MOMENT = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1024**2
_ROWS = 1_000
# What is there for a process, and means nothing elsewhere.
_LEFT_OUT = (".lock", ".part", ".tmp")


@needs(Ability.EXCHANGE)
def write(
    db: Database, project_id: int, path: Path, progress: Progress = lambda _: None
) -> dict[str, int]:
    """Write a project with all that is in it and return the number of rows by table.

    The file gets its name when all of it is on the disk. Raises NotFoundError, StorageError,
    OSError where it cannot be written.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with (
            atomic.replacing(path, draft, _private) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
            db.read() as session,
        ):
            writer = _Writer(archive, progress)
            name = required(session, project_id).name
            counts = writer.tables(session, project_id)
            writer.runs(session, project_id)
            writer.finish(name)
        return counts
    finally:
        draft.unlink(missing_ok=True)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


class _Writer:
    """The zip, and what its manifest will say of each file."""

    def __init__(self, archive: zipfile.ZipFile, progress: Progress) -> None:
        self._archive = archive
        self._progress = progress
        self._files: dict[str, Mapping[str, Any]] = {}

    def tables(self, session: Session, project_id: int) -> dict[str, int]:
        counts = {}
        for table in tables.of_project():
            rows = _rows(session, table, project_id)
            counts[table.name] = self._lines(f"{contents.TABLES}/{table.name}.jsonl", rows)
        settings = []
        for name, key in SETTING_KEYS.items():
            row = session.get(SettingRow, key(project_id))
            if row and _travels(name, row.value):
                settings.append({"key": name, "value": json.dumps(row.value)})
        counts["settings"] = self._lines(contents.SETTINGS, settings)
        return counts

    def runs(self, session: Session, project_id: int) -> None:
        """Add the folders of runs, and the catalogues that they read."""
        wanted = set()
        for run in session.scalars(select(RunRow).where(RunRow.project_id == project_id)):
            if run.folder:
                self._folder(f"{contents.RUNS}/{run.id}", home.run_folder(run.folder))
            if isinstance(found := run.settings.get("fingerprint"), str):
                wanted.add(found)
        for each in sorted(wanted):
            file = home.catalogue_file(each)
            if file.is_file():
                self._file(f"{contents.CATALOGUES}/{file.name}", file)

    def finish(self, project: str) -> None:
        manifest = {
            "format": contents.FORMAT,
            "version": contents.VERSION,
            "revision": revisions.newest(),
            "project": project,
            "made_at": now(),
            "files": self._files,
        }
        data = json.dumps(manifest, indent=1).encode("utf-8")
        self._archive.writestr(_member(contents.MANIFEST), data, zipfile.ZIP_DEFLATED)

    def _lines(self, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
        count = 0

        def lines() -> Iterator[bytes]:
            nonlocal count
            for row in rows:
                count += 1
                yield json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n"

        self._add(name, lines())
        return count

    def _folder(self, name: str, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            # A link may lead anywhere.
            if path.is_file() and not path.is_symlink() and path.suffix not in _LEFT_OUT:
                self._file(f"{name}/{path.relative_to(folder).as_posix()}", path)

    def _file(self, name: str, path: Path) -> None:
        def pieces() -> Iterator[bytes]:
            with path.open("rb") as file:
                while piece := file.read(_CHUNK):
                    yield piece

        self._add(name, pieces())

    def _add(self, name: str, pieces: Iterable[bytes]) -> None:
        self._progress(name)
        size, digest = 0, hashlib.sha256()
        # Weights are noise to a compressor.
        member = _member(name, stored=name.endswith((".safetensors", ".parquet", ".pt", ".npz")))
        with self._archive.open(member, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        self._files[name] = {"bytes": size, "sha256": digest.hexdigest()}


def _travels(name: str, value: Any) -> bool:
    """Tell whether a setting means something elsewhere.

    Of a change of the policy only how far it came, where it was broken off: it goes on there.
    """
    return name != "gold" or value["after"] is not None


def _member(name: str, stored: bool = False) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _MOMENT)
    member.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return member


def _rows(session: Session, table: Table, project_id: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as the database has them: JSON as text."""
    packed = [column.name for column in table.c if isinstance(column.type, JSON)]
    query = select(table).where(tables.rows_of(table, project_id)).order_by(*tables.order(table))
    found = session.execute(query, execution_options={"yield_per": _ROWS})
    for row in found.mappings():
        values = dict(row)
        for name in packed:
            if values[name] is not None:
                values[name] = json.dumps(values[name], ensure_ascii=False)
        yield values
