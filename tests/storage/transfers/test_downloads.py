"""Files that go out lie under numbers, are found by who made them, and do not stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.errors import NotFoundError
from storage.transfers import downloads as module
from storage.transfers.downloads import Downloads


def test_a_file_is_its_makers_until_it_is_discarded(home: Path) -> None:
    server = Downloads()
    made = server.make("ada", "../../news.csv")
    made.path.write_bytes(b"data")
    assert made.path.parent.parent == home / "exports"
    assert made.path.stat().st_mode & 0o77 == 0
    assert server.get(made.id, "ada") == made
    for id, owner in ((made.id, "eve"), ("0" * 32, "ada"), ("../..", "ada")):
        with pytest.raises(NotFoundError):
            server.get(id, owner)
    server.discard(made.id)
    server.discard(made.id)
    with pytest.raises(NotFoundError):
        server.get(made.id, "ada")
    assert [each.name for each in (home / "exports").iterdir()] == ["lock"]
    server.stop()


def test_old_files_go_when_another_one_is_made_and_all_with_the_server(home: Path) -> None:
    time = [0.0]
    server = Downloads(lambda: time[0])
    old = server.make("ada", "old")
    time[0] = module.IDLE_SECONDS + 1
    new = server.make("ada", "new")
    assert (old.path.exists(), new.path.exists()) == (False, True)
    server.stop()
    assert not new.path.exists()
