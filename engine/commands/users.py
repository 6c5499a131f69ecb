"""``users``: who may sign in on a shared server. Passwords are typed or piped, never arguments."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, answer
from storage.accounts import accounts
from storage.accounts.accounts import Account
from storage.errors import InputError
from storage.permissions import IN_WORDS, Role

Name = Annotated[str, typer.Argument(help="What the person is called: edits carry the name.")]
ROLES = "\n\n".join(f"{role}: {IN_WORDS[role]}" for role in reversed(Role))
RoleOption = Annotated[Role, typer.Option("--role", help="What the person may do, see below.")]
Piped = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]
ByProvider = Annotated[
    bool,
    typer.Option("--oidc", help="No password: the provider in .streamlit/secrets.toml vouches."),
]
users = typer.Typer(no_args_is_help=True, help="Who may sign in: with the first, all must.")


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(users, name="users")


@users.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List the accounts."""
    with opened() as db:
        known = accounts.known(db)
    lines = [f"{each.name}  {each.role}{'' if each.has_password else '  (OIDC)'}" for each in known]
    text = "\n".join(lines) or "There is no account: nobody is asked to sign in."
    answer({"users": [_told(each) for each in known]}, as_json, text)


@users.command("add", epilog=ROLES)
def add(
    name: Name,
    role: RoleOption = Role.ANNOTATOR,
    oidc: ByProvider = False,
    piped: Piped = False,
    as_json: AsJson = False,
) -> None:
    """Make an account. The first one is an admin's, and from then on everybody signs in."""
    with opened() as db:
        password = "" if oidc else _password(piped)
        made = accounts.add(db, name, role, password)
    answer(_told(made), as_json, f"{made.name} may sign in as {made.role}.")


@users.command("remove")
def remove(name: Name, as_json: AsJson = False) -> None:
    """Take an account away and end its sessions at once; what it labelled stays."""
    with opened() as db:
        accounts.remove(db, name)
        left = accounts.exist(db)
    more = "" if left else " Nobody is left: nobody is asked to sign in any more."
    answer({"removed": name}, as_json, f"{name} may not sign in any more.{more}")


@users.command("password")
def password(name: Name, piped: Piped = False, as_json: AsJson = False) -> None:
    """Give an account a new password and end its sessions at once."""
    with opened() as db:
        accounts.set_password(db, name, _password(piped))
    answer({"name": name}, as_json, f"{name} has a new password.")


@users.command("role", epilog=ROLES)
def role(
    name: Name, new: Annotated[Role, typer.Argument(help="The role.")], as_json: AsJson = False
) -> None:
    """Give an account another role and end its sessions at once."""
    with opened() as db:
        changed = accounts.set_role(db, name, new)
    answer(_told(changed), as_json, f"{changed.name} signs in as {changed.role} from now on.")


def _password(piped: bool) -> str:
    """Return a password that is piped or typed twice; on a terminal nothing of it is shown."""
    if piped:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise InputError("Nobody is there to type a password: pipe it with --password-stdin.")
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True)


def _told(account: Account) -> dict[str, str]:
    return {"name": account.name, "role": str(account.role), "made": account.created_at}
