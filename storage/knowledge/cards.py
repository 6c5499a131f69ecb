"""What people answer once for a project's data card and its models' cards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from storage.corpus.projects import required
from storage.corpus.validation import text as valid_text
from storage.database.connection import Database
from storage.errors import InputError
from storage.permissions import Ability, needs

LONGEST = 4_000
OTHER = "other"
# By the Hugging Face hub's names for them; of others a name is asked for.
LICENCES: Mapping[str, str] = {
    "cc0-1.0": "CC0 1.0 (public domain)",
    "cc-by-4.0": "CC BY 4.0",
    "cc-by-sa-4.0": "CC BY-SA 4.0",
    "cc-by-nc-4.0": "CC BY-NC 4.0",
    "cc-by-nc-sa-4.0": "CC BY-NC-SA 4.0",
    "odbl": "ODbL",
    "apache-2.0": "Apache 2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD 3-Clause",
    "gpl-3.0": "GPL 3.0",
    OTHER: "Another one, or none: named below",
}
# ISO 639-1 and 639-3.
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Answers:
    """Each is empty where nobody has answered."""

    licence: str = ""
    """One of ``LICENCES``."""
    licence_name: str = ""
    """What it is called, where it is another one."""
    language: str = ""
    """Codes of ISO 639, as "en, zh"."""
    intended: str = ""
    out_of_scope: str = ""
    source: str = ""
    """Where the texts come from, and who labelled them."""
    personal: str = ""
    """Which personal data is in them, and what was done about it."""

    @property
    def languages(self) -> list[str]:
        return list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", self.language.lower()))))


def answers(db: Database, project_id: int) -> Answers:
    """Return what was answered for a project; raises NotFoundError."""
    with db.read() as session:
        return _read(required(session, project_id).card or {})


@needs(Ability.MANAGE)
def answer(db: Database, project_id: int, given: Answers) -> Answers:
    """Store what was answered; raises InputError, NotFoundError."""
    kept = _checked(given)
    with db.write() as session:
        required(session, project_id).card = asdict(kept)
    return kept


def _read(found: Mapping[str, Any]) -> Answers:
    """Return answers as far as this version knows the questions."""
    known = {each.name for each in fields(Answers)}
    return Answers(**{k: v for k, v in found.items() if k in known and isinstance(v, str)})


def _checked(given: Answers) -> Answers:
    values = {name: valid_text(text.strip(), "The answer") for name, text in asdict(given).items()}
    if long := [text for text in values.values() if len(text) > LONGEST]:
        raise InputError(f"An answer has {len(long[0]):,} characters: use {LONGEST:,} or fewer.")
    found = Answers(**values)
    if found.licence and found.licence not in LICENCES:
        raise InputError(f"No licence is called {found.licence!r}: choose one of the list.")
    if found.licence == OTHER and not found.licence_name:
        raise InputError("Say what the licence is called, or that there is none.")
    if wrong := [code for code in found.languages if not _LANGUAGE.fullmatch(code)]:
        raise InputError(
            f"{wrong[0]!r} is no code of a language: use those of ISO 639, such as en or zh."
        )
    return found
