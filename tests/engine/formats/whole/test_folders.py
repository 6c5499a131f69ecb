"""A folder for each class: its files are decoded, refused and held as those of any reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.corpus.importing import plan
from engine.formats import InputFile, Shape
from engine.formats.common.problems import Problems
from engine.formats.whole.folders import Folders

SHAPE = Shape(True)
RUSSIAN = "Почему поезд опять опаздывает на целый час, и никто ничего не говорит?"


def folder(place: Path, **files: bytes) -> Path:
    for name, data in files.items():
        path = place / name.replace("_", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return place


def texts(found) -> list[str]:
    return [document.text for document in found.documents_to_add]


def test_a_chosen_encoding_is_the_one_that_is_read(tmp_path: Path) -> None:
    given = folder(tmp_path / "f", good_1=RUSSIAN.encode("koi8-r"), bad_1=b"bad")
    found = plan([given], task="classes", options={"encoding": "koi8_r"})
    assert (found.files[0].format, texts(found), found.problems) == (
        "folders",
        ["bad", RUSSIAN],
        (),
    )


def test_a_legacy_encoding_is_found_and_shown(tmp_path: Path) -> None:
    given = folder(tmp_path / "f", good_1=RUSSIAN.encode("cp1251"), bad_1=b"bad")
    found = plan([given], task="classes")
    assert texts(found) == ["bad", RUSSIAN]
    (problem,) = found.problems
    assert problem.file == "good/1"
    assert "was read as Cyrillic (Windows-1251)" in problem.message


def test_damaged_utf8_names_its_file_and_its_byte(tmp_path: Path) -> None:
    damaged = "naïve é è ê".encode()[:-1] + b" end"
    given = folder(tmp_path / "f", good_1=damaged, bad_1=b"bad")
    (problem,) = plan([given], task="classes").problems
    assert (problem.file, problem.option) == ("good/1", "encoding")
    assert "0xC3 (byte 14 of the file) is not valid UTF-8" in problem.message


@pytest.mark.parametrize("data", [b"\xff\xfea\0b\0", b"\xef\xbb\xbfab"])
def test_byte_order_marks_are_no_text(tmp_path: Path, data: bytes) -> None:
    given = folder(tmp_path / "f", good_1=data, bad_1=b"bad")
    assert texts(plan([given], task="classes")) == ["bad", "ab"]


def test_files_are_read_one_by_one(tmp_path: Path) -> None:
    files = tuple(InputFile(f"{c}/{n}.txt", b"text") for c in "ab" for n in range(5))
    rows = iter(Folders(SHAPE).read(InputFile("f", b"", files), {}, Problems("f")).rows)
    next(rows)
    assert sum(each.meter.bytes > 0 for each in files) == 1
