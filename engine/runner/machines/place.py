"""Where this machine sees the folders of runs. Machines share work only where that is one place."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from engine.launchers import store
from storage import home
from storage.database import settings
from storage.database.connection import Database
from storage.machines.machines import Machine

FILE, SETTING = "place.id", "place"
ELSEWHERE = (
    "It sees another home folder than {name}, which serves this database already: set "
    "WHETSTONE_HOME to the folder that the machines share, or WHETSTONE_STORE to a storage that "
    "all of them reach."
)


def here() -> str:
    """Name the place where run folders lie, the same on every machine that sees it.

    Raises TrainingError where WHETSTONE_STORE is no URL.
    """
    if url := store.chosen():
        return url
    path = home.folder() / FILE
    if not path.exists():
        # Two machines that begin at once must agree: one of the two names wins.
        draft = path.with_name(f"{FILE}.{uuid.uuid4().hex}")
        draft.write_text(uuid.uuid4().hex, encoding="utf-8")
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()


def trouble(db: Database, own: str, where: str, known: Iterable[Machine]) -> str:
    """Say why a machine may not serve: others do, and see another place; empty where it may.

    Where nobody is left at the place of before, this one is the home's from now on.
    """
    agreed = settings.get(db, SETTING)
    if agreed == where:
        return ""
    living = (one for one in known if one.id != own and not one.silent and one.place == agreed)
    if first := next(living, None):
        return ELSEWHERE.format(name=first.name)
    settings.put(db, SETTING, where)
    return ""
