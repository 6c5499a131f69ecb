"""One project's newest label check, and the labels of now.

A label may be called another name by now than when it was checked: what the models said of it
holds. One that is gone, or was merged into another one, is suggested no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from engine import tasks
from engine.evaluation.renewal.renewing import Renewing
from engine.evaluation.suspects import Suspect, marks
from engine.runs import snapshot, spec
from engine.runs.weighed import opinions
from engine.system import priority
from engine.system.priority import Calls
from storage import home
from storage.actions import relabelling
from storage.coaching import work
from storage.coaching.work import Moment
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import renewals, runs, suspects
from storage.types import Document, Label, Split


class Check:
    """A finished check: what its models said, and the documents as they are."""

    def __init__(self, db: Database, run_id: int, writes: Calls = priority.call) -> None:
        """Read what the check has left; raises RunFolderError, InputError, NotFoundError.

        ``writes`` calls what takes a turn at the database.
        """
        run = runs.get_run(db, run_id)
        folder = home.run_folder(run.folder)
        said = opinions.read(folder)
        frozen = list(snapshot.stream(folder, Split.TRAIN))
        labels = spec.read(folder).labels
        called = relabelling.later_names(db, run.project_id).items()
        later = {before: now for before, now in called if now not in labels}
        first = [_called(document, later) for document in frozen if document.id in said]
        self._db, self.run, self._project = db, run_id, run.project_id
        self._writes = writes
        known = projects.get_project(db, run.project_id)
        self.labels = _by_id(known.labels)
        """What it goes by: where these are others, the check is to be read anew."""
        self._documents = {document.id or 0: document for document in first}
        self._checked = {id: marks(document) for id, document in self._documents.items()}
        scores = [said[id] for id in self._documents]
        outputs = [later.get(name, name) for name in labels]
        self._renewing: Renewing = tasks.get(known.task).renewing(first, scores, outputs)
        self._seen: Moment | None = None

    def renew(self) -> None:
        """Weigh anew what leaned on labels that have changed; store what is another now."""
        changed = self._changed()
        self._documents |= {document.id or 0: document for document in changed}
        if changed:
            found = self._renewing.renewed(list(self._documents.values()))
            known = {id: self._of_labels(each) for id, each in found.items()}
            self._writes(renewals.renew, self._db, self.run, known, self._checked)

    def _of_labels(self, found: Sequence[Suspect]) -> list[Suspect]:
        names = {None, *(name for _, name in self.labels)}
        return [each for each in found if (each.suggested and each.suggested.label) in names]

    def _changed(self) -> list[Document]:
        """Return the documents that may have other labels than when this was asked before."""
        wanted = list(self._documents)
        if self._seen is None:
            self._seen = work.moment(self._db, self._project)
        else:
            changes = work.changes(self._db, self._project, self._seen)
            self._seen = changes.now
            if not changes.anew:
                wanted = [id for id in changes.ids if id in self._documents]
        return work.documents(self._db, self._project, wanted)


def _called(document: Document, later: Mapping[str, str]) -> Document:
    """Return a document with its labels under the names of now."""
    spans = (replace(span, label=later.get(span.label, span.label)) for span in document.spans)
    return replace(document, spans=tuple(spans))


def _by_id(labels: Sequence[Label]) -> tuple[tuple[int, str], ...]:
    """Return labels as a moment has them."""
    return tuple(sorted((label.id or 0, label.name) for label in labels))


def find(db: Database, project_id: int) -> int | None:
    """Return the newest check of a project that is done and can be renewed; None without one."""
    found = suspects.newest_run(db, project_id)
    if found is None:
        return None
    folder = home.run_folder(runs.get_run(db, found).folder)
    return found if opinions.are_kept(folder) else None
