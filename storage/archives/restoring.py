"""A project taken from an archive into this home: all of it, or nothing."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage import home
from storage.archives import checking, contents, numbering, run_folders, scratch, tables
from storage.archives.numbering import Numbers
from storage.archives.writing import SETTING_KEYS
from storage.collaboration.rules import imported
from storage.corpus.projects import get_project, mark_looked, valid_name
from storage.database.connection import Database
from storage.engines import sqlite
from storage.engines.queries import chunks
from storage.engines.schema import Base, ProjectRow, RunRow, SettingRow
from storage.permissions import Ability, needs
from storage.runs.runs import folder_name
from storage.types import Project, RunState

Progress = Callable[[str], None]
"""Is told what is read now; what it raises ends the restoring, and nothing is left of it."""
_ROOM = "unarchive-"
_ROWS = 1_000
_MOVED = "It was not finished when its project was archived."


@needs(Ability.EXCHANGE)
def restore(
    db: Database, path: Path, name: str = "", progress: Progress = lambda _: None
) -> Project:
    """Add the project of an archive, under its own name or another one, and return it.

    A name that is taken gets a number behind it. Raises InputError for a file that is no archive
    or a damaged one, NewerDatabaseError, StorageError.
    """
    placed: list[Path] = []
    with _room() as room, contents.opened(path, room) as found:
        draft = room / "rows.db"
        scratch.build(found, draft, progress)
        run_folders.extract(found, room, progress)
        engine = sqlite.engine(draft, patience=30.0, writes=False)
        try:
            with Session(engine) as source, _believed(path):
                if reason := checking.broken(source):
                    raise contents.damaged(path, reason)
                with db.write() as session:
                    project = _Adder(source, session, room, db.url, placed).add(name, progress)
        except BaseException:
            for folder in placed:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            engine.dispose()
        run_folders.place_catalogues(room)
    return get_project(db, project)


@contextmanager
def _believed(path: Path) -> Iterator[None]:
    """Say of an archive that it is damaged where what it says has another form than it must."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise contents.damaged(path, f"{type(error).__name__}: {error}") from error


class _Adder:
    """Rows from one database to another, in one transaction."""

    def __init__(
        self, source: Session, target: Session, room: Path, url: str, placed: list[Path]
    ) -> None:
        self._source = source
        self._target = target
        self._room = room
        self._url = url
        self._placed = placed
        self._numbers = numbering.between(source, target)

    def add(self, name: str, progress: Progress) -> int:
        old = self._source.scalars(select(ProjectRow.id)).one()
        title = _free_name(self._target, name or self._source.get_one(ProjectRow, old).name)
        new = self._numbers.of(tables.PROJECTS, old)
        for table in tables.of_project():
            progress(table.name)
            self._copy(table, title)
        self._settings(old, new)
        numbering.settle(self._target)
        self._folders(new, title)
        mark_looked(self._target, new)
        return new

    def _copy(self, table: Any, title: str) -> None:
        query = select(table).order_by(*tables.order(table))
        rows = self._source.execute(query, execution_options={"yield_per": _ROWS}).mappings()
        for chunk in chunks(rows, _ROWS):
            moved = [self._numbers.move(table, dict(row)) for row in chunk]
            if table.name == tables.PROJECTS:
                moved = [row | {"name": title} for row in moved]
            if table.name == "runs":
                moved = [_ended(row) for row in moved]
            self._target.execute(insert(table), moved)

    def _settings(self, old: int, new: int) -> None:
        for name, key in SETTING_KEYS.items():
            row = self._source.get(SettingRow, key(old))
            if row is not None:
                value = _moved_setting(name, row.value, self._numbers)
                self._target.merge(SettingRow(key=key(new), value=value))

    def _folders(self, project: int, title: str) -> None:
        """Give each run's folder its name, and say in it where it is now."""
        identity = self._target.get(SettingRow, "identity")
        runs = self._target.scalars(select(RunRow).where(RunRow.project_id == project)).all()
        names = {run.id: folder_name(run.id) for run in runs if run.folder}
        back = self._numbers.distance.get("runs", 0)
        for run in runs:
            if run.id not in names:
                continue
            model = names.get(run.model_of or 0, "")
            spec = {
                "run": run.id,
                "project": {"id": project, "name": title},
                "database": identity.value if identity else "",
                "address": self._url,
                "home": str(home.folder()),
                "folder": names[run.id],
                "model": str(home.run_folder(model)) if model else "",
            }
            place = run_folders.place(self._room, run.id - back, names[run.id], self._numbers, spec)
            if place:
                self._placed.append(place)
            run.folder = names[run.id]


def _ended(row: dict[str, Any]) -> dict[str, Any]:
    """Return a run of which no process is left."""
    row |= {"pid": None, "pid_started": None, "boot_id": "", "cancel_requested": False}
    row |= {"machine_id": None}
    if not RunState(row["state"]).final:
        row |= {"state": str(RunState.CANCELLED), "message": _MOVED}
    return row


def _moved_setting(name: str, value: Any, numbers: Numbers) -> Any:
    if name == "dev_split" and isinstance(value, dict) and "documents" in value:
        moved = [numbers.of("documents", each) for each in value["documents"]]
        return {**value, "documents": moved}
    if name == "gold":
        told = {key: str(value[key]) for key in ("stamp", "settled")}
        return told | {"after": numbers.of("documents", int(value["after"]))}
    if name == "focus" and isinstance(value, dict):
        runs = {key: value[key] for key in ("run", "next") if isinstance(value.get(key), int)}
        return value | {key: numbers.of("runs", run) for key, run in runs.items()}
    if name == "imported":
        return imported.checked(value)
    return value


def _free_name(session: Session, wanted: str) -> str:
    wanted = valid_name(wanted, "project")
    projects = Base.metadata.tables[tables.PROJECTS]
    known = set(session.scalars(select(projects.c.name)))
    number, name = 1, wanted
    while name in known:
        number += 1
        name = f"{wanted[:190]} ({number})"
    return name


@contextmanager
def _room() -> Iterator[Path]:
    """Yield a folder in the home, and remove it, with those of processes that were killed."""
    for left in home.folder().glob(f"{_ROOM}*"):
        number = re.fullmatch(rf"{_ROOM}(\d+)", left.name)
        if number and not _is_alive(int(number[1])):
            shutil.rmtree(left, ignore_errors=True)
    room = home.folder() / f"{_ROOM}{os.getpid()}"
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(mode=0o700)
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
