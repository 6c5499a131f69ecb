"""Which names this server goes by: all its own where it is open to others, and no stranger's."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import streamlit as st

from pages.access import addresses, start
from storage.accounts import accounts, reach
from storage.database.connection import Database
from storage.permissions import Role
from tests.pages.access.conftest import SECRET
from tests.pages.conftest import Open

EVIL = ("evil.example", "127.0.0.1.evil.example", "10.0.0.1.evil.example", "0x7f000001", "1", "")
Options = dict[str, object]


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Options:
    """What the server was started with."""
    given: Options = {"server.address": "0.0.0.0", "server.port": 8501}
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: given.get(name, real(name)))
    return given


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_a_server_for_this_computer_goes_by_its_own_names_alone(
    home: Path, options: Options, address: str
) -> None:
    options["server.address"] = address
    assert not addresses.is_open() and addresses.told() == ""
    for name in ("localhost", "127.0.0.1", "::1"):
        assert addresses.is_ours(name)
    for name in (*EVIL, "192.0.2.7", socket.gethostname().lower()):
        assert not addresses.is_ours(name), name
    # A proxy on this computer brings the name that people know.
    reach.put(False, ["label.example.org"])
    assert addresses.is_ours("label.example.org") and not addresses.is_ours("example.org")


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7", ""])
def test_an_open_one_goes_by_its_name_and_by_any_address_in_numbers(
    home: Path, options: Options, address: str
) -> None:
    """No name of a stranger's leads to a page that was opened by numbers."""
    options["server.address"] = address
    assert addresses.is_open()
    own = socket.gethostname().lower()
    for name in ("localhost", "192.0.2.7", "2001:db8::1", own, f"{own.split('.')[0]}.local"):
        assert addresses.is_ours(name), name
    assert not any(map(addresses.is_ours, EVIL))


def test_whoever_starts_it_is_told_what_follows(db: Database, options: Options) -> None:
    options["server.address"] = "192.0.2.7"
    reach.put(True, ["label.example.org"])
    assert addresses.told().splitlines() == [
        "Other computers reach this server, at http://label.example.org:8501 or "
        "http://192.0.2.7:8501.",
        addresses.NO_ACCOUNT.format(here="http://localhost:8501"),
        addresses.OPEN_LINE,
    ]
    accounts.add(db, "Ada", Role.ADMIN, SECRET)
    options["server.sslCertFile"] = "here.pem"
    assert addresses.told().splitlines()[1:] == ["Everybody signs in."]
    assert "https://192.0.2.7:8501" in addresses.told()


def command(*asked: str) -> list[str]:
    return start.command(start.read(asked, "whetstone", ""))


def test_the_start_does_what_was_chosen_and_what_is_said_now_comes_first(home: Path) -> None:
    closed = command("--port", "8600", "--server.headless", "true")
    assert closed[3:] == [
        *("--server.port", "8600", "--server.fileWatcherType", "none"),
        *("--server.headless", "true"),
    ]
    reach.put(True, ())
    for asked, address in (((), "0.0.0.0"), (("--host", "127.0.0.1"), "127.0.0.1")):
        told = command(*asked)
        assert told[told.index("--server.address") + 1] == address
    reach.put(False, ())
    assert "10.0.0.5" in command("--host", "10.0.0.5")


def test_settings_let_others_in_from_the_next_start_on(
    open_page: Open, db: Database, options: Options
) -> None:
    options["server.address"] = "127.0.0.1"
    app = open_page("settings")
    said = [each.value for each in app.markdown]
    assert "This server answers this computer only." in said
    next(each for each in app.toggle if each.label == "Let others in").set_value(True)
    names = next(each for each in app.text_input if each.label.startswith("Names that others"))
    names.input("*.example.org")
    save = next(each for each in app.button if each.form_id == "reach")
    save.click().run()
    assert "no name of a computer" in app.error[0].value and not reach.read().others
    names.input("label.example.org, tags.example.org")
    save.click().run()
    assert reach.read() == reach.Reach(True, ("label.example.org", "tags.example.org"))
    assert any("from the next start on" in each.value for each in app.info)
    options["server.address"] = "192.0.2.7"
    app = open_page("settings")
    listed = app.code[0].value.splitlines()
    assert listed[0] == "http://label.example.org:8501" and listed[-1] == "http://192.0.2.7:8501"
    assert any("only this computer is answered" in each.value for each in app.warning)
