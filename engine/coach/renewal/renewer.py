"""One project's newest label check, and the labels of now."""

from __future__ import annotations

from engine import tasks
from engine.evaluation.renewal.renewing import Renewing
from engine.evaluation.suspects import marks
from engine.runs import snapshot, spec
from engine.runs.weighed import opinions
from storage import home
from storage.coaching import work
from storage.coaching.work import Moment
from storage.corpus import projects
from storage.database.connection import Database
from storage.runs import renewals, runs, suspects
from storage.types import Document, Split


class Check:
    """A finished check: what its models said, and the documents as they are."""

    def __init__(self, db: Database, run_id: int) -> None:
        """Read what the check has left; raises RunFolderError, InputError, NotFoundError."""
        run = runs.get_run(db, run_id)
        folder = home.run_folder(run.folder)
        said = opinions.read(folder)
        frozen = list(snapshot.stream(folder, Split.TRAIN))
        first = [document for document in frozen if document.id in said]
        self._db, self.run, self._project = db, run_id, run.project_id
        self._documents = {document.id or 0: document for document in first}
        self._checked = {id: marks(document) for id, document in self._documents.items()}
        task = tasks.get(projects.get_project(db, run.project_id).task)
        scores = [said[id] for id in self._documents]
        labels = spec.read(folder).labels
        self._renewing: Renewing = task.renewing(first, scores, labels)
        self._seen: Moment | None = None

    def renew(self) -> None:
        """Weigh anew what leaned on labels that have changed; store what is another now."""
        changed = self._changed()
        self._documents |= {document.id or 0: document for document in changed}
        if changed:
            found = self._renewing.renewed(list(self._documents.values()))
            renewals.renew(self._db, self.run, found, self._checked)

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


def find(db: Database, project_id: int) -> int | None:
    """Return the newest check of a project that is done and can be renewed; None without one."""
    found = suspects.newest_run(db, project_id)
    if found is None:
        return None
    folder = home.run_folder(runs.get_run(db, found).folder)
    return found if opinions.are_kept(folder) else None
