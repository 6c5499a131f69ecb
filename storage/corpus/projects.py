"""Projects and their labels."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.collaboration.rules import imported
from storage.corpus import labels
from storage.corpus.validation import label_name
from storage.corpus.validation import name as valid_name
from storage.corpus.validation import text as valid_text
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.run_rows import mark_gone, run_of
from storage.engines.schema import (
    DocumentRow,
    ProjectRow,
    RunRow,
    SettingRow,
)
from storage.errors import InputError, NotFoundError, RefusedError
from storage.knowledge.versions import making
from storage.permissions import Ability, needs
from storage.types import Label, Project, Run, Task


def list_projects(db: Database) -> list[Project]:
    """Return all projects with their labels, the oldest first."""
    with db.read() as session:
        owned = labels.by_project(session)
        rows = session.scalars(select(ProjectRow).order_by(ProjectRow.id))
        return [_project(row, owned.get(row.id, [])) for row in rows]


def get_project(db: Database, project_id: int) -> Project:
    """Return a project with its labels; raises NotFoundError."""
    with db.read() as session:
        return _whole(session, required(session, project_id))


def born(db: Database, project_id: int) -> str:
    """Return when a project was made; raises NotFoundError."""
    with db.read() as session:
        return required(session, project_id).created_at


def find_project(db: Database, name: str) -> Project | None:
    """Return the project of that name, None where there is none."""
    try:
        name = valid_name(name, "project")
    except InputError:
        # No project has it, and not every database could even be asked for it.
        return None
    with db.read() as session:
        row = session.scalar(select(ProjectRow).where(ProjectRow.name == name))
        return _whole(session, row) if row else None


@needs(Ability.MANAGE)
def create_project(
    db: Database, name: str, task: str = Task.SPANS, allow_overlaps: bool = False
) -> Project:
    """Create an empty project; raises InputError where the name is taken or unusable."""
    with db.write() as session:
        return _whole(session, insert_project(session, name, task, allow_overlaps))


def insert_project(
    session: Session, name: str, task: str = Task.SPANS, allow_overlaps: bool = False
) -> ProjectRow:
    """Create an empty project as part of a larger write; raises as ``create_project``."""
    row = ProjectRow(
        name=_free_name(session, name),
        task=task,
        allow_overlaps=allow_overlaps,
        created_at=now(),
    )
    session.add(row)
    session.flush()
    imported.begin(session, row.id)
    return row


@needs(Ability.MANAGE)
def rename_project(db: Database, project_id: int, name: str) -> Project:
    """Give a project another name; raises InputError where it is taken or unusable."""
    with db.write() as session:
        row = required(session, project_id)
        if row.name != name.strip():
            row.name = _free_name(session, name)
        return _whole(session, row)


@needs(Ability.MANAGE)
def delete_project(db: Database, project_id: int) -> list[Run]:
    """Delete a project with all that is in it and return the runs that it had.

    Their folders may be removed then (see ``engine.runner.delete_project``). Raises
    RefusedError while a run is training.
    """
    with db.write() as session:
        row = required(session, project_id, turn=True)
        runs = select(RunRow).where(RunRow.project_id == project_id).order_by(RunRow.id)
        found = [run_of(one) for one in session.scalars(runs)]
        for run in found:
            if run.state.active:
                raise RefusedError(
                    f'{run.title} of the project "{row.name}" is training: cancel it first.'
                )
        mark_gone(session)
        # Documents first: on PostgreSQL the labels would go before the spans that use them.
        session.execute(delete(DocumentRow).where(DocumentRow.project_id == project_id))
        session.execute(delete(ProjectRow).where(ProjectRow.id == project_id))
        keys = dev_split_key, looked_key, form_key, focus_key, coach_key, started_key, gold_key
        more = imported.key, ledger_key, kept_days_key, splits_key
        kept = [key(project_id) for key in (*keys, *more)]
        session.execute(delete(SettingRow).where(SettingRow.key.in_(kept)))
    # It loads NumPy, which takes longer than opening a database may.
    from storage.texts import folded

    folded.remove(db, project_id)
    return found


@needs(Ability.GUIDE)
def set_guideline(
    db: Database, project_id: int, text: str, meaning: Collection[int] = (), note: str = ""
) -> Project:
    """Store a project's guideline, in Markdown; raises InputError, NotFoundError.

    ``meaning`` names the labels that mean something else by it, ``note`` says why it is changed.
    """
    author = settings.annotator(db)
    with db.write() as session:
        row = required(session, project_id, turn=True)
        with making.changing(session, project_id, author, meaning, note):
            row.guideline = valid_text(text, "The guideline")
        return _whole(session, row)


@needs(Ability.GUIDE)
def append_guideline(db: Database, project_id: int, section: str) -> Project:
    """Put a section behind what a guideline holds by now; raises InputError, NotFoundError."""
    author = settings.annotator(db)
    with db.write() as session:
        row = required(session, project_id, turn=True)
        before = row.guideline.rstrip()
        text = f"{before}\n\n{section}" if before else section
        with making.changing(session, project_id, author, meaning=()):
            row.guideline = valid_text(text, "The guideline")
        return _whole(session, row)


def add_labels(db: Database, project_id: int, names: list[str]) -> list[Label]:
    """Return the labels of these names, made where the project has none so called."""
    with db.write() as session:
        required(session, project_id)
        found = labels.ensure(session, project_id, names)
        return [found[label_name(name)] for name in names]


@needs(Ability.MANAGE)
def add_listed(db: Database, project_id: int, listed: Sequence[Label]) -> None:
    """Add labels of a list, new ones with the colours and keys that it gives them.

    A key that another label has is left to that one. Raises InputError, NotFoundError.
    """
    with db.write() as session:
        required(session, project_id)
        known = {label.name for label in labels.of_project(session, project_id)}
        found = labels.ensure(session, project_id, [label.name for label in listed])
        new = [label for label in listed if label_name(label.name) not in known]
        # Their own keys first: one that was only dealt out to another must not stand in the way.
        for label in new:
            labels.change(session, replace(found[label_name(label.name)], key=""))
        taken = {label.key for label in found.values() if label.name in known}
        for label in sorted(new, key=lambda each: not each.key):
            mine = found[label_name(label.name)]
            key = next((k for k in (label.key, mine.key) if k and k not in taken), "")
            taken.add(key)
            labels.change(session, replace(mine, color=label.color or mine.color, key=key))


@needs(Ability.MANAGE)
def update_label(db: Database, label: Label) -> Label:
    """Store a label's name, colour, key and description; raises InputError, NotFoundError.

    Where other words are said of it than before, it means something else.
    """
    with _saying(db, label) as session:
        return labels.change(session, label)


@needs(Ability.GUIDE)
def describe_label(db: Database, label_id: int, **words: str) -> Label:
    """Store some of what a label is and is not, as ``labels.describe``; else ``update_label``."""
    label = Label("", id=label_id)
    with _saying(db, label) as session:
        return labels.describe(session, label, words)


@contextmanager
def _saying(db: Database, label: Label) -> Iterator[Session]:
    """Yield a session in which other words may come to be said of a label."""
    author = settings.annotator(db)
    with db.write() as session:
        project = labels.project_of(session, label)
        required(session, project, turn=True)
        with making.changing(session, project, author):
            yield session


def list_labels(db: Database, project_id: int) -> list[Label]:
    """Return a project's labels in their order; raises NotFoundError."""
    with db.read() as session:
        required(session, project_id)
        return labels.of_project(session, project_id)


