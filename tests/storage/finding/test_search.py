"""Search: what matches, how many of each kind there are, and a page of them."""

import contextlib
import shutil
import sqlite3
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.corpus import dev_split, projects
from storage.database.connection import Database
from storage.engines import revisions
from storage.finding import facets, search
from storage.finding.search import NO_SPLIT, DetailedStatus, Search
from storage.finding.sets import memberships
from storage.folding import fold
from storage.journal import annotations
from storage.runs import runs, suggestions
from storage.types import DocumentScore, Source, Span, Split, Status
from tests.storage.conftest import sentence, stored

_clients = count(1)


@pytest.fixture
def found(db, project):
    """A function that returns the texts of what a search finds, counted in every way."""

    def texts(**wanted) -> list[str]:
        asked = Search(**wanted)
        rows = search.rows(db, project.id, asked)
        assert [row.id for row in rows] == list(search.ids(db, project.id, asked))
        assert search.count(db, project.id, asked) == len(rows)
        assert search.counts(db, project.id, asked).total == len(rows)
        return [row.text for row in rows]

    return texts


@pytest.fixture
def edit(db, project):
    """A function that sends one operation on a document by a client of its own."""

    def send(document: int, kind: str, annotator: str = "ada", **fields) -> None:
        base = annotations.open_annotation(db, document, annotator).revision
        operation = {"seq": 1, "base_revision": base, "kind": kind, **fields}
        client = f"client {next(_clients)}"
        outcome = annotations.apply_operations(
            db, project.id, document, annotator, client, [operation]
        )
        assert [result["status"] for result in outcome.results] == ["saved"], outcome.results

    return send


def test_text_is_found_in_text_and_name_in_any_case_of_any_script(db, project, found):
    stored(
        db,
        project,
        sentence("Élan 100% new"),
        sentence("Plain", name="ÉTUDE.txt"),
        sentence("Der Straße entlang"),
        sentence("ПРИВЕТ мир"),
        sentence("Cafe\u0301"),
        sentence("東京タワー"),
    )
    assert found(text="éLAN") == ["Élan 100% new"]
    assert found(text="étude") == ["Plain"]
    assert found(text="STRASSE") == ["Der Straße entlang"]
    assert found(text="привет МИР") == ["ПРИВЕТ мир"]
    assert found(text="CAFÉ") == ["Cafe\u0301"], "however the accent is written"
    assert found(text="タワ") == ["東京タワー"]
    assert found(text=" plain ") == ["Plain"]


def test_signs_mean_themselves(db, project, found):
    stored(db, project, sentence("100% new"), sentence("100 percent a_b"), sentence(r"C:\new"))
    assert found(text="100%") == ["100% new"]
    assert found(text="_") == ["100 percent a_b"]
    assert found(text=":\\N") == [r"C:\new"]
    assert found(text="'") == []


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20))
def test_folding_twice_is_folding_once_and_every_case_folds_alike(given_text):
    assert fold(fold(given_text)) == fold(given_text)
    assert fold(given_text.swapcase().swapcase()) == fold(given_text.swapcase().swapcase().lower())


def test_every_filter_keeps_what_it_says(db, project, found, edit):
    per = Span(0, 3, "PER")
    a, b, c, d = stored(
        db,
        project,
        sentence("Ada one", per, split=Split.TRAIN),
        sentence("Ada two", Span(0, 3, "ORG", source=Source.MODEL, score=0.5), split=Split.DEV),
        sentence("Ada three", split=None),
        sentence("Ada four", split=Split.TEST, status=Status.DONE),
    )
    edit(c, "comment", "bob", comment="Who is this?")
    edit(a, "flag", flagged=True)
    assert found(label="PER") == ["Ada one"]
    assert found(source="model") == ["Ada two"]
    assert found(split="dev") == ["Ada two"]
    assert found(split=NO_SPLIT) == ["Ada three"]
    assert found(annotator="bob") == ["Ada three"]
    assert found(status="done") == ["Ada one", "Ada two"]
    assert found(flagged=True) == ["Ada one"]
    assert found(commented=True) == ["Ada three"]
    assert found(label="PER", split="dev") == []
    assert found(label="Nobody") == []
    assert found(text="ada", split="test", status="done and empty") == ["Ada four"]


def test_done_and_empty_is_a_state_of_its_own(db, project, found, edit):
    id, other = stored(
        db, project, sentence("Ada", Span(0, 3, "PER")), sentence("No one", status=Status.DONE)
    )
    assert found(status=DetailedStatus.DONE) == ["Ada"]
    assert found(status=DetailedStatus.EMPTY) == ["No one"]
    edit(id, "remove", id="i1")
    assert found(status=DetailedStatus.DONE) == []
    assert found(status=DetailedStatus.EMPTY) == ["Ada", "No one"]
    edit(other, "status", status="untouched")
    assert found(status=DetailedStatus.EMPTY) == ["Ada"]
    assert found(status=DetailedStatus.UNTOUCHED) == ["No one"]
    assert search.rows(db, project.id)[0].detailed_status == DetailedStatus.EMPTY


