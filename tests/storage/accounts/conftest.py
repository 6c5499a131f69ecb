"""Accounts whose passwords take no time to hash."""

from __future__ import annotations

import pytest

from storage.accounts import accounts, passwords
from storage.database.connection import Database
from storage.permissions import Role

SECRET = "correct horse battery"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash of the real one, with parameters that take no time."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
    passwords._nobodys.cache_clear()


@pytest.fixture
def ada(db: Database) -> accounts.Account:
    return accounts.add(db, "Ada", Role.ADMIN, SECRET)
