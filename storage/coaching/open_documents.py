"""Documents that are to do and for which no model that knows better has suggested anything."""

from __future__ import annotations

from collections.abc import Collection

from storage.corpus.projects import required
from storage.database.connection import Database
from storage.engines.queries import CHUNK
from storage.engines.schema import DocumentRow
from storage.runs import suggestions


def of(db: Database, project_id: int, instead_of: Collection[str], most: int) -> list[int]:
    """Return the first of them in import order, until ``most`` of them had no suggestions at all.

    Those that runs of the kinds ``instead_of`` looked at come along. Raises NotFoundError.
    """
    query = suggestions.to_do(project_id, instead_of).order_by(DocumentRow.id)
    found: list[int] = []
    with db.read() as session:
        required(session, project_id)
        last = 0
        while rows := session.execute(query.where(DocumentRow.id > last).limit(CHUNK)).all():
            for last, looked in rows:
                found.append(last)
                most -= looked is None
                if not most:
                    return found
    return found
