"""What an import brought as nobody's: no person's version, until somebody edits it."""

from __future__ import annotations

from storage.actions import relabelling
from storage.archives import restoring, writing
from storage.collaboration import (
    adjudication,
    assignments,
    cases,
    deciding,
    people,
    queues,
    versions,
)
from storage.collaboration.rules import imported
from storage.collaboration.rules.policies import Gold, Policy
from storage.collaboration.rules.starts import Start
from storage.corpus import documents, labels
from storage.engines.schema import SettingRow
from storage.journal import annotations as journal
from storage.types import Status
from tests.storage.collaboration.versions import ADA, BOB, ROME, labelled
from tests.storage.conftest import sentence, stored

TEXT = "Ada met Bob in Rome ."


def brought(db, project, *marks) -> int:
    """Store a document of a file that names nobody."""
    return stored(db, project, sentence(TEXT, *marks), annotator="root")[-1]


def label(db, project, document, who, *marks) -> None:
    """Let somebody finish a document with these marks and no others."""
    own = journal.open_annotation(db, document, who)
    parts: list[dict[str, object]] = [{"kind": "remove", "id": span.id} for span in own.spans]
    for n, mark in enumerate(marks):
        place = {"start": mark.start, "end": mark.end, "label": mark.label}
        quote = TEXT[mark.start : mark.end]
        parts.append({"kind": "add", "span": {"id": f"{who}{n}", **place, "quote": quote}})
    edit = {"seq": 1, "base_revision": own.revision, "kind": "batch", "operations": parts}
    done = {**edit, "status": "done"}
    client = f"{who}-{document}"
    saved = journal.apply_operations(db, project.id, document, who, client, [done])
    assert saved.results[0]["status"] == "saved", saved.results


def test_who_imported_is_nobody_in_agreement_unless_it_is_asked_for(db, project) -> None:
    document = brought(db, project, ADA, BOB)
    label(db, project, document, "ann", ADA)
    label(db, project, document, "ben", ADA, ROME)

    found = versions.read(db, project.id)
    assert (found.people, found.has_imported) == (("ann", "ben"), False)
    asked = versions.read(db, project.id, imported=True)
    assert (asked.people, asked.has_imported) == (("ann", "ben", imported.NAME), True)
    assert [int(row[0]) for row in asked.marks].count(2) == 2
    assert people.importers(db, project.id) == {"root"}


def test_who_imported_and_then_labelled_is_a_person_there(db, project) -> None:
    one, two = brought(db, project, ADA, BOB), brought(db, project, ADA)
    label(db, project, one, "root", ADA)
    for document in (one, two):
        label(db, project, document, "ann", ADA, ROME)
    found = versions.read(db, project.id)
    assert found.people == ("ann", "root") and found.documents.tolist() == [one]
    found = versions.read(db, project.id, imported=True)
    assert found.people == ("ann", "root", imported.NAME)
    assert found.finished.tolist() == [[True, True], [True, False], [False, True]]


def test_a_change_of_the_labels_is_no_look_at_a_document(db, project) -> None:
    document = brought(db, project, ADA, ROME)
    with db.read() as session:
        known = {name: id for id, name in labels.names(session, project.id).items()}
    relabelling.merge_labels(db, known["ORG"], known["PER"], "root")
    label(db, project, document, "ann", ADA)
    assert versions.read(db, project.id, beside=[document]).people == ("ann",)


def test_annotators_that_a_file_names_are_people_whoever_imports(db, project) -> None:
    stored(db, project, labelled({"ann": (ADA,), "root": (ADA, BOB)}), annotator="root")
    assert people.importers(db, project.id) == frozenset()
    assert versions.read(db, project.id).people == ("ann", "root")
    assert len(cases.find(db, project.id)) == 1


