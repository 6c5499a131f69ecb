"""What is dropped becomes something to import; how far that is, in words."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from pathlib import Path

import pytest

from engine.corpus.exporting import export
from engine.transfers.state import Phase, State
from pages.widgets.common import running
from pages.widgets.data import rehearsal
from storage.transfers.uploads import Incoming
from storage.types import Document


def incoming(folder: Path, *files: tuple[str, bytes]) -> tuple[Incoming, ...]:
    found = []
    for number, (name, data) in enumerate(files, 1):
        path = folder / str(number)
        path.write_bytes(data)
        found.append(Incoming(number, name, len(data), path, len(data)))
    return tuple(found)


def test_the_files_of_one_folder_come_in_together(tmp_path: Path) -> None:
    files = incoming(tmp_path, ("mail/spam/1", b"a"), ("a.txt", b"b"), ("mail/2", b"c"))
    found = rehearsal.of_files(files, "b1", False)
    assert found.uploads == (
        ("mail", (("spam/1", tmp_path / "1"), ("2", tmp_path / "3"))),
        ("a.txt", tmp_path / "2"),
    )
    assert (found.is_small, found.key) == (True, ("b1", 1, 2, 3))


def test_large_files_and_archives_are_read_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "Ada")
    assert not rehearsal.of_files(
        incoming(tmp_path, ("a.txt", packed.getvalue())), "b", False
    ).is_small
    monkeypatch.setattr(rehearsal, "SMALL_BYTES", 3)
    assert not rehearsal.of_files(incoming(tmp_path, ("a.txt", b"four")), "b", False).is_small


PACKED = {
    "gzip": gzip.compress(b"Ada"),
    "zlib": zlib.compress(b"Ada"),
    "spacy": export([Document("Ada")], "spacy").data(),
    "parquet": export([Document("Ada")], "parquet", task="classes").data(),
    "arrow": b"ARROW1\0\0",
    "a stream of Arrow": b"\xff\xff\xff\xff\0",
}


@pytest.mark.parametrize("kind", PACKED)
def test_so_is_whatever_more_may_come_out_of_than_went_in(tmp_path: Path, kind: str) -> None:
    assert not rehearsal.of_files(incoming(tmp_path, ("a", PACKED[kind])), "b", False).is_small


@pytest.mark.parametrize(
    ("state", "seconds", "words"),
    [
        (State(), 0.0, "A moment."),
        (
            State(Phase.READING, 62_000, 0, 5_900_000, 97_000_000),
            4.7,
            "62,000 documents · 5.9 MB of 97.0 MB · 13,000 a second · 1:13 left.",
        ),
        (State(Phase.LOADING, 1, 2), 0.1, "1 of 2 documents."),
        (State(Phase.LOADING, 1, 3601), 3.0, "1 of 3,601 documents · 0 a second · 3:00:00 left."),
    ],
)
def test_how_far_it_is_is_said_in_words(state: State, seconds: float, words: str) -> None:
    assert running.told(state, seconds) == words
