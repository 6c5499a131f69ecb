"""A project moved to another home, or beside itself: all or nothing; no archive is believed."""

import hashlib
import json
import struct
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from storage import home as homes
from storage.actions import actions, relabelling, undo
from storage.archives import contents, restoring, tables, writing
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.engines import revisions
from storage.engines.schema import Base
from storage.errors import InputError, NewerDatabaseError, StorageError
from storage.journal import annotations
from storage.runs import runs
from storage.types import Project, RunState, Span
from tests.storage.actions.test_actions import TEXT, addition, edit, repeat
from tests.storage.conftest import sentence, stored

ANSWER = '{"run": 1}'


def live(db: Database, project: Project) -> None:
    """Edits of two people, a step undone, a label renamed, two runs with folders."""
    ids = stored(db, project, *(sentence(TEXT, Span(0, 3, "PER")) for _ in range(3)))
    edit(db, project, ids[0], addition(13, "ORG"))
    edit(db, project, ids[1], addition(4, "ORG"), annotator="bob")
    repeat(db, project, ids[1:], request="tab:1")
    edit(db, project, ids[2], addition(4, "ORG"), seq=2)
    undo.undo(db, project.id, "ada", f"ada{ids[2]}:2")
    relabelling.rename_label(db, project.labels[0].id, "PERSON", "ada")
    settings.put(db, projects.dev_split_key(project.id), {"documents": [ids[0]], "seed": 1})
    first = runs.create_run(db, project.id, {"base": "bundled"})
    second = runs.create_run(db, project.id, {"base": "bundled"}, model_of=first.id)
    for run in (first, second):
        folder = homes.run_folder(run.folder)
        (folder / "model").mkdir(parents=True)
        (folder / "model" / "model.safetensors").write_bytes(bytes(100))
        (folder / "worker.lock").write_bytes(b"")
        spec = {"run": run.id, "project": {"id": project.id, "name": "News"}, "model": "?"}
        (folder / "spec.json").write_text(json.dumps(spec))
        pq.write_table(pa.table({"id": pa.array(ids)}), folder / "data.parquet")
        pq.write_table(pa.table({"document": pa.array(ids)}), folder / "matches.parquet")
    runs.set_state(db, first.id, RunState.CANCELLED)


@pytest.fixture
def archive(db, project, tmp_path) -> Path:
    live(db, project)
    path = tmp_path / "news.zip"
    writing.write(db, project.id, path)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory, migrated) -> Path:
    """An archive for those who only damage copies of it."""
    place = tmp_path_factory.mktemp("made")
    (place / "whetstone.db").write_bytes(Path(migrated).read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WHETSTONE_HOME", str(place))
        db = Database.open()
        project = projects.create_project(db, "News")
        projects.add_labels(db, project.id, ["PER", "ORG"])
        live(db, projects.get_project(db, project.id))
        writing.write(db, project.id, place / "news.zip")
        db.close()
    return place / "news.zip"


@pytest.fixture
def other(tmp_path, migrated, monkeypatch):
    """An empty database in another home."""
    place = tmp_path / "other"
    monkeypatch.setenv("WHETSTONE_HOME", str(place))
    place.mkdir()
    (place / "whetstone.db").write_bytes(Path(migrated).read_bytes())
    found = Database.open(f"sqlite:///{place / 'whetstone.db'}")
    yield found
    found.close()


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
    homes_own = Base.metadata.tables.keys() - own
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


def newest(db: Database, project_id: int) -> str:
    steps = Base.metadata.tables["steps"]
    query = select(steps.c.op).where(
        steps.c.project_id == project_id, steps.c.annotator == "ada", steps.c.state == "done"
    )
    with db.read() as session:
        return session.scalars(query.order_by(steps.c.n.desc())).first()


def test_an_archive_of_an_older_version_is_brought_up_to_date(made, other, tmp_path):
    def older(name: str, data: bytes) -> bytes:
        if name != "tables/documents.jsonl":
            return data
        found = [json.loads(line) | {"folded": ""} for line in data.splitlines()]
        return b"".join(json.dumps(row).encode() + b"\n" for row in found)

    remade = remake(made, tmp_path / "x.zip", older, revision="0010")
    restored = restoring.restore(other, remade)
    assert documents.count_documents(other, restored.id) == 3


def remake(made: Path, path: Path, change=lambda name, data: data, **manifest) -> Path:
    """Write an archive anew with other contents, its hashes right."""
    with zipfile.ZipFile(made) as source:
        found = {name: source.read(name) for name in source.namelist()}
    said = json.loads(found.pop("manifest.json")) | manifest
    found = {name: change(name, data) for name, data in found.items()}
    said["files"] = {
        name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in found.items()
    }
    return written(path, found, said)


def written(path: Path, files: dict[str, bytes], manifest: dict) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        for name, data in files.items():
            target.writestr(name, data)
        target.writestr("manifest.json", json.dumps(manifest))
    return path


def is_untouched(db: Database) -> bool:
    left = [path.name for path in homes.folder().iterdir() if path.name.startswith("unmade-")]
    folder = homes.folder() / "runs"
    found = list(folder.iterdir()) if folder.exists() else []
    return projects.list_projects(db) == [] and left == found == []


@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.long)])
def test_a_byte_that_is_another_anywhere_is_noticed(made, other, every):
    with zipfile.ZipFile(made) as source:
        # Behind the name, and what the entry of a long file has besides.
        heads = {each: len(each.filename) + 30 + 20 for each in source.infolist()}
        places = [each.header_offset + head + 2 for each, head in heads.items() if each.file_size]
    for place in places[::every]:
        data = bytearray(made.read_bytes())
        data[place] ^= 0x40
        damaged = made.with_name("damaged.zip")
        damaged.write_bytes(data)
        with pytest.raises(InputError, match=r"damaged|no archive"):
            restoring.restore(other, damaged)
        assert is_untouched(other)