def test_counts_say_what_each_other_value_would_give(db, project):
    stored(
        db,
        project,
        sentence("Berlin", Span(0, 6, "PER"), split=Split.TRAIN),
        sentence("Berlin", Span(0, 6, "ORG"), split=Split.TRAIN),
        sentence("Berlin", Span(0, 6, "ORG"), split=Split.DEV),
        sentence("Paris", split=Split.DEV),
    )
    all_of_them = search.counts(db, project.id)
    assert all_of_them.total == 4
    assert all_of_them.status == {"untouched": 1, "done": 3}
    assert all_of_them.label == {"PER": 1, "ORG": 2}
    assert all_of_them.annotator == {"ada": 3}
    assert all_of_them.marks == {"flagged": 0, "commented": 0, "disagrees": 0}
    asked = Search(text="berlin", label="ORG", split="train")
    some = search.counts(db, project.id, asked)
    assert some.total == 1
    assert some.split == {"train": 1, "dev": 1}, "as if no split were chosen"
    assert some.label == {"PER": 1, "ORG": 1}, "as if no label were chosen"
    assert some.status == {"untouched": 0, "done": 1}


def test_counts_follow_every_change_at_once(db, project, edit):
    (id,) = stored(db, project, sentence("Ada met Bob."))
    assert search.counts(db, project.id).label == {"PER": 0, "ORG": 0}
    span = {"id": "s1", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    edit(id, "add", span=span)
    assert search.counts(db, project.id).label == {"PER": 1, "ORG": 0}
    edit(id, "relabel", id="s1", label="ORG", **{"from": "PER"})
    assert search.counts(db, project.id).label == {"PER": 0, "ORG": 1}
    projects.add_labels(db, project.id, ["LOC"])
    assert search.counts(db, project.id).label == {"PER": 0, "ORG": 1, "LOC": 0}
    stored(db, project, sentence("Eve", Span(0, 3, "PER")))
    assert search.counts(db, project.id).label == {"PER": 1, "ORG": 1, "LOC": 0}


def test_what_is_kept_is_what_would_be_read_anew(db, project, edit):
    ids = stored(db, project, *(sentence(f"Ada {n}", split=Split.TRAIN) for n in range(12)))
    span = {"id": "s1", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
    for turn, id in enumerate(ids):
        edit(id, "add", span=span)
        if turn % 2:
            edit(id, "status", status="done")
        if turn % 3 == 0:
            edit(id, "flag", flagged=True)
        kept = facets.index(db, project.id)
        with db.read() as session:
            every, sets, holders = memberships.read(session, project.id)
        assert kept.every == every
        assert {k: v for k, v in kept.sets.items() if v} == sets
        assert {k: sorted(v) for k, v in kept.holders.items() if v.size} == {
            k: sorted(v) for k, v in holders.items()
        }
    moved = dev_split.assign(db, project.id)
    assert search.counts(db, project.id).split == {"train": 12 - moved, "dev": moved}


def test_where_the_model_disagrees(db, project, found, edit):
    ada, bob = Span(0, 3, "PER"), Span(8, 11, "PER")
    agree, more, less, open_one, unseen = stored(
        db,
        project,
        sentence("Ada met Bob.", ada),
        sentence("Ada met Bob!", ada),
        sentence("Ada met Bob?", ada, bob),
        sentence("Ada met Bob"),
        sentence("Ada met Bob;", ada),
    )
    run = looked(
        db,
        project,
        {agree: [ada], more: [ada, Span(8, 11, "PER", score=0.9)], less: [ada], open_one: [ada]},
    )
    assert found(disagrees=True) == ["Ada met Bob!", "Ada met Bob?"], "only on finished documents"
    assert search.counts(db, project.id).marks["disagrees"] == 2
    edit(more, "reject", start=8, end=11, label="PER", quote="Bob")
    assert found(disagrees=True) == ["Ada met Bob?"], "a rejection settles it"
    suggestions.store(db, run, [], [DocumentScore(agree, 0.1, 0.1, 0.1, 0.1)])
    again = ["Ada met Bob.", "Ada met Bob?"]
    assert found(disagrees=True) == again, "another look, another answer"


def looked(db, project, found: dict[int, list[Span]]) -> int:
    """Store suggestions for documents, with some scores, and return the run."""
    run = runs.create_run(db, project.id, {}).id
    spans = [(id, span) for id, each in found.items() for span in scored(each)]
    scores = [DocumentScore(id, 0.1 * n, 0.1, 0.1, 0.1) for n, id in enumerate(found)]
    suggestions.store(db, run, spans, scores)
    return run


def scored(spans: list[Span]) -> list[Span]:
    return [Span(s.start, s.end, s.label, score=s.score or 0.5) for s in spans]


def test_a_row_says_what_a_list_shows(db, project, edit):
    ada, bob = Span(0, 3, "PER"), Span(8, 11, "PER")
    (id,) = stored(db, project, sentence("Ada met Bob.", ada, bob))
    edit(id, "comment", comment="Sure?")
    (row,) = search.rows(db, project.id)
    assert (row.position, row.name, row.split, row.text) == (
        1,
        "news.txt:1",
        Split.TRAIN,
        "Ada met Bob.",
    )
    assert (row.detailed_status, row.status, row.spans, row.flagged, row.comment) == (
        DetailedStatus.DONE,
        Status.DONE,
        2,
        False,
        "Sure?",
    )


def test_pages_follow_each_other_without_gap_or_repeat(db, project):
    ids = stored(db, project, *(sentence(f"Text {n}") for n in range(23)))
    pages = [search.rows(db, project.id, Search(text="text"), at, 5) for at in range(0, 25, 5)]
    assert [row.id for page in pages for row in page] == ids
    assert search.rows(db, project.id, Search(), 25, 5) == []


def test_other_projects_are_never_found(db, project):
    other = projects.create_project(db, "Other")
    stored(db, other, sentence("Theirs"))
    ids = stored(db, project, sentence("Mine"), sentence("Theirs"))
    assert list(search.ids(db, project.id)) == ids
    assert list(search.ids(db, project.id, Search(text="theirs"))) == ids[1:]
    assert search.counts(db, other.id).total == 1


def test_a_search_survives_the_address_and_speaks():
    wanted = Search("50% & Bé=r #1+1", "done and empty", "A/B", "dev", "ada", "person", True)
    assert Search.parse(wanted.address) == wanted
    assert Search.parse("") == Search()
    assert Search.parse("status=gone&split=all&flagged=yes&nonsense=1&label=PER") == Search(
        label="PER"
    )
    assert len(Search.parse("text=" + 9999 * "a").text) == search.LONGEST_TEXT
    assert Search(text="Berlin", label="PER", split="train").words == "train, label PER, “Berlin”"
    assert Search(flagged=True, disagrees=True).words == "flagged, model disagrees"
    assert Search().words == "all documents"


@given(st.builds(Search, text=st.text(max_size=30), label=st.text(max_size=30)))
def test_any_text_and_label_survive_the_address(wanted):
    assert Search.parse(wanted.address) == wanted


def test_texts_from_before_are_found_too(tmp_path, monkeypatch):
    older = tmp_path / "migrations"
    shutil.copytree(revisions.MIGRATIONS, older)
    for file in (older / "versions").glob("[0-9]*.py"):
        if file.name >= "0004":
            file.unlink()
    path = tmp_path / "whetstone.db"
    with monkeypatch.context() as patched:
        patched.setattr(revisions, "MIGRATIONS", older)
        Database.open(f"sqlite:///{path}").close()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO projects (id, name, task, allow_overlaps, created_at) "
            "VALUES (1, 'Old', 'spans', 0, '')"
        )
        connection.executemany(
            "INSERT INTO documents (id, project_id, position, name, group_name, text_hash, "
            "imported_at, layout, text) VALUES (?, 1, ?, 'OLD.txt', '', '', '', '{}', ?)",
            [(n, n, f"Élan {n}") for n in range(1, 1203)],
        )
    db = Database.open(f"sqlite:///{path}")
    assert search.count(db, 1, Search(text="éLAN")) == 1202
    assert list(search.ids(db, 1, Search(text="élan 1202"))) == [1202]
    assert search.count(db, 1, Search(text="old.TXT")) == 1202
    db.close()


def test_while_a_model_looks_through_a_large_project_what_it_said_is_read_now_and_then(
    db, project, edit, monkeypatch
):
    ids = stored(db, project, sentence("Ada met", Span(0, 3, "PER")), sentence("Eve met"))
    run = runs.create_run(db, project.id, {}).id

    def look(*found: int) -> None:
        suggestions.store(db, run, (), [DocumentScore(id, *[0.5] * 4) for id in found])

    look(ids[0])
    monkeypatch.setattr(facets, "SLOW", 0.0)
    monkeypatch.setattr(facets, "PATIENCE", 1e6)
    assert facets.disagreeing(db, project.id).ids.tolist() == ids[:1]
    look(*ids)
    edit(ids[1], "add", span={"id": "s", "start": 0, "end": 3, "label": "PER", "quote": "Eve"})
    edit(ids[1], "status", status="done")
    edit(ids[0], "remove", id="i1")
    # What people do is told at once; what else the model said, after a while.
    assert facets.disagreeing(db, project.id).ids.tolist() == ids[1:]
    monkeypatch.setattr(facets, "monotonic", lambda: 1e12)
    look(ids[1])
    assert facets.disagreeing(db, project.id).ids.tolist() == ids[1:]
