"""Files that are wrong (faults 13 to 23, 25): each has its outcome; no byte is guessed away."""

from __future__ import annotations

import io
import json
import os
import resource
import sys
import zipfile
from pathlib import Path

import pytest

from engine.commands import main
from engine.corpus.import_plan import ImportPlan
from engine.corpus.importing import plan
from storage.corpus import documents, projects
from storage.database.connection import Database
from storage.journal import annotations as journal
from tests.storage.database.test_processes import check_file
from tests.storage.faults.conftest import make_desk, settle

# What the system counts memory in.
KILO = 1024 if sys.platform == "darwin" else 1
DEEP = b"[" * 100_000 + b"]" * 100_000
GOOD = b'{"text": "Ada", "label": []}\n'
# What a file holds, and which of its lines is refused with which words.
REFUSED = {
    "cesu.txt": (b"a\nAda \xed\xa0\xbd\xed\xb8\x80\n", 2, "byte 0xED (byte 7 of the file)"),
    "nul.txt": (b"a\nb\0c\n", 2, "NUL"),
    "nul.csv": (b"text,label\nA\0b,x\n", 2, "NUL"),
    "nul.jsonl": (GOOD + b'{"text": "A\\u0000b", "label": []}\n', 2, "NUL"),
    "nan.jsonl": (GOOD + b'{"text": "A", "label": [], "x": NaN}\n', 2, "NaN is not a JSON value"),
    "twice.jsonl": (GOOD + b'{"text": "A", "text": "B", "label": []}\n', 2, "is there twice"),
    "deep.jsonl": (GOOD + b'{"text": "A", "x": ' + DEEP + b"}\n", 2, "nested too deeply"),
    "half.jsonl": (GOOD + b'{"text": "A\\ud800b", "label": []}\n', 2, "half of a surrogate pair"),
    "ragged.csv": (b"text,label\na,b\nc\nd,e,f\n", 3, "has 1 cells where the table has 2"),
}
# What a line of 1 GB, and a cell and a value of a quarter of it, begin with.
ENDLESS = {
    "endless.txt": (b"a\nb", 2**30),
    "endless.csv": (b'text,label\na,b\n"b', 2**28),
    "endless.jsonl": (GOOD + b'{"text": "b', 2**28),
}


