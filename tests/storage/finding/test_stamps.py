"""What tells that a project has changed: whatever changes it, also through another handle."""

from sqlalchemy import event

from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.finding.sets import stamps
from storage.types import Document, Split


def stamp(db: Database, project: int) -> stamps.Stamp:
    with db.read() as session:
        return stamps.of(session, project)


def test_a_stamp_is_another_one_after_every_change_by_anybody(db: Database) -> None:
    project = projects.create_project(db, "News").id
    seen = [stamp(db, project)]

    def changed() -> bool:
        seen.append(stamp(db, project))
        return seen[-1] not in seen[:-1] and stamp(db, project) == seen[-1]

    given = [Document(f"text {n}", split=Split.TRAIN) for n in range(9)]
    documents.add_documents(db, project, given, "ada")
    assert changed()
    other = Database.open(f"sqlite:///{db.path}") if db.path else db
    documents.add_documents(other, project, [Document("more", split=Split.TEST)], "ada")
    assert changed()
    with other.write() as session:
        projects.mark_looked(session, project)
    assert changed()
    if other is not db:
        other.close()


def test_dev_and_test_are_counted_once_while_nobody_changes_anything(db: Database) -> None:
    project = projects.create_project(db, "News").id
    documents.add_documents(db, project, [Document("one")], "ada")
    asked: list[str] = []
    stamp(db, project)
    event.listen(db._reader, "before_cursor_execute", lambda *call: asked.append(call[2]))
    stamp(db, project)
    counted = [each for each in asked if "count(" in each]
    assert len(counted) == (0 if db.path else 2)
