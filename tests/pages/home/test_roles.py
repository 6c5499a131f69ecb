"""Home proposes to each what they may do: who labels blind opens no sentences of the report."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pages.access import session
from storage.accounts import accounts
from storage.collaboration import assignments
from storage.collaboration.rules.starts import Start
from storage.database.connection import Database
from storage.permissions import Role
from storage.types import Run, RunState
from tests.pages import reported
from tests.pages.access.conftest import begin
from tests.pages.conftest import Open, button, labels


def test_who_labels_blind_is_told_to_label_and_opens_no_report_from_home(
    open_page: Open,
    db: Database,
    sample: int,
    make_run: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reported.store(db, sample, make_run(RunState.DONE).id)
    assignments.set_dealing(db, sample, 1, Start.BARE)
    for who, role in (("rey", Role.ADMIN), ("ann", Role.ANNOTATOR)):
        accounts.add(db, who, role)
    signed = {who: begin(db, who) for who in ("rey", "ann")}
    monkeypatch.setattr(session, "token", lambda: signed["rey"])
    app = open_page()
    assert not button(app, "Open these sentences").disabled
    assert any(each.startswith("Mend ") for each in labels(app))
    monkeypatch.setattr(session, "token", lambda: signed["ann"])
    app = open_page()
    assert button(app, "Open these sentences").disabled
    assert not button(app, "Tag sentences").disabled
    assert not any(each.startswith("Mend ") for each in labels(app))
