"""Accounts: who may sign in, in which role, with which password."""

from __future__ import annotations

import pytest

from storage.accounts import accounts, passwords
from storage.database.connection import Database
from storage.errors import ForbiddenError, InputError, NotFoundError, RefusedError
from storage.permissions import Person, Role, acting_as

# What the database does here is the same everywhere; `test_sessions.py` has the rest.
pytestmark = pytest.mark.sqlite_first
SECRET, OTHER = "correct horse battery", "staple donkey engine"


def test_without_an_account_nobody_is_asked(db: Database) -> None:
    assert not accounts.exist(db)
    accounts.add(db, "Ada", Role.ADMIN, SECRET)
    assert accounts.exist(db)
    accounts.remove(db, "ada")
    assert not accounts.exist(db)


def test_the_right_password_opens_and_nothing_else_does(db: Database, ada) -> None:
    assert accounts.authenticate(db, " ADA ", SECRET) == ada
    for name, password in (("Ada", OTHER), ("Ada", ""), ("Eve", SECRET), ("", ""), ("Ada\0", "x")):
        assert accounts.authenticate(db, name, password) is None
    assert accounts.authenticate(db, "Ada", "\ud83d" * 12) is None
    assert accounts.authenticate(db, "Ada", SECRET + " " * 10_000) is None


def test_what_is_kept_is_a_salted_argon2id_hash(db: Database, ada) -> None:
    first, second = passwords.hash_of(SECRET), passwords.hash_of(SECRET)
    assert first.startswith("$argon2id$") and first != second
    assert not passwords.fits(SECRET, "not a hash")


def test_the_real_parameters_are_those_of_rfc_9106() -> None:
    """The second recommended choice or more: 64 MiB, three passes."""
    made = passwords.PasswordHasher()
    assert (made.memory_cost, made.time_cost) >= (65_536, 3)


def test_an_unknown_name_takes_a_hash_as_a_known_one_does(db, ada, monkeypatch) -> None:
    asked: list[str] = []

    def note(_password: str, kept: str) -> bool:
        asked.append(kept)
        return False

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "fits", note)
        for name in ("Ada", "Eve"):
            assert accounts.authenticate(db, name, SECRET) is None
    assert len(asked) == 2 and asked[1] == ""
    assert not passwords.fits(SECRET, "")


def test_a_hash_of_older_parameters_is_made_anew_at_the_next_sign_in(db, ada, monkeypatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(2, 8, 1))
    assert accounts.authenticate(db, "Ada", SECRET)
    assert accounts.authenticate(db, "Ada", SECRET) == ada
    with db.read() as session:
        assert "t=2" in session.get_one(accounts.AccountRow, ada.id).password


@pytest.mark.parametrize("password", ["short", "a" * 12, "x" * 1_001, "ada lovelace rules"])
def test_a_password_that_is_easily_guessed_is_refused(db: Database, password: str) -> None:
    with pytest.raises(InputError):
        accounts.add(db, "Ada Lovelace", Role.ADMIN, password)
    assert not accounts.exist(db)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "a\u202eb", "a\u200bb", "a\nb", "a\0b", "x" * 101, "a\u00a0b", "a\u00adb"),
        # Letters and marks, which nobody sees all the same.
        *("Ada\u3164", "Ada\u115f", "Ada\u2800", "A\u034fda", "Ada\ufe0f", "Ada\u17b4"),
        # Cyrillic and Greek letters within a word of Latin ones.
        *("\u0410da", "Ad\u0430", "\u0391da", "Ada L\u043evelace"),
        *("(adjudicated)", "(MAJORITY)", " (adjudicated) ", "（Majority）"),
    ],
)
def test_a_name_that_looks_like_another_is_refused(db: Database, name: str) -> None:
    with pytest.raises(InputError):
        accounts.add(db, name, Role.ADMIN, SECRET)
    with pytest.raises(InputError):
        accounts.name_oneself(db, name)


@pytest.mark.parametrize("name", ["Bob 鲍勃", "Анна", "Άννα Smith", "Nguyễn", "محمد", "O'Neil-2"])
def test_names_of_all_scripts_are_names(db: Database, name: str) -> None:
    assert accounts.add(db, name, Role.ADMIN, SECRET).name == name


@pytest.mark.parametrize(
    "name", ["ada lovelace", "ADA  LOVELACE", " Ada Lovelace ", "Ａｄａ Lovelace"]
)
def test_a_name_is_one_account_s_in_any_spelling(db: Database, name: str) -> None:
    accounts.add(db, "Ada Lovelace", Role.ADMIN, SECRET)
    with pytest.raises(RefusedError, match="already"):
        accounts.add(db, name, Role.ANNOTATOR, OTHER)


def test_there_is_always_an_admin(db: Database) -> None:
    with pytest.raises(RefusedError, match="first account is an admin's"):
        accounts.add(db, "Bob", Role.ANNOTATOR, OTHER)
    accounts.add(db, "Ada", Role.ADMIN, SECRET)
    accounts.add(db, "Bob", Role.ANNOTATOR, OTHER)
    for change in (
        lambda: accounts.remove(db, "Ada"),
        lambda: accounts.set_role(db, "Ada", Role.ANNOTATOR),
    ):
        with pytest.raises(RefusedError, match="the only admin"):
            change()
    accounts.set_role(db, "Bob", Role.ADMIN)
    accounts.set_role(db, "Ada", Role.ANNOTATOR)
    assert [(each.name, each.role) for each in accounts.known(db)] == [
        ("Ada", "annotator"),
        ("Bob", "admin"),
    ]
    with pytest.raises(NotFoundError):
        accounts.remove(db, "Eve")


def test_only_an_admin_changes_accounts_and_everybody_their_own_password(db, ada) -> None:
    accounts.add(db, "Bob", Role.ANNOTATOR, OTHER)
    with acting_as(Person("Bob", Role.ANNOTATOR)):
        for change in (
            lambda: accounts.add(db, "Eve", Role.ADMIN, OTHER),
            lambda: accounts.remove(db, "Ada"),
            lambda: accounts.set_role(db, "Bob", Role.ADMIN),
            lambda: accounts.set_password(db, "Ada", OTHER),
        ):
            with pytest.raises(ForbiddenError, match="ask an admin"):
                change()
        with pytest.raises(RefusedError, match="another one"):
            accounts.change_password(db, "Bob", SECRET, "a third one, long")
        accounts.change_password(db, "Bob", OTHER, "a third one, long")
    assert accounts.authenticate(db, "Bob", "a third one, long")


def test_an_account_without_a_password_opens_by_none(db: Database) -> None:
    accounts.add(db, "ada@example.org", Role.ADMIN)
    assert accounts.find(db, "Ada@example.org")
    for password in ("", "x"):
        assert accounts.authenticate(db, "ada@example.org", password) is None
