"""What tells that a project has changed: whatever changes it, also through another handle."""

from sqlalchemy import event

from storage.actions import setting_aside, undo
from storage.corpus import dev_split, documents, projects
from storage.database.connection import Database
from storage.finding.sets import stamps
from storage.types import Document, Span, Split, Status


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


def test_no_stamp_counts_documents(db: Database) -> None:
    project = projects.create_project(db, "News").id
    documents.add_documents(db, project, [Document("one")], "ada")
    asked: list[str] = []
    event.listen(db._reader, "before_cursor_execute", lambda *call: asked.append(call[2]))
    stamp(db, project)
    assert asked and not [each for each in asked if "count(" in each]


def test_a_stamp_is_another_one_when_documents_go_to_another_split_and_back(
    db: Database,
) -> None:
    project = projects.create_project(db, "News").id
    projects.add_labels(db, project, ["PER"])
    mark = (Span(0, 4, "PER"),)
    given = [Document(f"text {n}", (), mark, Split.TRAIN, status=Status.DONE) for n in range(30)]
    documents.add_documents(db, project, given, "ada")
    seen = [stamp(db, project)]
    moved = setting_aside.set_aside(db, project, "ada")
    seen.append(stamp(db, project))
    undo.undo(db, project, "ada", f"action:{moved.id}")
    seen.append(stamp(db, project))
    assert dev_split.assign(db, project)
    seen.append(stamp(db, project))
    assert len({each.splits for each in seen}) == 4
