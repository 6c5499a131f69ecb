"""A project that has everything; its archive, written anew with other contents."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from storage import home as homes
from storage.actions import relabelling, undo
from storage.archives import checking, tables
from storage.corpus import projects
from storage.database import settings
from storage.database.connection import Database
from storage.engines.schema import Base
from storage.runs import runs
from storage.types import Project, RunState, Span
from tests.storage.actions.test_actions import TEXT, addition, edit, repeat
from tests.storage.conftest import sentence, stored

ANSWER = '{"run": 1}'


def live(db: Database, project: Project) -> None:
    """Edits of two people, a step undone, a label renamed, two runs with folders."""
    ids = stored(db, project, *(sentence(TEXT, Span(0, 3, "PER")) for _ in range(3)))
    edit(db, project, ids[0], addition(13, "ORG"))
    edit(db, project, ids[1], addition(4, "ORG"), annotator="bob")
    repeat(db, project, ids[1:], request="tab:1")
    edit(db, project, ids[2], addition(4, "ORG"), seq=2)
    undo.undo(db, project.id, "ada", f"ada{ids[2]}:2")
    relabelling.rename_label(db, project.labels[0].id, "PERSON", "ada")
    settings.put(db, projects.dev_split_key(project.id), {"documents": [ids[0]], "seed": 1})
    first = runs.create_run(db, project.id, {"base": "bundled"})
    second = runs.create_run(db, project.id, {"base": "bundled"}, model_of=first.id)
    for run in (first, second):
        folder = homes.run_folder(run.folder)
        (folder / "model").mkdir(parents=True)
        (folder / "model" / "model.safetensors").write_bytes(bytes(100))
        (folder / "worker.lock").write_bytes(b"")
        spec = {"run": run.id, "project": {"id": project.id, "name": "News"}, "model": "?"}
        (folder / "spec.json").write_text(json.dumps(spec))
        pq.write_table(pa.table({"id": pa.array(ids)}), folder / "data.parquet")
        pq.write_table(pa.table({"document": pa.array(ids)}), folder / "matches.parquet")
    runs.set_state(db, first.id, RunState.CANCELLED)


def remake(made: Path, path: Path, change=lambda name, data: data, **manifest) -> Path:
    """Write an archive anew with other contents, its hashes right; None takes a file out."""
    with zipfile.ZipFile(made) as source:
        found = {name: source.read(name) for name in source.namelist()}
    said = json.loads(found.pop("manifest.json")) | manifest
    changed = {name: change(name, data) for name, data in found.items()}
    found = {name: data for name, data in changed.items() if data is not None}
    said["files"] = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in found.items()
    }
    return written(path, found, said)


def having(**rows: dict | list[dict]) -> Callable[[str, bytes], bytes]:
    """Return a change by which tables have these rows besides."""

    def add(name: str, data: bytes) -> bytes:
        more = rows.get(Path(name).stem, [])
        more = [more] if isinstance(more, dict) else more
        return data + b"".join(json.dumps(row).encode() + b"\n" for row in more)

    return add


def written(path: Path, files: dict[str, bytes], manifest: dict) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        for name, data in files.items():
            target.writestr(name, data)
        target.writestr("manifest.json", json.dumps(manifest))
    return path


def is_untouched(db: Database) -> bool:
    left = [path.name for path in homes.folder().iterdir() if path.name.startswith("unmade-")]
    folder = homes.folder() / "runs"
    found = list(folder.iterdir()) if folder.exists() else []
    return projects.list_projects(db) == [] and left == found == []


def fill(db: Database, project_id: int) -> None:
    """Give every table of a project that has no row yet one, of values of its columns' kinds."""
    for table in tables.of_project():
        with db.write() as session:
            if session.scalar(select(table).where(tables.rows_of(table, project_id)).limit(1)):
                continue
            leads = tables.referred(table)
            values = {
                column.name: _value(session, column, project_id, leads.get(column.name, ""))
                for column in table.columns
                if not (column.name == "id" and column.primary_key)
            }
            session.execute(table.insert().values(values))


def _value(session: Session, column: Column, project_id: int, leads_to: str) -> Any:
    """Return a value for a column: a row of the project's where it refers to a table."""
    if leads_to == tables.PROJECTS:
        return project_id
    if leads_to:
        table = Base.metadata.tables[leads_to]
        return session.scalar(select(table.c.id).where(tables.rows_of(table, project_id)).limit(1))
    place = f"{column.table.name}.{column.name}"
    if words := checking.WORDS.get(place):
        return str(next(iter(words)))
    form = checking.FORMS.get(place)
    record: Any = {} if form is None or form({}) else []
    kind = column.type.python_type
    return {str: column.name[:10], int: 1, float: 0.5, bool: False}.get(kind, record)
