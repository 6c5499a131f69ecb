"""What people changed since a run's data was frozen: what the next run would learn anew."""

from dataclasses import dataclass

from engine.runner.owning import folder_of
from engine.runs import snapshot
from storage.database.connection import Database
from storage.errors import InputError, RefusedError
from storage.journal import annotations
from storage.types import Document, Run, Status


@dataclass(frozen=True, slots=True)
class Changes:
    """Documents that differ from what the run knew."""

    mended: int = 0
    """It learned from them or was scored on them, and their spans are others now."""
    added: int = 0
    """They became done since."""

    @property
    def total(self) -> int:
        return self.mended + self.added


def since(db: Database, run: Run) -> Changes:
    """Compare what was edited since with what the run's folder holds.

    An edit that changed no span, or was undone, is no change. Nothing is known of a run whose
    frozen data is gone: then nothing has changed.
    """
    if run.journal_id is None:
        return Changes()
    ids = annotations.edited(db, run.project_id, run.journal_id)
    try:
        known = {d.id: _spans(d) for d in snapshot.pick(folder_of(run), ids)}
    except (InputError, RefusedError):
        return Changes()
    now = {d.id: _spans(d) for d in annotations.of_documents(db, ids) if d.status is Status.DONE}
    mended = sum(now.get(document) != spans for document, spans in known.items())
    return Changes(mended, added=len(now.keys() - known.keys()))


def _spans(document: Document) -> frozenset[tuple[int, int, str]]:
    return frozenset((span.start, span.end, span.label) for span in document.spans)
