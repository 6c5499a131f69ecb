"""Whether others are let in is kept beside the database, and open is only what somebody opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.accounts import reach
from storage.accounts.reach import Reach
from storage.errors import ForbiddenError, InputError
from storage.permissions import Person, Role, acting_as


def test_a_choice_is_kept_and_nobody_else_reads_it(home: Path) -> None:
    assert reach.read() == Reach()
    reach.put(True, ["Label.Example.org.", "müller.example", "label.example.org"])
    assert reach.read() == Reach(True, ("label.example.org", "xn--mller-kva.example"))
    assert (home / reach.FILE).stat().st_mode & 0o077 == 0
    reach.put(False, ())
    assert reach.read() == Reach()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "*",
            "*.example.org",
            "https://a.example",
            "a.example:80",
            "a b",
            "",
            "a..b",
            "-a",
            "a/b",
        ),
        *("10.0.0.1", "::1", "a_b", "x" * 64, "<b>", "a@b", "e\u0301vil\u202e.example"),
    ],
)
def test_what_is_no_name_of_a_computer_is_refused(home: Path, name: str) -> None:
    with pytest.raises(InputError, match="no name of a computer"):
        reach.put(True, [name])
    assert reach.read() == Reach()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", '{"others": 1, "names": []}', '{"others": true}', "\xff",
     '{"others": true, "names": ["*"]}', '{"others": "true", "names": []}'],
)  # fmt: skip
def test_a_file_that_says_nothing_certain_lets_nobody_in(home: Path, content: str) -> None:
    home.mkdir(exist_ok=True)
    (home / reach.FILE).write_bytes(content.encode("latin-1"))
    assert reach.read() == Reach()


def test_only_an_admin_lets_others_in(home: Path) -> None:
    for role in (Role.ANNOTATOR, Role.REVIEWER):
        with acting_as(Person("Bob", role)), pytest.raises(ForbiddenError):
            reach.put(True, ())
