"""``keys``: who may ask a project's served model."""

from __future__ import annotations

from typing import Annotated

import typer

from engine.commands.common.opening import opened
from engine.commands.common.options import find
from engine.commands.common.terminal import AsJson, ProjectName, answer, note
from storage.errors import NotFoundError
from storage.serving import keys as stored
from storage.serving.keys import ApiKey

keys = typer.Typer(no_args_is_help=True, help="API keys of a project's served model.")


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(keys, name="keys")


@keys.command("add")
def add(
    project: ProjectName,
    name: Annotated[str, typer.Argument(help="Whose it is, or what for.")],
    as_json: AsJson = False,
) -> None:
    """Make a key and print its secret, this once."""
    with opened() as db:
        made, secret = stored.issue(db, find(db, project).id, name)
    note("Keep it: nothing here can tell it again. From now on nobody asks without a key.")
    answer(_row(made) | {"secret": secret}, as_json, secret)


@keys.command("list")
def list_all(project: ProjectName, as_json: AsJson = False) -> None:
    """List a project's keys, the newest first."""
    with opened() as db:
        found = stored.list_keys(db, find(db, project).id)
    lines = "\n".join(map(_line, found))
    answer({"keys": [_row(each) for each in found]}, as_json, lines or "There is no key.")


@keys.command("revoke")
def revoke(
    project: ProjectName,
    key: Annotated[int, typer.Argument(help="Its number in the list.")],
    as_json: AsJson = False,
) -> None:
    """Let a key open nothing any more. Without a key the service stays closed all the same."""
    with opened() as db:
        own = {each.id for each in stored.list_keys(db, find(db, project).id)}
        if key not in own:
            raise NotFoundError(f"The project {project!r} has no key {key}: see keys list.")
        gone = stored.revoke(db, key)
    answer(_row(gone), as_json, f"The key {gone.name!r} is revoked.")


def _row(key: ApiKey) -> dict[str, object]:
    return {
        "key": key.id,
        "name": key.name,
        "start": key.start,
        "by": key.made_by,
        "at": key.made_at,
        "used_at": key.used_at,
        "revoked_at": key.revoked_at,
    }


def _line(key: ApiKey) -> str:
    state = "revoked" if key.revoked_at else f"used {key.used_at[:16]}" if key.used_at else "new"
    return f"{key.id:>5}  {key.start}…  {state:<21}  {key.name}"
