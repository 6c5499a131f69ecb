"""``health``: how the store is, for people and for whatever watches a server."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from engine.commands.common.terminal import AsJson, answer
from storage.backups import checking, copies, loss
from storage.database.connection import file_of
from storage.health import findings, state
from storage.health.findings import Finding, Level
from storage.health.state import Health


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command("health")(health)


def health(
    check: Annotated[
        bool, typer.Option("--check", help="First read the whole database, and the newest backup.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say how the database, its disk and its backups are; exit with 1 where something is wrong."""
    if check:
        _check()
    looked = state.look()
    found = findings.of(looked)
    answer(_payload(looked, found), as_json, _text(looked, found))
    if findings.worst(found) is Level.ERROR:
        raise typer.Exit(1)


def _check() -> None:
    """Read through what there is; what is found is kept, and told with all the rest."""
    path = file_of()
    if path is None or not path.exists():
        return
    loss.look(path)
    checking.full(path)
    newest = next((each for each in copies.known(path) if each.kind != copies.ASIDE), None)
    if newest:
        copies.check(path, newest)


def _payload(health: Health, found: list[Finding]) -> dict[str, Any]:
    backup, verified = health.backup, health.verified
    return {
        "state": str(findings.worst(found)),
        "findings": [
            {"level": str(each.level), "about": each.about, "sentence": each.sentence}
            for each in found
        ],
        "database": health.place,
        "engine": health.engine,
        "version": health.version,
        "schema": health.revision,
        "newest_schema": health.newest,
        "bytes": asdict(health.sizes),
        "filesystem": health.filesystem,
        "checked": health.checked and asdict(health.checked),
        "backup": backup
        and {
            "name": backup.name,
            "kind": backup.kind,
            "at": backup.at.isoformat(),
            "bytes": backup.size,
            "verified": verified and asdict(verified),
        },
        "holders": health.holders and [asdict(each) for each in health.holders],
    }


def _text(health: Health, found: list[Finding]) -> str:
    sizes = health.sizes
    room = {
        "database": sizes.database,
        "log": sizes.log,
        "runs": sizes.runs,
        "backups": sizes.backups,
        "set aside": sizes.set_aside,
        "free": sizes.free,
    }
    lines = [f"{each.level:<8}{each.about}: {each.sentence}" for each in found]
    lines.append(f"{health.engine} {health.version}, {health.place}")
    lines.append(", ".join(f"{name} {findings.told(size)}" for name, size in room.items()))
    for each in health.holders or ():
        lines.append(f"process {each.process} {', '.join(each.roles)}: {each.name}")
    return "\n".join(lines)
