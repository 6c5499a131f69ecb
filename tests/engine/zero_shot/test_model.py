"""Which model is named: where its texts go, and what cannot be meant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.zero_shot.model import ENDPOINT, GLINER, ZeroShotModel, address_of, checked
from storage.errors import InputError

NAMED = ZeroShotModel(ENDPOINT, "http://127.0.0.1:11434/v1", "llama3.1")


@pytest.mark.parametrize(
    ("url", "host", "leaves", "plain"),
    [
        ("http://127.0.0.1:11434/v1", "127.0.0.1:11434", False, False),
        ("http://localhost:8000/v1", "localhost:8000", False, False),
        ("http://[::1]:8000/v1", "[::1]:8000", False, False),
        ("https://api.example.org/v1", "api.example.org", True, False),
        ("http://10.0.0.7/v1", "10.0.0.7", True, True),
        # A name that somebody else gives out, whatever it begins with.
        ("http://127.0.0.1.example.org/v1", "127.0.0.1.example.org", True, True),
        ("http://localhost.example.org/v1", "localhost.example.org", True, True),
    ],
)
def test_where_texts_go_is_told_by_the_address(
    url: str, host: str, leaves: bool, plain: bool
) -> None:
    named = checked(replace(NAMED, url=url))
    assert (named.host, named.leaves, named.is_plain) == (host, leaves, plain)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"url": "file:///etc/passwd"}, "no address of http"),
        ({"url": "http://ada:secret@127.0.0.1/v1"}, "key into its own field"),
        ({"url": "http://127.0.0.1/v1?key=secret"}, "ends before"),
        ({"name": " "}, "Name the model"),
        ({"name": "a\nb"}, "Name the model"),
        ({"documents": 0}, "documents of a run are 1 to"),
        ({"at_once": 999}, "at once of a run are 1 to 32"),
        ({"kind": "other"}, "no kind of zero-shot model"),
        ({"kind": GLINER, "folder": "models/x"}, "begin at the root"),
        ({"kind": GLINER, "folder": "/nowhere"}, "no gliner_config.json"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_correct(values: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        checked(replace(NAMED, **values))


def test_an_address_may_be_copied_whole_and_a_folder_names_its_model(tmp_path: Path) -> None:
    assert address_of(" http://h/v1/chat/completions/ ") == "http://h/v1"
    (tmp_path / "gliner_config.json").write_text("{}")
    folder = checked(ZeroShotModel(GLINER, folder=str(tmp_path)))
    assert (folder.title, folder.leaves) == (tmp_path.name, False)
    assert checked(ZeroShotModel()).kind == ""
