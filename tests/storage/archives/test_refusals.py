"""All or nothing: no archive is believed, and who stops leaves nothing."""

import hashlib
import json
import struct
import zipfile

import pytest

from storage import home as homes
from storage.archives import restoring, writing
from storage.engines.schema import Base
from storage.errors import InputError, NewerDatabaseError, StorageError
from tests.storage.archives.making import having, is_untouched, live, remake, written


@pytest.mark.parametrize("every", [20, pytest.param(1, marks=pytest.mark.long)])
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


THREAD = {"id": 1, "project_id": 1, "kind": "document", "document_id": 1, "quote": ""}
THREAD |= {"created_by": "zoe", "created_at": "2026"}
ROUND = {"id": 1, "project_id": 1, "state": "done", "about": "{}", "done": "[]"}
ROUND |= {"opened_by": "zoe", "opened_at": "2026"}
VERSION = {"id": 1, "project_id": 1, "number": 1, "text": "", "labels": "[]", "created_at": "2026"}
QUEUE = {"id": 1, "project_id": 1, "name": "Q", "created_by": "zoe", "created_at": "2026"}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("threads", THREAD | {"kind": "evil"}),
        ("threads", THREAD | {"cell": "[1]"}),
        ("threads", THREAD | {"document_id": 99}),
        ("notebook_entries", ROUND | {"state": "evil"}),
        ("notebook_entries", ROUND | {"done": '["evil"]'}),
        ("notebook_entries", ROUND | {"about": "{"}),
        ("guideline_versions", VERSION | {"labels": '[{"evil": 1}]'}),
        ("guideline_versions", VERSION | {"labels": '[{"id": "x", "name": "y"}]'}),
        ("queues", QUEUE | {"start": "evil"}),
    ],
)
def test_words_and_forms_that_no_page_could_show_are_refused(made, other, tmp_path, table, row):
    evil = remake(made, tmp_path / "x.zip", having(**{table: row}))
    with pytest.raises(InputError, match="damaged"):
        restoring.restore(other, evil)
    assert is_untouched(other)
