"""A project moved to another home, or beside itself: every row, folder and step of undo."""

import json
import zipfile
from contextlib import closing
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from storage import home as homes
from storage.actions import actions, relabelling, undo
from storage.archives import contents, restoring, tables, writing
from storage.coaching import makers, word_lists
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.engines import revisions
from storage.engines.schema import Base
from storage.journal import annotations
from storage.knowledge import examples, guidelines
from storage.permissions import Person, Role, acting_as
from storage.runs import runs
from storage.types import RunState, Span
from tests.storage.archives.making import fill, live, remake
from tests.storage.server import needs_postgres


def rows(db: Database, project_id: int) -> dict[str, list[dict]]:
    """Return all rows of a project; what is another's in every home is left out."""
    passing = {"runs": {"folder", "state", "message"}, "actions": {"request"}}
    with db.read() as session:
        return {
            table.name: [
                {k: v for k, v in row.items() if k not in passing.get(table.name, ())}
                for row in session.execute(
                    select(table)
                    .where(tables.rows_of(table, project_id))
                    .order_by(*tables.order(table))
                ).mappings()
            ]
            for table in tables.of_project()
        }


def marks(db: Database, project_id: int) -> list:
    """Return what ada and bob see in each document."""
    return [
        [annotations.open_annotation(db, id, who).spans for who in ("ada", "bob")]
        for id in documents.list_ids(db, project_id)
    ]


def test_every_table_is_a_projects_or_known_to_be_a_homes():
    own = {table.name for table in tables.of_project()}
    staying = {"api_keys", "served_texts"}
    homes_own = Base.metadata.tables.keys() - own - staying
    assert {"projects", "documents", "journal", "monitor_sendings", "match_slices"} <= own
    assert all("project_id" not in Base.metadata.tables[name].c for name in homes_own)
    assert "settings" in homes_own


def test_in_another_home_every_row_is_the_same_and_undo_walks_on(db, project, archive, other):
    before = rows(db, project.id)
    restored = restoring.restore(other, archive)
    assert (restored.name, restored.id) == ("News", project.id)
    assert rows(other, restored.id) == before
    assert settings.get(other, projects.dev_split_key(restored.id))["seed"] == 1
    taken = actions.list_actions(other, restored.id)[0]
    undo.undo(other, restored.id, "ada", f"action:{taken.id}")
    names = [label.name for label in projects.get_project(other, restored.id).labels]
    assert names == ["PER", "ORG"]


@pytest.mark.sqlite
@needs_postgres
def test_from_a_file_to_a_server_and_back_every_row_of_every_table_is_the_same(
    db, project, copied, tmp_path, monkeypatch
):
    live(db, project)
    fill(db, project.id)
    writing.write(db, project.id, tmp_path / "0.zip")
    found = []
    # The first home gives the rows made up here the names and numbers that they must have.
    files = [f"sqlite:///{tmp_path}/{name}.db" for name in "ab"]
    for number, url in enumerate((files[0], copied, files[1])):
        monkeypatch.setenv("WHETSTONE_HOME", str(tmp_path / f"home{number}"))
        with closing(Database.open(url)) as there:
            restored = restoring.restore(there, tmp_path / f"{number}.zip")
            writing.write(there, restored.id, tmp_path / f"{number + 1}.zip")
            found.append(rows(there, restored.id))
    assert [name for name, each in found[0].items() if not each] == []
    assert found[1] == found[0]
    assert found[2] == found[0]


@pytest.mark.sqlite_first
def test_runs_have_their_folders_and_know_where_they_are(db, project, archive, other):
    restored = restoring.restore(other, archive)
    first, second = sorted(runs.list_runs(other, restored.id), key=lambda run: run.id)
    for run in (first, second):
        folder = homes.run_folder(run.folder)
        assert (folder / "model" / "model.safetensors").read_bytes() == bytes(100)
        assert not (folder / "worker.lock").exists()
        assert json.loads((folder / "spec.json").read_bytes())["run"] == run.id
    spec = json.loads((homes.run_folder(second.folder) / "spec.json").read_bytes())
    assert spec["model"] == str(homes.run_folder(first.folder))
    assert second.state is RunState.CANCELLED, "it was queued, and nobody here started it"


def test_beside_itself_it_gets_new_numbers_everywhere(db, project, archive):
    ids = documents.list_ids(db, project.id)
    before = marks(db, project.id)
    restored = restoring.restore(db, archive)
    assert restored.name == "News (2)"
    assert marks(db, restored.id) == before
    fresh = documents.list_ids(db, restored.id)
    assert not set(fresh) & set(ids)
    assert settings.get(db, projects.dev_split_key(restored.id))["documents"] == [fresh[0]]
    for run in runs.list_runs(db, restored.id):
        folder = homes.run_folder(run.folder)
        assert pq.read_table(folder / "data.parquet")["id"].to_pylist() == fresh
        assert pq.read_table(folder / "matches.parquet")["document"].to_pylist() == fresh
    # All steps back, those of edits and of actions: as at the import, and the first is untouched.
    for _ in range(3):
        step = newest(db, restored.id)
        undo.undo(db, restored.id, "ada", step)
    after = [annotations.open_annotation(db, id, "ada").spans for id in fresh]
    assert after == [(Span(0, 3, "PER"),)] * 3
    assert marks(db, project.id) == before


