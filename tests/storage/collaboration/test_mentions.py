"""Who is named by "@": spelling, longest names, other scripts, texts that are no names."""

import time

import pytest

from storage.collaboration import mentions
from tests.storage.collaboration.conftest import acting, people

PEOPLE = ("Ada", "Ada Lovelace", "bob", "Зоя", "李雷", "ada@example.org", "Straße", "J.")


def named(text: str) -> list[str]:
    known = {mentions.key(name): name for name in PEOPLE}
    return sorted(mentions.parse(text, known).values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@Ada?", ["Ada"]),
        ("@ADA LOVELACE, @Bob", ["Ada Lovelace", "bob"]),
        ("@ada  lovelace", ["Ada Lovelace"]),
        ("@ada lovelaces", ["Ada"]),
        ("@adam", []),
        ("@ada_", []),
        ("@Adaı", []),
        ("write to bob@ada or x@bob.org", []),
        ("(@bob) @@bob", ["bob"]),
        ("@ada@example.org", ["ada@example.org"]),
        ("@ЗОЯ @зоями", ["Зоя"]),
        ("请@李雷看一下", ["李雷"]),
        ("＠ｂｏｂ", ["bob"]),
        ("@STRASSE @straße", ["Straße"]),
        ("@J.S. @J.", ["J."]),
        ("@Ada\u0301", []),
        ("@", []),
        ("@\u202eadA", []),
        ("\0@bob\ud800", ["bob"]),
    ],
)
def test_the_longest_name_that_is_a_word_counts(text, found):
    assert named(text) == found


def test_a_text_of_signs_alone_takes_no_time():
    began = time.perf_counter()
    assert named("@" * 10_000 + "@ada" * 2_000) == ["Ada"]
    assert time.perf_counter() - began < 1


def test_accounts_and_whoever_labelled_may_be_named(db, project):
    people(db, project)
    with acting("ada"):
        assert mentions.names(db, project.id) == ["ada", "Bob Berg", "cleo", "root"]
        assert mentions.named(db, project.id, "@BOB berg, @cleo") == {
            "bob berg": "Bob Berg",
            "cleo": "cleo",
        }
