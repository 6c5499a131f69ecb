"""Machines on Settings: listed where a server's database is shared, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pages.widgets.settings import machines as widget
from storage.database.connection import Database
from storage.machines import machines
from storage.machines.machines import Machine
from tests.pages.conftest import Open

NEAR = Machine("a-1", "a<b>", "boot", tags=("big", "gpu"), gpus=("0",), cores=8, memory=64 * 10**9)


def test_a_file_has_one_machine_and_no_list(open_page: Open, db: Database) -> None:
    assert "Machines" not in {each.value for each in open_page("settings").subheader}


def test_each_machine_says_what_it_has_and_when_it_was_heard_of(
    open_page: Open, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "path", None)
    known = machines.beat(db, NEAR)
    machines.beat(db, replace(NEAR, id="b-1", name="b", trouble="It sees another home folder."))
    assert widget._row(db, known) == {
        **{"Machine": r"a\<b\>", "Has": "8 cores, 64 GB, 1 GPU"},
        **{"Tags": "big, gpu", "Heard of": "now", "Runs": "–"},
    }
    assert machines.mark_silent(db, known)
    assert not machines.mark_silent(db, replace(known, beats=7)), "it was heard of since"
    silent = machines.list_machines(db)[0]
    assert widget._heard(silent) == "silent for 1 min"
