"""What the state of the store means: sentences, each with what to do where something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from storage.health import versions
from storage.health.state import POSTGRES, SQLITE, Health

# Below this nothing is safe to begin; below the other a backup or a run may not find room.
LEAST, SCARCE = 200_000_000, 2_000_000_000
LONG_LOG = 256 * 2**20
DAY = timedelta(days=1)
NETWORKS = ("nfs", "cifs", "smb", "9p", "afs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "davfs")


class Level(StrEnum):
    """How much a finding matters."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about the store, in a sentence or two."""

    level: Level
    about: str
    sentence: str


def of(health: Health, now: datetime | None = None) -> list[Finding]:
    """Return what there is to say, the worst first."""
    now = now or datetime.now(UTC)
    parts = [_problem(health), _version(health), _schema(health), _space(health)]
    if health.engine == SQLITE:
        parts += [_check(health), _backup(health, now), _network(health), _log(health)]
    order = list(Level)[::-1]
    return sorted((each for part in parts for each in part), key=lambda one: order.index(one.level))


def worst(found: list[Finding]) -> Level:
    """Return how bad the worst of them is."""
    return found[0].level if found else Level.GOOD


def _problem(health: Health) -> Iterator[Finding]:
    if health.problem:
        yield Finding(Level.ERROR, "Database", health.problem)


def _version(health: Health) -> Iterator[Finding]:
    if health.engine == POSTGRES:
        return
    known = tuple(int(part) for part in health.version.split("."))
    if versions.has_reset_bug(known):
        yield Finding(
            Level.NOTE,
            "SQLite",
            f"Version {health.version} has the WAL-reset bug, which can damage a file that two "
            "programs write at a time (mended in 3.51.3, 3.50.7 and 3.44.6). Whetstone is clear of "
            "it: one process at a time writes or empties the log, pages and commands alike. Let "
            "no other program write into the file.",
        )
    else:
        yield Finding(Level.GOOD, "SQLite", f"Version {health.version} has no WAL-reset bug.")


def _schema(health: Health) -> Iterator[Finding]:
    if health.problem:
        return
    if health.revision is None:
        yield Finding(
            Level.NOTE, "Schema", "There is no database yet: it is made at the next start."
        )
    elif health.revision != health.newest:
        yield Finding(
            Level.NOTE,
            "Schema",
            f"The database is of an older version (schema {health.revision}): it is brought up to "
            f"{health.newest} when Whetstone is started next, after a backup.",
        )
    else:
        yield Finding(Level.GOOD, "Schema", f"{health.revision}, as this version makes it.")


def _space(health: Health) -> Iterator[Finding]:
    free, needed = health.sizes.free, health.sizes.database + health.sizes.log
    there = f"{told(free)} are free on the disk of the home folder"
    if free < LEAST:
        yield Finding(
            Level.ERROR,
            "Space",
            f"{there}: free some space now, or edits and runs cannot be saved. Old backups and "
            "runs can be deleted here and on Train.",
        )
    elif free < max(SCARCE, 2 * needed):
        yield Finding(
            Level.WARNING,
            "Space",
            f"{there}, and the database takes {told(needed)}: free some space, or a backup or a "
            "run will soon find no room.",
        )
    else:
        yield Finding(Level.GOOD, "Space", f"{there}.")


def _check(health: Health) -> Iterator[Finding]:
    checked = health.checked
    if not health.sizes.database:
        return
    if checked is None:
        sentence = "The whole database was not read through yet: check it once in a while."
        yield Finding(Level.NOTE, "Check", sentence)
    elif checked.complaint:
        yield Finding(
            Level.ERROR,
            "Check",
            f"The last check found damage ({checked.complaint}): restore a backup, which keeps "
            "the present file aside.",
        )
    else:
        yield Finding(Level.GOOD, "Check", "The last check found the database whole.")


def _backup(health: Health, now: datetime) -> Iterator[Finding]:
    backup, verified = health.backup, health.verified
    if backup is None:
        sentence = "There is no backup yet: one is made by itself each day, or make one now."
        yield Finding(Level.NOTE, "Backup", sentence)
    elif verified and verified.complaint:
        sentence = f"The newest backup is damaged ({verified.complaint}): make another one now."
        yield Finding(Level.ERROR, "Backup", sentence)
    elif health.changed_since and now - backup.at > 2 * DAY:
        yield Finding(
            Level.WARNING,
            "Backup",
            f"The newest backup is {(now - backup.at).days} days old, and the database was changed "
            "since: make one now, which says what was in the way.",
        )
    elif verified is None:
        sentence = "The newest backup was made by an earlier version, and not read back: check it."
        yield Finding(Level.NOTE, "Backup", sentence)
    else:
        yield Finding(Level.GOOD, "Backup", "The newest backup was read back and is whole.")


def _network(health: Health) -> Iterator[Finding]:
    if health.filesystem.lower().startswith(NETWORKS):
        yield Finding(
            Level.WARNING,
            "Folder",
            f"The database lies on a network folder ({health.filesystem}), where locks may not "
            "hold: move the home folder to a disk of this computer (WHETSTONE_HOME).",
        )


def _log(health: Health) -> Iterator[Finding]:
    if health.loss:
        yield Finding(Level.WARNING, "Log", health.loss)
        return
    if health.sizes.log > LONG_LOG:
        yield Finding(
            Level.NOTE,
            "Log",
            f"The log beside the database has grown to {told(health.sizes.log)}: somebody has been "
            "reading for long. It is emptied with an edit once no other program has it open.",
        )


def told(size: int) -> str:
    """Name a number of bytes for a person."""
    for unit, least in (("GB", 1e9), ("MB", 1e6)):
        if size >= least:
            return f"{size / least:,.1f} {unit}"
    return f"{size / 1e3:,.0f} kB"