def packed(**files: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return kept.getvalue()


def texts(found: ImportPlan) -> list[str]:
    return [document.text for document in found.documents_to_add]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_with_its_line_and_nothing_comes_in(name: str) -> None:
    content, line, words = REFUSED[name]
    found = plan([(name, content)])
    assert found.refused
    said = [problem for problem in found.errors if problem.line == line]
    assert said and words in said[0].message


def test_beside_what_is_being_edited_nothing_of_them_comes_in_and_a_mended_file_does(
    new_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db = Database.open()
    desk = make_desk(db)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb, nested = packed(**{"a.txt": b"0" * 60_000_000}), packed(**{"in.zip": packed(a=b"hi\n")})
    bad = {name: content for name, (content, *_) in REFUSED.items()}
    endless = {name: content for name, (content, _) in ENDLESS.items()}
    for name, content in {**bad, "bomb.zip": bomb, "nested.zip": nested, **endless}.items():
        desk.edit()
        (tmp_path / name).write_bytes(content)
        if name in ENDLESS:
            # Most of it is a hole, so that it takes no room on the disk.
            os.truncate(tmp_path / name, ENDLESS[name][1])
        assert main(["import", str(tmp_path / name), "--project", name]) != 0
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and "Traceback" not in said, name
        assert REFUSED.get(name, (b"", 0, ""))[2] in said, name
        assert [each.name for each in projects.list_projects(db)] == ["News"]
        desk.check()
        check_file(new_home)
    # A gigabyte was never read into memory.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000 * KILO
    (tmp_path / "mended.jsonl").write_bytes(GOOD)
    assert main(["import", str(tmp_path / "mended.jsonl"), "--project", "Mended"]) == 0
    assert {each.name for each in projects.list_projects(db)} == {"News", "Mended"}
    settle(desk, new_home)
    db.close()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_mark_of_the_encoding_is_in_no_columns_name(encoding: str) -> None:
    content = ("\ufeff" if encoding == "utf-16-le" else "") + "text,split\nGrüße 漢字,train\n"
    found = plan([("a.csv", content.encode(encoding))])
    assert texts(found) == ["Grüße 漢字"] and not found.refused


def test_an_encoding_that_is_not_utf_8_is_said_and_can_be_looked_at() -> None:
    found = plan([("a.txt", f"{GREETING}\n".encode("gb18030"))])
    assert texts(found) == [GREETING]
    assert "GB18030" in found.problems[0].message


def test_only_line_feeds_end_a_line() -> None:
    odd = "a\u2028b\x85c\x1cd\re"
    found = plan([("a.txt", f"{odd}\nf\r\n".encode())])
    assert [text.rstrip("\r") for text in texts(found)] == [odd, "f"]


def test_a_cell_of_any_length_comes_in() -> None:
    found = plan([("a.csv", b'text,split\n"' + b"x" * 300_000 + b'",train\n')])
    assert [len(text) for text in texts(found)] == [300_000]


def test_a_bomb_is_stopped_by_what_comes_out_of_it() -> None:
    found = plan([("a.zip", packed(**{"a.txt": b"0" * 60_000_000}))])
    assert found.refused and "as in an attack" in found.errors[0].message


def test_an_archive_in_an_archive_is_not_opened() -> None:
    inner = packed(**{"a.txt": b"hi\n"})
    assert plan([("a.zip", packed(**{"in.zip": inner}))]).refused


@pytest.mark.parametrize("name", ["../../evil.txt", "/abs.txt", "C:\\a.txt", "..\\up.txt"])
def test_a_name_in_an_archive_leads_nowhere(name: str) -> None:
    found = plan([("a.zip", packed(**{name: b"hi\n"}))])
    (document,) = found.documents_to_add
    # It is shown, and opens no file: nothing is unpacked to the disk.
    assert not document.name.startswith("/") and ".." not in document.name


def test_names_that_lead_elsewhere_come_in_beside_edits_and_make_no_file(
    new_home: Path, tmp_path: Path
) -> None:
    db = Database.open()
    desk = make_desk(db)
    desk.edit()
    names = ("../../evil.txt", "/evil.txt", "C:\\evil.txt", "..\\evil.txt", "CON/evil.txt")
    (tmp_path / "a.zip").write_bytes(
        packed(**{name: b"hi %d\n" % n for n, name in enumerate(names)})
    )
    project = "../../evil/..\\CON"
    assert main(["import", str(tmp_path / "a.zip"), "--project", project]) == 0
    found = projects.find_project(db, project)
    assert found and documents.count_documents(db, found.id) == len(names)
    made = [*tmp_path.parent.rglob("*evil*"), *Path("/").glob("evil*"), *Path().glob("*evil*")]
    assert made == []
    settle(desk, new_home)
    db.close()


GREETING = "我们在北京见面，然后去上海旅游。天气很好，我们很高兴。"
# What lies in a file, and the texts that it means, whatever ends its lines and how it is encoded.
ENCODED = {
    "marked.txt": ("\ufeffGrüße\n漢字\n".encode(), ["Grüße", "漢字"]),
    "wide.txt": ("Grüße\n漢字\n".encode("utf-16"), ["Grüße", "漢字"]),
    "unmarked.txt": ("Grüße\nAda Lovelace\n".encode("utf-16-le"), ["Grüße", "Ada Lovelace"]),
    "legacy.txt": (f"{GREETING}\n".encode("gb18030"), [GREETING]),
    "ends.txt": ("a\u2028b\x85c\x1cd\r\ne\n".encode(), ["a\u2028b\x85c\x1cd", "e"]),
    "cells.csv": (b'text,label\n"a\r\nb",x\r\n"c\nd",x\r\n', ["a\r\nb", "c\nd"]),
}


def test_encodings_and_line_ends_come_in_beside_edits_as_they_were_meant(
    new_home: Path, tmp_path: Path
) -> None:
    db = Database.open()
    desk = make_desk(db)
    for name, (content, meant) in ENCODED.items():
        desk.edit()
        (tmp_path / name).write_bytes(content)
        task = ["--task", "classes"]
        assert main(["import", str(tmp_path / name), "--project", name, *task]) == 0
        project = projects.find_project(db, name)
        assert project
        assert [each.text for each in journal.current(db, project.id)] == meant, name
        desk.check()
        check_file(new_home)
    settle(desk, new_home)
    db.close()


SCRIPTS = [
    ("👨🏻\u200d🚒 Ada", (0, 4)),
    ("cafe\u0301 Ada", (0, 5)),
    ("caf\u00e9 Ada", (0, 4)),
    ("\u202eAda\u202c عدا", (0, 5)),
    ("\u2066شركة\u2069 Ada", (1, 5)),
    ("a\u200bb Ada", (0, 3)),
]
FORMULAS = [(f"{sign}1+cmd|' /C calc'!A0 Ada", (0, 4)) for sign in ("=", "+", "-", "@", "＝", "'=")]


@pytest.mark.parametrize("format", ["doccano", "xlsx", "webanno", "cas_json", "label_studio"])
def test_signs_and_formulas_go_through_the_database_beside_edits_and_stay_as_they_are(
    new_home: Path, tmp_path: Path, format: str
) -> None:
    db = Database.open()
    desk = make_desk(db)
    desk.edit()
    given = [{"text": text, "label": [[*place, "=PER"]]} for text, place in [*SCRIPTS, *FORMULAS]]
    came, left = tmp_path / "came.jsonl", tmp_path / "left"
    came.write_text("".join(f"{json.dumps(row)}\n" for row in given))
    assert main(["import", str(came), "--project", "=First"]) == 0
    assert main(["export", str(left), "--project", "=First", "--format", format]) == 0
    assert main(["import", str(left), "--project", "Second"]) == 0
    for name in ("=First", "Second"):
        project = projects.find_project(db, name)
        assert project
        found = [
            (each.text, [(span.start, span.end, span.label) for span in each.spans])
            for each in journal.current(db, project.id)
        ]
        assert found == [(row["text"], [tuple(row["label"][0])]) for row in given], name
    settle(desk, new_home)
    db.close()
