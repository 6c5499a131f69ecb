"""A search for duplicates in a process of its own: it computes for as long as it takes."""

from __future__ import annotations

from dataclasses import dataclass

from engine.inspection import duplicates
from engine.inspection.duplicates import Duplicates
from engine.transfers.state import Link, Phase, State
from storage.corpus import documents
from storage.database.connection import Database

KIND = "duplicates"


@dataclass(frozen=True, slots=True)
class Search:
    """The order to look for the duplicates of a project."""

    project: int

    def carry_out(self, link: Link) -> Duplicates:
        """Look, and tell how far it is; raises StoppedError."""
        db = Database.open()
        try:
            total = documents.count_documents(db, self.project)

            def tell(done: int) -> None:
                link.tell(State(Phase.READING, documents=done, of_documents=total))

            tell(0)
            return duplicates.of_project(db, self.project, tell)
        finally:
            db.close()