def test_one_that_is_locked_by_a_password_is_refused(made, other):
    data = bytearray(made.read_bytes())
    with zipfile.ZipFile(made) as archive:
        for info in archive.infolist():
            data[info.header_offset + 6] |= 1
        entry = archive.start_dir
        for _ in archive.infolist():
            data[entry + 8] |= 1
            lengths = struct.unpack_from("<3H", data, entry + 28)
            entry += 46 + sum(lengths)
    locked = made.with_name("locked.zip")
    locked.write_bytes(data)
    with pytest.raises(InputError, match="password"):
        restoring.restore(other, locked)


def test_one_that_was_cut_off_is_refused(made, other):
    cut = made.with_name("cut.zip")
    cut.write_bytes(made.read_bytes()[:-200])
    with pytest.raises(InputError):
        restoring.restore(other, cut)
    assert is_untouched(other)


@pytest.mark.parametrize(
    "name",
    ["../evil", "/etc/evil", "runs/1/../../evil", "runs/1/..\\evil", "runs/x/a", "C:/evil"]
    + ["tables/../evil.jsonl", "runs/1/.", "evil", "catalogues/x.parquet"],
)
def test_no_name_leads_out_of_its_place(made, other, name):
    with zipfile.ZipFile(made) as source:
        found = {each: source.read(each) for each in source.namelist()}
    said = json.loads(found.pop("manifest.json"))
    said["files"][name] = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    evil = written(made.with_name("evil.zip"), found | {name: b"x"}, said)
    with pytest.raises(InputError, match="damaged"):
        restoring.restore(other, evil)
    assert is_untouched(other)


def test_what_would_not_fit_on_the_disk_is_refused_before_it_is_unpacked(made, other):
    with zipfile.ZipFile(made) as source:
        found = {each: source.read(each) for each in source.namelist()}
    said = json.loads(found.pop("manifest.json"))
    said["files"]["tables/spans.jsonl"]["bytes"] = 10**18
    with pytest.raises(StorageError, match="too full"):
        restoring.restore(other, written(made.with_name("x.zip"), found, said))


@pytest.mark.parametrize(
    "manifest", [{"version": 2}, {"revision": "9999"}, {"format": "x"}, {"files": []}]
)
def test_what_this_version_does_not_know_is_refused(made, other, manifest):
    with zipfile.ZipFile(made) as source:
        found = {each: source.read(each) for each in source.namelist()}
    said = json.loads(found.pop("manifest.json")) | manifest
    with pytest.raises((InputError, NewerDatabaseError)):
        restoring.restore(other, written(made.with_name("x.zip"), found, said))
    assert is_untouched(other)


@pytest.mark.long
@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("labels", b'{"id": 1, "evil": 2}\n'),
        ("labels", b"[1]\n"),
        ("labels", b'{"id": {}}\n'),
        ("spans", b"no json\n"),
        ("projects", b""),
        ("token_boundaries", b'{"document_id": 99, "boundaries": "[]"}\n'),
        ("unknown", b'{"id": 1}\n'),
    ],
)
def test_rows_that_do_not_fit_are_refused(made, other, table, row):
    name = f"tables/{table}.jsonl"
    with zipfile.ZipFile(made) as source:
        found = {each: source.read(each) for each in source.namelist()}
    said = json.loads(found.pop("manifest.json"))
    said["files"][name] = {"bytes": len(row), "sha256": hashlib.sha256(row).hexdigest()}
    with pytest.raises(InputError, match="damaged"):
        restoring.restore(other, written(made.with_name("x.zip"), found | {name: row}, said))
    assert is_untouched(other)


class _Stop(Exception):
    pass


@pytest.mark.long
def test_whoever_stops_it_leaves_nothing(made, other):
    steps: list[str] = []
    restoring.restore(other, made, progress=steps.append)
    with other.write() as session:
        session.execute(Base.metadata.tables["documents"].delete())
        session.execute(Base.metadata.tables["projects"].delete())
    for folder in homes.run_folders():
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()
    for place in range(0, len(steps), 17):
        seen = 0

        def stop(_: str, until: int = place) -> None:
            nonlocal seen
            if seen == until:
                raise _Stop
            seen += 1

        with pytest.raises(_Stop):
            restoring.restore(other, made, progress=stop)
        assert is_untouched(other)


@pytest.mark.sqlite_first
def test_an_archive_that_is_not_finished_leaves_no_file(db, project, tmp_path):
    live(db, project)

    def stop(name: str) -> None:
        if name.startswith("runs/"):
            raise _Stop

    with pytest.raises(_Stop):
        writing.write(db, project.id, tmp_path / "half.zip", stop)
    assert not list(tmp_path.glob("half.zip*"))


@pytest.mark.sqlite_first
def test_it_says_which_revision_it_has_and_only_its_owner_may_read_it(made):
    with zipfile.ZipFile(made) as source:
        said = json.loads(source.read(contents.MANIFEST))
    assert said["revision"] == revisions.newest()
    assert made.stat().st_mode & 0o077 == 0
