"""What is known of two texts, and to whom."""

from sqlalchemy import update

from storage.corpus import documents, projects, second_texts
from storage.corpus.second_texts import Known
from storage.database.connection import Database
from storage.engines.schema import ProjectRow
from storage.journal import annotations
from storage.permissions import Person, Role, acting_as
from storage.types import Document


def test_who_labels_blind_is_not_told_what_others_answered(db: Database) -> None:
    project = projects.create_project(db, "pairs", task="pairs")
    documents.add_documents(db, project.id, [Document("a", ((0, 1),), second_text="b")], "ada")
    id = documents.list_ids(db, project.id)[0]
    done = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
    annotations.apply_operations(db, project.id, id, "ada", "c", [done])
    with db.write() as session:
        session.execute(update(ProjectRow).values(start="bare"))
    told = {}
    for name, role in (("ada", Role.ANNOTATOR), ("bob", Role.ANNOTATOR), ("rey", Role.REVIEWER)):
        with acting_as(Person(name, role)):
            told[name] = second_texts.known(db, project.id, "a", ["b"])["b"]
    answered = Known(id, "", True)
    assert told == {"ada": answered, "bob": Known(id, "", False), "rey": answered}
