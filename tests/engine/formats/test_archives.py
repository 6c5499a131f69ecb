"""Archives: what comes out is counted, whatever the archive says of itself, and leads nowhere."""

import io
import struct
import zipfile

import pytest
from openpyxl import Workbook

from engine.corpus.importing import plan
from engine.formats import archives


def packed(**files: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return data.getvalue()


def test_the_files_of_an_archive_come_in_one_by_one():
    found = plan([("x.zip", packed(b__two=b"c\n", **{"a.txt": b"a\nb\n"}))])
    assert [(file.name, file.documents) for file in found.files] == [("a.txt", 2), ("b/two", 1)]


def test_a_bomb_is_refused_while_it_is_read():
    bomb = packed(**{"a.txt": b"0 \n" * (40 * 1024**2 // 3)})
    assert len(bomb) < 200_000
    (problem,) = plan([("x.zip", bomb)]).errors
    assert problem.message.startswith("What comes out of the archive is far larger")


def test_a_forged_size_does_not_let_more_out():
    content = b"some text\n" * 1_000
    good = packed(**{"a.txt": content})
    at = good.index(b"PK\x01\x02") + 24
    forged = good[:at] + struct.pack("<I", 10) + good[at + 4 :]
    found = plan([("x.zip", forged)])
    assert "damaged" in found.errors[0].message
    assert found.documents <= 1


def test_a_file_without_a_name_is_damage():
    good = packed(a=b"some text\n")
    at = good.index(b"PK\x01\x02") + 46
    # A name ends at a NUL.
    (problem,) = plan([("x.zip", good[:at] + b"\0" + good[at + 1 :])]).errors
    assert "damaged" in problem.message


def test_what_the_archive_says_is_too_much_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(archives, "MOST_INFLATED", 100)
    (problem,) = plan([("x.zip", packed(**{"a.txt": b"a" * 101}))]).errors
    assert problem.message.startswith("There are more than 0 GB in it")


def test_too_many_files_are_refused(monkeypatch):
    monkeypatch.setattr(archives, "MOST_FILES", 3)
    (problem,) = plan([("x.zip", packed(**{f"{n}.txt": b"a" for n in range(4)}))]).errors
    assert problem.message == "There are more than 3 files in it; import a part."


def test_an_archive_inside_of_an_archive_is_not_opened():
    inner = packed(**{"a.txt": b"a\n"})
    found = plan([("x.zip", packed(**{"inner.zip": inner, "b.txt": b"b\n"}))])
    assert found.documents == 1
    assert [each.message for each in found.errors] == [
        "inner.zip is a ZIP archive in another one or in a folder: unpack it, and give the files "
        "in it, or it by itself."
    ]


@pytest.mark.parametrize("format", ["auto", "text"])
@pytest.mark.parametrize("task", ["spans", "classes"])
def test_nor_where_the_files_around_it_mean_one_thing_together(format, task, tmp_path):
    inner = packed(**{"a.txt": b"a\n"})
    files = {"a/1.txt": b"a", "a/1.ann": b"", "b/2.txt": b"b", "b/inner.zip": inner}
    files = files if task == "spans" else {**files, "a/1.ann": b"no annotations"}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for given in (("x.zip", packed(**files)), tmp_path):
        found = plan([given], task=task, format=format)
        assert "inner.zip is a ZIP archive" in " ".join(each.message for each in found.errors)


def test_a_workbook_inside_of_an_archive_is_read():
    book = Workbook()
    for row in (["text", "spans"], ["Rome", ""]):
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    found = plan([("x.zip", packed(**{"a.xlsx": made.getvalue(), "b.txt": b"b\n"}))])
    assert (found.documents, found.errors) == (2, ())


@pytest.mark.parametrize("name", ["../../etc/x.txt", "/etc/x.txt", "..\\..\\x.txt", "C:\\x.txt"])
def test_no_name_leads_out_and_nothing_is_unpacked(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = plan([("x.zip", packed(**{name: b"a\n"}))])
    assert found.documents == 1
    assert ".." not in found.files[0].name.split("/")
    assert not found.files[0].name.startswith("/")
    assert list(tmp_path.iterdir()) == []


def test_what_systems_leave_in_archives_is_left_out():
    files = {"__MACOSX/a.txt": b"x", ".hidden": b"x", "Thumbs.db": b"x", "a.txt": b"a\n"}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    assert [file.name for file in plan([("x.zip", data.getvalue())]).files] == ["a.txt"]
