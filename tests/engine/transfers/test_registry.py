"""What takes long goes on in a process of its own, which is followed, stopped and never left."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from engine.transfers import registry
from engine.transfers.registry import About, Transfer, Transfers
from engine.transfers.state import Phase, State
from storage.errors import ConflictError, NotFoundError, StorageError
from tests.engine.transfers.scripted import Scripted

ABOUT = About("ada", "import", ("key",), "letters.csv")


@pytest.fixture
def server() -> Iterator[Transfers]:
    server = Transfers()
    yield server
    server.stop()


def until(transfer: Transfer, fits: Callable[[State], bool]) -> State:
    """Wait for a state."""
    deadline = time.monotonic() + 60
    while not fits(transfer.state):
        assert time.monotonic() < deadline, transfer.state
        time.sleep(0.002)
    return transfer.state


def at(phase: Phase) -> Callable[[State], bool]:
    return lambda state: state.phase is phase


def test_it_waits_for_a_yes_and_tells_what_it_did(server: Transfers) -> None:
    ended: list[str] = []
    transfer = server.begin(ABOUT, Scripted(), lambda: ended.append("ended"))
    assert until(transfer, at(Phase.READ)).result == "plan"
    transfer.go_on("News", Phase.LOADING)
    with pytest.raises(ConflictError):
        transfer.go_on("News", Phase.LOADING)
    assert until(transfer, at(Phase.DONE)).result == "imported into News"
    until(transfer, lambda _: bool(ended))


def test_what_cannot_be_begun_lets_go_of_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    with pytest.raises(StorageError, match="No process can be started"):
        Transfers(["/nowhere/python"]).begin(ABOUT, Scripted(), lambda: ended.append("none"))
    monkeypatch.setattr(registry, "MOST", 0)
    with pytest.raises(ConflictError, match="Too many"):
        Transfers().begin(ABOUT, Scripted(), lambda: ended.append("many"))
    assert ended == ["none", "many"]


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("refused", "The file is no file."),
        ("killed", "Its process ended before it was done"),
        ("fault", "Something went wrong that should not have"),
    ],
)
def test_what_goes_wrong_is_one_sentence(server: Transfers, end: str, message: str) -> None:
    transfer = server.begin(ABOUT, Scripted(end))
    assert until(transfer, at(Phase.FAILED)).message.startswith(message)


@pytest.mark.parametrize("end", ["endless", "done"])
def test_it_can_be_stopped_while_it_works_and_while_it_waits(server: Transfers, end: str) -> None:
    transfer = server.begin(ABOUT, Scripted(end))
    until(transfer, lambda state: state.phase is not Phase.STARTING)
    transfer.stop()
    assert until(transfer, lambda state: state.phase.final).phase is Phase.STOPPED
    transfer.stop()


def test_only_its_owner_finds_it_and_a_forgotten_one_is_gone(server: Transfers) -> None:
    transfer = server.begin(ABOUT, Scripted("endless"))
    assert server.of("ada", "import") == [transfer]
    assert server.of("eve", "import") == server.of("ada", "export") == []
    with pytest.raises(NotFoundError):
        server.get(transfer.id, "eve")
    server.forget(transfer)
    assert transfer._process.poll() is not None
    with pytest.raises(NotFoundError):
        server.get(transfer.id, "ada")


def test_its_process_ends_with_the_server_that_began_it() -> None:
    # The server's end of the pipe is closed by the system, however the server ends.
    transfer = Transfer(ABOUT, Scripted("done"), registry.COMMAND, lambda: None)
    until(transfer, at(Phase.READ))
    process = psutil.Process(transfer._process.pid)
    with socket.socket(fileno=os.dup(transfer._connection.fileno())) as ours:
        ours.shutdown(socket.SHUT_RDWR)
    process.wait(60)
    assert until(transfer, at(Phase.FAILED)).message.startswith("Its process ended")


def test_what_nobody_asks_for_any_more_is_ended(
    server: Transfers, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = server.begin(ABOUT, Scripted())
    until(waiting, at(Phase.READ))
    monkeypatch.setattr(registry, "IDLE_SECONDS", -1.0)
    working = server.begin(ABOUT, Scripted("endless"))
    until(working, at(Phase.READING))
    assert waiting._process.poll() is not None
    server.begin(ABOUT, Scripted("endless"))
    assert working in server.of("ada", "import")
