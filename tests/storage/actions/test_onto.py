"""Labels of a file put onto documents that are there: found, compared, taken back in one step."""

import pytest

from storage.actions import actions, onto, undo
from storage.collaboration import adjudication, deciding, people, versions
from storage.collaboration.rules import imported
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import documents, projects
from storage.corpus.staging import Place
from storage.errors import ForbiddenError, InputError
from storage.journal import annotations
from storage.permissions import Person, Role, acting_as
from storage.types import Document, Span, Status
from tests.storage.conftest import sentence, stored

TEXT = "Ada met Bob."
ADA = Span(0, 3, "PER")


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(
        db,
        project,
        sentence(TEXT, Span(0, 3, "PER"), name="a"),
        sentence(TEXT, name="b"),
        sentence("Cy left.", name="c"),
    )


def given(text: str, *spans: Span, name: str = "x", **fields) -> Document:
    status = fields.pop("status", Status.DONE)
    return Document(text, spans=spans, name=name, status=status, **fields)


def put(db, project, *found: Document, by: str = "text", do=onto.put, **options) -> onto.Outcome:
    names = {span.label for each in found for span in each.spans}
    placed = [(Place(0, line), each) for line, each in enumerate(found, 1)]
    return do(db, project.id, "ada", placed, names, by, **options)


def marks(db, id: int) -> list[tuple[int, int, str]]:
    found = annotations.open_annotation(db, id, "ada").spans
    return [(span.start, span.end, span.label) for span in found]


def test_by_text_every_document_with_that_text_gets_what_the_file_says(db, project, ids):
    outcome = put(db, project, given(TEXT, Span(8, 11, "PER")))
    assert (outcome.given, outcome.matched, outcome.missed) == (1, 1, 0)
    assert marks(db, ids[0]) == marks(db, ids[1]) == [(8, 11, "PER")]
    assert marks(db, ids[2]) == []
    assert documents.count_documents(db, project.id) == 3, "no second copy"


def test_only_who_may_import_puts_labels_onto_documents(db, project, ids):
    with acting_as(Person("Bob", Role.ANNOTATOR)), pytest.raises(ForbiddenError):
        put(db, project, given(TEXT, Span(8, 11, "PER")))
    assert marks(db, ids[1]) == []


def test_one_step_takes_all_of_it_back(db, project, ids):
    before = [annotations.open_annotation(db, id, "ada") for id in ids]
    action = put(db, project, given(TEXT, Span(8, 11, "NEW"))).action
    assert [label.name for label in projects.get_project(db, project.id).labels][-1] == "NEW"
    undo.undo(db, project.id, "ada", f"action:{action.id}")
    after = [annotations.open_annotation(db, id, "ada") for id in ids]
    assert [(a.spans, a.status) for a in after] == [(b.spans, b.status) for b in before]
    undo.redo(db, project.id, "ada", f"action:{action.id}")
    assert marks(db, ids[1]) == [(8, 11, "NEW")]


def test_by_id_only_that_document_is_changed_and_its_text_must_be_the_same(db, project, ids):
    outcome = put(
        db,
        project,
        given(TEXT, Span(8, 11, "ORG"), layout={"record": {"id": ids[1]}}),
        given("Other text.", name="c"),
        given(TEXT, name="nobody"),
        by="id",
    )
    assert marks(db, ids[1]) == [(8, 11, "ORG")]
    assert marks(db, ids[0]) == [(0, 3, "PER")]
    assert outcome.unmatched == [
        ((0, 2), "c", 'the document "c" has another text'),
        ((0, 3), "nobody", 'no document of the project is called "nobody"'),
    ]


def test_a_name_finds_its_document(db, project, ids):
    put(db, project, given("Cy left.", Span(0, 2, "PER"), name="c"), by="id")
    assert marks(db, ids[2]) == [(0, 2, "PER")]


def test_an_empty_answer_empties_and_silence_changes_nothing(db, project, ids):
    silent = put(db, project, given(TEXT, status=Status.UNTOUCHED))
    assert (silent.action, silent.silent) == (None, 1)
    assert marks(db, ids[0]) == [(0, 3, "PER")]
    put(db, project, given(TEXT))
    assert marks(db, ids[0]) == []
    assert annotations.open_annotation(db, ids[1], "ada").status is Status.DONE