def required(session: Session, project_id: int, *, turn: bool = False) -> ProjectRow:
    """Return a project's row; raises NotFoundError.

    With ``turn``, asked for before any other row, who changes the project's documents or their
    annotations waits for others who do (SQLite has them wait anyway): so documents and journal
    entries get their numbers in the order in which they are committed, and who knows all up to
    a number has missed none.
    """
    # Rows that name the project may be added meanwhile: a run, a label.
    row = session.get(ProjectRow, project_id, with_for_update={"key_share": True} if turn else None)
    if row is None:
        raise NotFoundError(f"There is no project {project_id}: choose one from the list.")
    return row


def dev_split_key(project_id: int) -> str:
    """Return the key of the setting that records how a project got its dev split."""
    return f"dev_split:{project_id}"


def focus_key(project_id: int) -> str:
    """Return the key of the setting that holds which confusion a project works on."""
    return f"focus:{project_id}"


def started_key(project_id: int) -> str:
    """Return the key of the setting that holds with which other project one began."""
    return f"started_from:{project_id}"


def kept_days_key(project_id: int) -> str:
    """Return the key of the setting that says how long what a served model is asked is kept."""
    return f"kept_days:{project_id}"


def ledger_key(project_id: int) -> str:
    """Return the key of the setting that holds what was read of the journal for the ledger."""
    return f"ledger:{project_id}"


def gold_key(project_id: int) -> str:
    """Return the key of the setting that is another after every part of a change of the policy."""
    return f"gold:{project_id}"


def form_key(project_id: int) -> str:
    """Return the key of the setting that holds what was chosen for the next training."""
    return f"train_form:{project_id}"


def looked_key(project_id: int) -> str:
    """Return the key of the setting that is another after every change of the suggestions."""
    return f"looked:{project_id}"


def _whole(session: Session, row: ProjectRow) -> Project:
    return _project(row, labels.of_project(session, row.id))


def _project(row: ProjectRow, owned: list[Label]) -> Project:
    return Project(row.id, row.name, row.task, row.allow_overlaps, tuple(owned), row.guideline)


def _free_name(session: Session, name: str) -> str:
    name = valid_name(name, "project")
    if session.scalar(select(ProjectRow.id).where(ProjectRow.name == name)):
        raise InputError(f'There is a project "{name}" already: choose another name.')
    return name


def coach_key(project_id: int) -> str:
    """Return the setting of what was decided about a project's coach."""
    return f"coach:{project_id}"


def splits_key(project_id: int) -> str:
    """Return the key of the setting that is another after documents went to another split."""
    return f"splits:{project_id}"


def mark_splits(session: Session, project_id: int) -> None:
    """Let those who keep which documents are dev and test see that these are others now."""
    session.merge(SettingRow(key=splits_key(project_id), value=uuid4().hex))


def mark_looked(session: Session, project_id: int) -> None:
    """Let those who keep what follows from suggestions see that these are others now."""
    session.merge(SettingRow(key=looked_key(project_id), value=uuid4().hex))
