"""Whether other computers may reach a server of this home, and by which names of its own.

Kept in a small file of the home: a server whose database cannot be read starts by it, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from storage import files, home
from storage.atomic import replacing
from storage.errors import InputError, WhetstoneError
from storage.permissions import Ability, needs

FILE = "reach.json"
MOST = 20
LONGEST = 253
_PART = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_PART}(\.{_PART})*")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a server does at its next start: ``names`` are those that browsers may call it by."""

    others: bool = False
    names: tuple[str, ...] = ()


def read() -> Reach:
    """Return what was chosen; this computer alone where nothing was, or it cannot be read."""
    try:
        kept = json.loads((home.folder() / FILE).read_text("utf-8"))
        return Reach(kept["others"] is True, _checked(kept["names"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, WhetstoneError):
        # Open is only what somebody opened for certain.
        return Reach()


@needs(Ability.ADMINISTER)
def put(others: bool, names: Iterable[str]) -> Reach:
    """Keep a choice; raises InputError where a name is none."""
    chosen = Reach(others, _checked(names))
    path = home.folder() / FILE
    draft = path.with_name(f"{FILE}.draft")
    files.make_private(draft)
    with replacing(path, draft) as file:
        file.write(json.dumps(asdict(chosen)).encode())
    return chosen


def _checked(names: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(map(_name, names)))
    if len(found) > MOST:
        raise InputError(f"At most {MOST} names are kept.")
    return found


def _name(given: str) -> str:
    try:
        name = given.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    # With a wildcard, or a number for a name, a page of a stranger's could call itself so.
    if not _NAME.fullmatch(name) or len(name) > LONGEST or name.replace(".", "").isdigit():
        raise InputError(
            f"{given[:100]!r} is no name of a computer: write it as label.example.org, without "
            "https:// and without a port."
        )
    return name
