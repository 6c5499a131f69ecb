"""``backup`` and ``restore``: copies of the database, and going back to one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.commands.common.opening import own_file
from engine.commands.common.terminal import AsJson, answer
from engine.system import shell
from storage.backups import copies, restoring
from storage.backups.copies import Backup
from storage.database.connection import Database
from storage.errors import InputError, NotFoundError

# What a message about a damaged or emptied database means in a shell.
WAY_OUT = f"{shell.ENGINE} restore, or restore --anew"
LOCAL = "%Y-%m-%d %H:%M"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("backup")(back_up)
    app.command("restore")(restore)


def back_up(
    listing: Annotated[bool, typer.Option("--list", help="Only list those there are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Copy the database into the folder of backups; it may be in use."""
    path = own_file()
    made = None if listing else copies.make(path, copies.ASKED)
    known = copies.known(path)
    rows = [_row(backup) for backup in known]
    text = "\n".join(_line(backup) for backup in known) if listing else f"The backup is {made}."
    payload = {"backups": rows} if listing else {"backup": rows[0]["name"], "path": str(made)}
    answer(payload, as_json, text or "There is no backup yet.")


def restore(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="From backup --list, or a file. Else the newest")
    ] = "",
    anew: Annotated[
        bool, typer.Option("--anew", help="Go back to none: make a database that was emptied anew.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Go back to a backup; the present database is kept aside."""
    path = own_file()
    if anew:
        Database.open(anew=True).close()
        answer({"made": str(path)}, as_json, f"{path} is a database, with nothing in it.")
        return
    chosen = _chosen(path, name)
    if not yes:
        _confirm(path, chosen, as_json)
    source = chosen.path if isinstance(chosen, Backup) else chosen
    aside = restoring.restore(path, source)
    payload = {"restored": str(source), "aside": str(aside)}
    answer(payload, as_json, f"Restored {source}. What was there before lies in {aside}.")


def _chosen(path: Path, name: str) -> Backup | Path:
    """Return the backup of this name, the newest whole one where there is none given."""
    if name and Path(name).is_file():
        return Path(name)
    if name:
        return copies.find(path, name)
    # What a restore put aside was not meant to be gone back to.
    own = [backup for backup in copies.known(path) if backup.kind != copies.ASIDE]
    whole = next((backup for backup in own if not copies.check(path, backup)), None)
    if whole is None:
        raise NotFoundError(f"There is no backup of {path} yet.")
    return whole


def _confirm(path: Path, chosen: Backup | Path, as_json: bool) -> None:
    there = _line(chosen) if isinstance(chosen, Backup) else str(chosen)
    now = _held(copies.present(path))
    question = f"Go back to {there}? The database has {now} now; it is kept aside."
    if as_json:
        raise InputError(f"{question} Say --yes to do it.")
    typer.confirm(question, abort=True, err=True)


def _row(backup: Backup) -> dict:
    held = copies.counts(backup)
    return {
        "name": backup.name,
        "kind": backup.kind,
        "at": backup.at.isoformat(),
        "bytes": backup.size,
        "documents": held and held.documents,
        "edits": held and held.edits,
    }


def _line(backup: Backup) -> str:
    at = backup.at.astimezone().strftime(LOCAL)
    return f"{backup.name}  {at}  {_held(copies.counts(backup))}"


def _held(held: copies.Counts | None) -> str:
    if held is None:
        return "nothing that can be read (damaged)"
    documents, edits = held.documents, held.edits
    return (
        f"{documents:,} document{'' if documents == 1 else 's'} and "
        f"{edits:,} edit{'' if edits == 1 else 's'}"
    )