def test_it_is_adjudicated_only_where_somebody_chose_so(db, project) -> None:
    document = brought(db, project, ADA, BOB)
    label(db, project, document, "ann", ADA)
    assert cases.takes_imported(db, project.id) is False
    assert cases.find(db, project.id) == {}

    cases.take_imported(db, project.id, True)
    assert cases.takes_imported(db, project.id) is True
    assert cases.find(db, project.id)[document].people == (imported.NAME, "ann")
    opened = adjudication.open_document(db, project.id, document)
    assert [each.annotator for each in opened.versions] == [imported.NAME, "ann"]

    label(db, project, document, "ben", ADA, BOB)
    cases.take_imported(db, project.id, False)
    opened = adjudication.open_document(db, project.id, document)
    assert [each.annotator for each in opened.versions] == ["ann", "ben"]


def test_where_nothing_was_imported_there_is_nothing_to_choose(db, project) -> None:
    stored(db, project, labelled({"ann": (ADA,), "ben": (ADA, BOB)}))
    assert cases.takes_imported(db, project.id) is None


def test_it_has_no_vote_on_what_is_gold(db, project) -> None:
    alone, beside = brought(db, project, ADA, BOB), brought(db, project, ADA, BOB)
    label(db, project, beside, "ann", ADA)
    for policy in (Policy(Gold.MAJORITY), Policy(Gold.ADJUDICATED)):
        deciding.set_policy(db, project.id, policy)
        assert documents.get_document(db, alone).spans == (ADA, BOB)
        gold = documents.get_document(db, beside)
        assert (gold.spans, gold.status) == ((ADA,), Status.DONE), policy
    deciding.set_policy(db, project.id, Policy(Gold.PERSON, "root"))
    assert documents.get_document(db, beside).spans == (ADA, BOB)


def test_in_a_project_of_before_those_are_taken_who_can_import(db, project, monkeypatch) -> None:
    monkeypatch.setattr("storage.home.user_name", lambda: "root")
    document = brought(db, project, ADA, BOB)
    label(db, project, document, "ann", ADA)
    with db.write() as session:
        session.delete(session.get(SettingRow, imported.key(project.id)))
    assert people.importers(db, project.id) == {"root"}
    assert versions.read(db, project.id, beside=[document]).people == ("ann",)
    brought(db, project, ROME)
    assert people.importers(db, project.id) == {"root"}


def test_a_project_archive_keeps_it(db, project, tmp_path) -> None:
    document = brought(db, project, ADA, BOB)
    label(db, project, document, "ann", ADA)
    cases.take_imported(db, project.id, True)
    writing.write(db, project.id, tmp_path / "x.zip")
    again = restoring.restore(db, tmp_path / "x.zip").id
    assert people.importers(db, again) == {"root"}
    assert cases.takes_imported(db, again) is True
    assert imported.checked({"names": [1, "a"]}) == {"names": ["a"], "is_version": False}
    assert imported.checked("nonsense") == {"names": [], "is_version": False}


def test_who_was_shown_labels_is_told_of_what_was_labelled_here(db, project, given) -> None:
    (named,) = given({"ann": (ADA,), "ben": (ADA, ROME)})
    alone, second = brought(db, project), stored(db, project, sentence(TEXT))[-1]
    label(db, project, alone, "ann", ADA)
    label(db, project, second, "ann", ADA)
    assert versions.shown(db, project.id) == set(), "a file's people labelled elsewhere"
    label(db, project, second, "ben", ADA)
    assert versions.shown(db, project.id) == {second}
    assignments.set_dealing(db, project.id, 2, Start.BARE)
    assert versions.shown(db, project.id) == set() and named


def test_what_was_imported_finished_is_not_to_do_but_by_a_queue(db, project) -> None:
    finished = brought(db, project, ADA)
    begun = stored(db, project, sentence(TEXT))[-1]
    assignments.set_dealing(db, project.id, 2, Start.BARE)
    assert assignments.take(db, project.id, "ann") == [begun]
    assert assignments.take(db, project.id, "ben") == [begun]
    label(db, project, begun, "ann", ADA)
    assert assignments.take(db, project.id, "ann") == []
    assert "all 1 that are to do" in assignments.why_none(db, project.id, "ann")

    queues.create_queue(db, project.id, "again", documents=[finished], start=Start.BARE)
    assert assignments.take(db, project.id, "ann") == [finished]