def test_its_word_lists_come_along_and_follow_its_labels(db, project, tmp_path):
    per, org = (label.id for label in project.labels)
    kept = word_lists.keep(db, project.id, "Names", [("Ada", "PER"), ("Ulm", "ORG")])
    relabelling.merge_labels(db, per, org, "ada")
    writing.write(db, project.id, tmp_path / "x.zip")
    restored = restoring.restore(db, tmp_path / "x.zip").id
    (found,) = word_lists.of_project(db, restored)
    assert (found.name, found.by_label, found.run != kept.run) == ("Names", {"ORG": 2}, True)
    assert makers.names(db, [found.run]) == {found.run: "word list Names"}
    action = actions.list_actions(db, restored)[0]
    back = actions.reverse(db, action.id, "ada")
    assert word_lists.entries(db, found.id) == [("Ada", "PER"), ("Ulm", "ORG")]
    actions.reverse(db, back.id, "ada")
    assert word_lists.entries(db, found.id) == [("Ada", "ORG"), ("Ulm", "ORG")]
    word_lists.remove(db, found.id)
    assert word_lists.of_project(db, project.id)[0].by_label == {"ORG": 2}


def newest(db: Database, project_id: int) -> str:
    steps = Base.metadata.tables["steps"]
    query = select(steps.c.op).where(
        steps.c.project_id == project_id, steps.c.annotator == "ada", steps.c.state == "done"
    )
    with db.read() as session:
        return session.scalars(query.order_by(steps.c.n.desc())).first()


def test_an_archive_of_an_older_version_is_brought_up_to_date(made, other, tmp_path):
    def older(name: str, data: bytes) -> bytes | None:
        if name in new:
            return None
        rows = [json.loads(line) for line in data.splitlines()] if name in since else []
        for row in rows:
            gone, had = since[name]
            for column in gone.split():
                del row[column]
            row |= had
        return b"".join(json.dumps(row).encode() + b"\n" for row in rows) or data

    since = {
        "tables/documents.jsonl": ("", {"folded": ""}),
        "tables/runs.jsonl": ("expected machine_id", {}),
        "tables/document_scores.jsonl": ("revision", {}),
        "tables/labels.jsonl": ("merged_into", {}),
        "tables/annotations.jsonl": ("guideline", {}),
        "tables/journal.jsonl": ("actor", {}),
        "tables/projects.jsonl": (
            "gold gold_annotator people start guideline_version card",
            {},
        ),
    }
    tables_of_later = (
        *("suggestion_outcomes", "word_lists", "word_list_entries"),
        *("queues", "queue_documents", "assignments", "threads", "comments", "mentions"),
        *("guideline_versions", "label_examples", "notebook_entries", "promotions"),
    )
    new = {f"tables/{table}.jsonl" for table in tables_of_later}

    remade = remake(made, tmp_path / "x.zip", older, revision="0010")
    restored = restoring.restore(other, remade)
    assert documents.count_documents(other, restored.id) == 3


@pytest.mark.sqlite_first
def test_it_says_which_revision_it_has_and_only_its_owner_may_read_it(made):
    with zipfile.ZipFile(made) as source:
        said = json.loads(source.read(contents.MANIFEST))
    assert said["revision"] == revisions.newest()
    assert made.stat().st_mode & 0o077 == 0


def test_its_guideline_comes_along_with_all_versions_and_examples(db, project, archive, tmp_path):
    label = projects.list_labels(db, project.id)[1]
    (document, *_) = documents.list_ids(db, project.id)
    shown = examples.add(db, project.id, label.id, "negative", "Ada met.", 0, 3, document, "A name")
    projects.update_label(db, replace(label, description="Firms"))
    projects.update_label(db, replace(label, description="Firms and banks"))
    writing.write(db, project.id, tmp_path / "x.zip")
    restored = restoring.restore(db, tmp_path / "x.zip").id
    assert guidelines.history(db, restored) != guidelines.history(db, project.id)
    said = [
        [
            (v.number, v.note, [(each.name, each.content, each.since) for each in v.labels])
            for v in h
        ]
        for h in (guidelines.history(db, id) for id in (project.id, restored))
    ]
    assert said[0] == said[1] and len(said[0]) == 2
    own = projects.list_labels(db, restored)[1].id
    ((copy,),) = examples.of_project(db, restored).values()
    assert (copy.label, copy.document) == (own, documents.list_ids(db, restored)[0])
    assert copy.id != shown.id
    row = guidelines.version(db, restored, 1).label(own)
    assert row and row.id == own, "what it said before speaks of its own labels, too"
    with acting_as(Person("bob", Role.ADMIN)):
        examples.remove(db, copy.id)
    back = guidelines.take_back(db, restored, 2).label(own)
    assert back and [each.document for each in back.examples] == [copy.document]