def test_what_is_there_already_is_no_step(db, project, ids):
    put(db, project, given(TEXT, Span(8, 11, "PER")))
    assert put(db, project, given(TEXT, Span(8, 11, "PER")), do=onto.look).changed == 0
    assert put(db, project, given(TEXT, Span(8, 11, "PER"))).action is None
    assert len(actions.list_actions(db, project.id)) == 1


def test_a_look_says_what_would_change_and_changes_nothing(db, project, ids):
    found = given(TEXT, Span(8, 11, "NEW")), given("Cy left.", status=Status.UNTOUCHED)
    outcome = put(db, project, *found, do=onto.look)
    assert (outcome.matched, outcome.changed, outcome.silent) == (1, 2, 1)
    assert outcome.action is None
    assert marks(db, ids[0]) == [(0, 3, "PER")]
    assert len(projects.get_project(db, project.id).labels) == 2


def test_the_same_text_twice_in_a_file_is_told(db, project, ids):
    outcome = put(db, project, given(TEXT, Span(0, 3, "PER")), given(TEXT, name="again"))
    assert outcome.unmatched == [
        ((0, 2), "again", "its document had labels from this file already")
    ]


def test_a_stop_half_way_leaves_everything_as_it_was(db, project, ids):
    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(db, project, given(TEXT, Span(8, 11, "NEW")), progress=stop)
    assert marks(db, ids[0]) == [(0, 3, "PER")]
    assert len(projects.get_project(db, project.id).labels) == 2


def test_another_way_is_refused(db, project):
    with pytest.raises(InputError, match="found by id or by text"):
        put(db, project, by="luck")


def test_what_is_put_there_is_nobodys_judgement_until_it_is_edited(db, project):
    (id,) = stored(db, project, sentence(TEXT, status=Status.UNTOUCHED))
    put(db, project, given(TEXT, Span(8, 11, "PER")))
    assert people.importers(db, project.id) == {"ada"}
    found = versions.read(db, project.id, beside=[id], imported=True)
    assert found.people == (imported.NAME,) and found.finished.all()


CY = Span(8, 11, "PER")


@pytest.mark.parametrize(
    ("kind", "before", "told"),
    [
        (Gold.NEWEST, "", (1, 0, 0)),
        (Gold.PERSON, "", (1, 1, 0)),
        (Gold.MAJORITY, "", (1, 1, 0)),
        (Gold.MAJORITY, "own", (1, 1, 0)),
        # What ada only brings is nobody's; a document that she has edited is hers.
        (Gold.ADJUDICATED, "", (1, 1, 0)),
        (Gold.ADJUDICATED, "own", (1, 0, 1)),
        (Gold.ADJUDICATED, "decided", (1, 1, 0)),
    ],
)
def test_it_says_where_something_else_counts_than_what_is_put_there(
    db, project, kind, before, told
):
    (id,) = stored(db, project, sentence(TEXT, ADA, annotator="ben"))
    deciding.set_policy(db, project.id, Policy(kind, "ben" if kind is Gold.PERSON else ""))
    if before == "own":
        edit = {"seq": 1, "base_revision": 0, "kind": "status", "status": "done"}
        annotations.apply_operations(db, project.id, id, "ada", "own", [edit])
    if before == "decided":
        seen = adjudication.open_document(db, project.id, id).decision.revision
        edit = {"seq": 1, "base_revision": seen, "kind": "status", "status": "done"}
        adjudication.decide(db, project.id, id, "rev", "tab", [edit])

    def both(*marks: Span) -> tuple[int, int, int]:
        """Look, and do it; return how many changed, were kept, and wait."""
        looked = put(db, project, given(TEXT, *marks), do=onto.look)
        done = put(db, project, given(TEXT, *marks))
        found = done.changed, done.kept, done.waiting
        assert found == (looked.changed, looked.kept, looked.waiting)
        counts = documents.get_document(db, id)
        now = counts.status is Status.DONE and {(s.start, s.end) for s in counts.spans}
        assert (now == {(s.start, s.end) for s in marks}) == (found[1:] == (0, 0)), "as it said"
        return found

    assert both(CY) == told
    # What says the same as what counts, counts.
    assert both(ADA) == (1, 0, 0)
