"""Sessions: a token is random, kept as a hash, and ends when it should."""

from __future__ import annotations

import pytest

from storage.accounts import accounts, sessions
from storage.database.connection import Database
from storage.permissions import Role

SECRET, OTHER = "correct horse battery", "staple donkey engine"


def test_a_session_s_token_is_kept_nowhere(db: Database, ada) -> None:
    token = sessions.begin(db, ada)
    assert len(token) >= 43 and sessions.begin(db, ada) != token
    assert sessions.find(db, token) == ada
    with db.read() as session:
        kept = [row.token for row in session.query(sessions.SignInRow)]
    assert token not in kept and all(len(each) == 64 for each in kept)


def test_a_forged_token_is_nobody_s(db: Database, ada) -> None:
    sessions.begin(db, ada)
    for token in ("", "x", "x" * 43, "x" * 10_000, "\ud83d", "' OR 1=1 --", "\0"):
        assert sessions.find(db, token) is None
    for name in ("Ada\0", "\ud83d", "' OR 1=1 --"):
        assert accounts.find(db, name) is None


def test_a_session_ends_with_logout_removal_demotion_and_a_new_password(db, ada) -> None:
    accounts.add(db, "Bob", Role.ADMIN, OTHER)
    for end in (
        lambda token: sessions.end(db, token),
        lambda _: accounts.set_role(db, "Ada", Role.ANNOTATOR),
        lambda _: accounts.set_role(db, "Ada", Role.ADMIN),
        lambda _: accounts.set_password(db, "Ada", SECRET),
        lambda _: sessions.end_all(db),
        lambda _: accounts.remove(db, "Ada"),
    ):
        found = accounts.find(db, "Ada")
        assert found
        token = sessions.begin(db, found)
        assert sessions.find(db, token)
        end(token)
        assert sessions.find(db, token) is None


@pytest.mark.sqlite_first
def test_a_session_ends_after_idle_hours_and_after_a_week(db, ada, monkeypatch) -> None:
    now = 1_800_000_000
    monkeypatch.setattr(sessions, "_now", lambda: now)
    token = sessions.begin(db, ada)
    for _ in range(13):
        now += 11 * 3600
        assert sessions.find(db, token) == ada
        assert sessions.find(db, token, active=False) == ada
    now += 11 * 3600
    assert sessions.find(db, token) == ada and sessions.counts(db, [ada.id]) == {ada.id: 1}
    now += 12 * 3600
    assert sessions.find(db, token) is None and not sessions.counts(db, [ada.id])
    timers = sessions.begin(db, ada)
    for _ in range(12):
        now += 3600
        found = sessions.find(db, timers, active=False)
    assert found is None, "what a page asks by itself is no sign of a person"
    week = sessions.begin(db, ada)
    for _ in range(17):
        now += 10 * 3600
        found = sessions.find(db, week)
    assert found is None
    sessions.begin(db, ada)
    with db.read() as session:
        assert session.query(sessions.SignInRow).count() == 1, "what is over is swept away"
