"""Who has labelled in a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sqlalchemy import func, select

from storage.collaboration.rules import imported
from storage.database.connection import Database
from storage.engines.schema import AnnotationRow, DocumentRow
from storage.types import Merged


@dataclass
class _Seen:
    """Who was found among the annotations up to a number."""

    upto: int = 0
    names: set[str] = field(default_factory=set)


# An annotation never changes its annotator, and numbers are never given twice: so only what came
# since has to be read. Asked at every run of every page, of projects of a million documents.
_seen: WeakKeyDictionary[Database, dict[int, _Seen]] = WeakKeyDictionary()


def annotators(db: Database, project_id: int) -> frozenset[str]:
    """Return the names of all who have, or had, an annotation in a project; no ``Merged`` one."""
    seen = _seen.setdefault(db, {}).setdefault(project_id, _Seen())
    with db.read() as session:
        newest = session.scalar(select(func.max(AnnotationRow.id))) or 0
        if newest < seen.upto:
            # A backup of before came back.
            seen = _seen[db][project_id] = _Seen()
        if newest > seen.upto:
            query = (
                select(AnnotationRow.annotator)
                .join(DocumentRow, DocumentRow.id == AnnotationRow.document_id)
                .where(AnnotationRow.id > seen.upto, DocumentRow.project_id == project_id)
                .where(AnnotationRow.annotator.not_in(list(Merged)))
            )
            seen.names.update(session.scalars(query.distinct()))
            seen.upto = newest
    return frozenset(seen.names)


def importers(db: Database, project_id: int) -> frozenset[str]:
    """Return those of them under whose name labels came in that no file gave an annotator."""
    with db.read() as session:
        known = imported.names(session, project_id)
    return known & annotators(db, project_id)


def are_several(db: Database, project_id: int) -> bool:
    """Tell whether more than one person has labelled in a project."""
    return len(annotators(db, project_id)) > 1
