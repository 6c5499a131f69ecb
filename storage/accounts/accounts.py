"""Accounts: who may sign in, and in which role. The last admin stays while others are there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.accounts import passwords
from storage.accounts.names import LONGEST_NAME, checked, folded
from storage.collaboration.rules import given
from storage.database import settings
from storage.database.connection import Database
from storage.engines.clock import now
from storage.engines.schema import AccountRow, SignInRow
from storage.errors import NotFoundError, RefusedError
from storage.permissions import Ability, Person, Role, needs

_LAST = "{name} is the only admin: make another one first."


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in; without a password only by the provider that vouches for them."""

    id: int
    name: str
    role: Role
    has_password: bool
    created_at: str

    @property
    def person(self) -> Person:
        return Person(self.name, self.role)


def exist(db: Database) -> bool:
    """Tell whether there is any account: then everybody signs in."""
    with db.read() as session:
        return session.scalar(select(AccountRow.id).limit(1)) is not None


def known(db: Database) -> list[Account]:
    """Return all accounts, by name."""
    with db.read() as session:
        rows = session.scalars(select(AccountRow).order_by(AccountRow.folded))
        return [read(row) for row in rows]


def find(db: Database, name: str) -> Account | None:
    """Return the account with a name, written in any case."""
    with db.read() as session:
        row = session.scalar(select(AccountRow).where(AccountRow.folded == folded(name)))
        return read(row) if row else None


def vouched_for(db: Database, address: str) -> Account | None:
    """Return the account whose name is an e-mail address that a provider vouches for.

    Spellings that make one name for people (U+212A for K, full width) are addresses of others.
    """
    found = find(db, address)
    return found if found and _in_small(found.name) == _in_small(address) else None


def _in_small(address: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in address)


@needs(Ability.ADMINISTER)
def add(db: Database, name: str, role: Role, password: str = "") -> Account:
    """Make an account; without a password it is for somebody whom an OIDC provider vouches for.

    The first account is an admin's. Raises InputError, RefusedError.
    """
    name = checked(name)
    kept = passwords.hash_of(password, name) if password else ""
    with db.write() as session:
        if session.scalar(select(AccountRow.id).where(AccountRow.folded == folded(name))):
            raise RefusedError(f"There is already an account named {name}.")
        if role is not Role.ADMIN and not _admins(session):
            raise RefusedError("The first account is an admin's: make that one first.")
        row = AccountRow(
            name=name, folded=folded(name), role=str(role), password=kept, created_at=now()
        )
        session.add(row)
        session.flush()
        return read(row)


@needs(Ability.ADMINISTER)
def remove(db: Database, name: str) -> None:
    """Take an account away, and end its sessions at once.

    The only admin stays while others are there; with the last account nobody is asked to sign
    in any more. What they labelled stays, under their name; what they were given and have not
    touched goes back to the others.
    """
    with db.write() as session:
        row = _required(session, name)
        others = session.scalar(select(func.count()).select_from(AccountRow)) or 0
        if others > 1 and row.role == Role.ADMIN and _admins(session) == 1:
            raise RefusedError(_LAST.format(name=row.name))
        session.delete(row)
        given.give_back(session, row.name)


@needs(Ability.ADMINISTER)
def set_role(db: Database, name: str, role: Role) -> Account:
    """Give an account another role, and end its sessions at once."""
    with db.write() as session:
        row = _required(session, name)
        if row.role == Role.ADMIN and role is not Role.ADMIN and _admins(session) == 1:
            raise RefusedError(_LAST.format(name=row.name))
        if row.role != role:
            row.role = str(role)
            _end_sessions(session, row.id)
        return read(row)


@needs(Ability.ADMINISTER)
def set_password(db: Database, name: str, password: str) -> None:
    """Give an account a new password, and end its sessions at once."""
    _put_password(db, name, password)


@needs(Ability.ADMINISTER)
def name_oneself(db: Database, name: str) -> None:
    """Choose the name that edits carry where nobody signs in. Raises InputError."""
    settings.put(db, "annotator", checked(name))


def change_password(db: Database, name: str, old: str, new: str) -> None:
    """Let somebody change their own password, who knows the old one; ends all their sessions."""
    if authenticate(db, name, old) is None:
        raise RefusedError("The present password is another one: nothing was changed.")
    _put_password(db, name, new)


def authenticate(db: Database, name: str, password: str) -> Account | None:
    """Return the account whose name and password these are.

    Takes as long where there is no such name, or one without a password.
    """
    with db.read() as session:
        row = session.scalar(select(AccountRow).where(AccountRow.folded == folded(name)))
        kept, account = (row.password, read(row)) if row else ("", None)
    if not passwords.fits(password, kept) or account is None:
        return None
    if passwords.is_outdated(kept) and db.barrier() is None:
        with db.write() as session:
            _required(session, name).password = passwords.anew(password)
    return account


def _put_password(db: Database, name: str, password: str) -> None:
    kept = passwords.hash_of(password, name)
    with db.write() as session:
        row = _required(session, name)
        row.password = kept
        _end_sessions(session, row.id)


def _end_sessions(session: Session, account_id: int) -> None:
    for row in session.scalars(select(SignInRow).where(SignInRow.account_id == account_id)):
        session.delete(row)


def _admins(session: Session) -> int:
    counted = select(func.count()).select_from(AccountRow).where(AccountRow.role == Role.ADMIN)
    return session.scalar(counted) or 0


def _required(session: Session, name: str) -> AccountRow:
    row = session.scalar(
        select(AccountRow).where(AccountRow.folded == folded(name)).with_for_update()
    )
    if row is None:
        raise NotFoundError(f"There is no account named {name[:LONGEST_NAME]}.")
    return row


def read(row: AccountRow) -> Account:
    """Return what a row of the table says."""
    return Account(row.id, row.name, Role(row.role), bool(row.password), row.created_at)
