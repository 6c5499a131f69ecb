"""What an import brought and nobody has edited since: no person's judgement. Inside a transaction.

The labels of a file that names no annotator get the name of who imports it, who goes on from
there. As long as nobody has, they are nobody's version of a document: who imports is no annotator.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case, exists, select
from sqlalchemy.orm import Session

from storage import home
from storage.engines.schema import AccountRow, AnnotationRow, JournalRow, SettingRow
from storage.permissions import Role

NAME = "(imported)"
"""What this side is called among people."""


def key(project_id: int) -> str:
    """Return the key of the setting that holds who imported, and whether it is adjudicated."""
    return f"imported:{project_id}"


def begin(session: Session, project_id: int) -> None:
    """Note of a new project that nothing was imported yet."""
    session.merge(SettingRow(key=key(project_id), value={"names": [], "is_version": False}))


def note(session: Session, project_id: int, name: str) -> None:
    """Note that labels come in under this name that no file gave an annotator."""
    known = names(session, project_id)
    if name not in known:
        _put(session, project_id, sorted({*known, name}), is_version(session, project_id))


def names(session: Session, project_id: int) -> frozenset[str]:
    """Return under which names labels came in that no file gave an annotator."""
    row = session.get(SettingRow, key(project_id))
    return _before(session) if row is None else frozenset(row.value["names"])


def is_version(session: Session, project_id: int) -> bool:
    """Tell whether what was imported is held against people's versions when these are decided."""
    row = session.get(SettingRow, key(project_id))
    return row is not None and bool(row.value["is_version"])


def choose(session: Session, project_id: int, is_version: bool) -> None:
    """Let what was imported be such a version, or none."""
    _put(session, project_id, sorted(names(session, project_id)), is_version)


def condition(names: frozenset[str]) -> ColumnElement[bool]:
    """Return whether an annotation, which a query has, is what an import brought.

    A change of many documents at once is no look at this one.
    """
    edited = exists().where(
        JournalRow.document_id == AnnotationRow.document_id,
        JournalRow.annotator == AnnotationRow.annotator,
        JournalRow.action_id.is_(None),
    )
    untouched = (AnnotationRow.revision == 0) | ~edited
    return AnnotationRow.annotator.in_(sorted(names)) & untouched


def whose(names: frozenset[str]) -> ColumnElement[str]:
    """Return whose an annotation is: a person's, or that of what was imported."""
    return case((condition(names), NAME), else_=AnnotationRow.annotator)


def checked(value: Any) -> dict[str, Any]:
    """Return the setting as it can be, of what an archive says that it is."""
    said = value if isinstance(value, dict) else {}
    listed = said.get("names")
    names = [each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, str)]
    return {"names": names, "is_version": said.get("is_version") is True}


def _put(session: Session, project_id: int, names: list[str], is_version: bool) -> None:
    value = {"names": names, "is_version": is_version}
    session.merge(SettingRow(key=key(project_id), value=value))


def _before(session: Session) -> frozenset[str]:
    """Return who can have imported into a project of before this was noted."""
    admins = session.scalars(select(AccountRow.name).where(AccountRow.role == Role.ADMIN))
    chosen = session.get(SettingRow, "annotator")
    return frozenset({*admins, home.user_name(), *([chosen.value] if chosen else [])} - {None, ""})
