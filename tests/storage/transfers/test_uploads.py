"""Uploads lie under numbers, can be gone on with, and leave nothing behind."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage.errors import ConflictError, InputError, NotFoundError
from storage.transfers import uploads as module
from storage.transfers.uploads import Uploads


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server(home: Path):
    """The uploads of one server."""
    server = Uploads()
    server.start()
    yield server
    server.stop()


def upload(server: Uploads, batch: str, name: str, data: bytes, owner: str = "ada") -> int:
    (number,) = server.announce(batch, owner, [(name, len(data))])
    if data:
        server.open(batch, owner, number, 0).write(data)
    return number


def left(home: Path) -> list[str]:
    """Return what lies in the folder of uploads beside its lock."""
    return sorted(str(p.relative_to(home / "uploads")) for p in (home / "uploads").rglob("*"))[:-1]


@pytest.mark.parametrize(
    "name", ["../../whetstone.db", "/etc/passwd", "a/../b", "CON", "\n", "é" * 999]
)
def test_a_name_is_kept_and_is_no_part_of_a_path(server: Uploads, home: Path, name: str) -> None:
    batch = server.begin("ada")
    upload(server, batch, name, b"data")
    (found,) = server.files(batch, "ada")
    assert (found.name, found.complete) == (name, True)
    assert found.path == home / "uploads" / batch / "1"
    assert found.path.read_bytes() == b"data"
    assert found.path.stat().st_mode & 0o77 == 0


def test_a_file_goes_on_where_it_was_and_nowhere_else(server: Uploads) -> None:
    batch = server.begin("ada")
    (number,) = server.announce(batch, "ada", [("a", 6)])
    server.open(batch, "ada", number, 0).write(b"one")
    for offset in (0, 2, 4):
        with pytest.raises(ConflictError):
            server.open(batch, "ada", number, offset)
    server.open(batch, "ada", number, 3).write(b"two")
    assert server.files(batch, "ada")[0].path.read_bytes() == b"onetwo"


def test_of_two_requests_for_one_file_the_newer_one_writes(server: Uploads) -> None:
    batch = server.begin("ada")
    (number,) = server.announce(batch, "ada", [("a", 6)])
    hanging = server.open(batch, "ada", number, 0)
    newer = server.open(batch, "ada", number, 0)
    with pytest.raises(ConflictError):
        hanging.write(b"old")
    newer.write(b"new")
    assert newer.received == 3


def test_no_more_is_taken_than_was_announced(server: Uploads) -> None:
    batch = server.begin("ada")
    (number,) = server.announce(batch, "ada", [("a", 3)])
    with pytest.raises(InputError, match="has grown"):
        server.open(batch, "ada", number, 0).write(b"four")
    assert server.files(batch, "ada")[0].received == 0


def test_what_does_not_fit_the_volume_is_refused_before_it_comes(
    server: Uploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=module.RESERVE_BYTES + 1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    batch = server.begin("ada")
    server.announce(batch, "ada", [("a", 600)])
    assert server.free_bytes() == 400
    with pytest.raises(InputError, match="has room for 0.0 MB"):
        server.announce(batch, "ada", [("b", 500)])


def test_nobody_else_finds_a_batch(server: Uploads) -> None:
    batch = server.begin("ada")
    number = upload(server, batch, "a", b"data")
    for ask in (
        lambda: server.files(batch, "eve"),
        lambda: server.remove(batch, "eve", [number]),
        lambda: server.open(batch, "eve", number, 4),
        lambda: server.files("0" * 32, "ada"),
    ):
        with pytest.raises(NotFoundError):
            ask()
    assert len(server.files(batch, "ada")) == 1


def test_a_removed_file_is_gone_and_the_others_are_not(server: Uploads, home: Path) -> None:
    one, two = server.begin("ada"), server.begin("ada")
    first = upload(server, one, "a", b"a")
    upload(server, one, "b", b"b")
    upload(server, two, "c", b"c")
    writing = server.open(one, "ada", first, 1)
    server.remove(one, "ada", [first, 99])
    with pytest.raises(ConflictError):
        writing.write(b"!")
    assert [each.name for each in server.files(one, "ada")] == ["b"]
    server.discard(one)
    server.discard(one)
    # The other tab's batch is untouched.
    assert left(home) == sorted([two, f"{two}/1"])


def test_a_new_server_deletes_what_a_dead_one_left_but_nothing_of_a_living_one(home: Path) -> None:
    dead = Uploads()
    upload(dead, dead.begin("ada"), "a", b"a")
    dead._room.leave()
    living = Uploads()
    living.start()
    assert left(home) == []
    batch = living.begin("ada")
    upload(living, batch, "b", b"b")
    for _ in range(2):
        another = Uploads()
        another.start()
        assert left(home) == sorted([batch, f"{batch}/1"])
    living.stop()
    another.stop()
    assert left(home) == []


def test_an_idle_batch_goes_after_a_day_unless_an_import_holds_it(home: Path) -> None:
    clock = Clock()
    server = Uploads(clock)
    idle, held = server.begin("ada"), server.begin("ada")
    server.hold(held, "ada")
    clock.now = module.IDLE_SECONDS + 1
    server.begin("ada")
    with pytest.raises(NotFoundError):
        server.files(idle, "ada")
    server.files(held, "ada")
    server.release(held)
    server.stop()
