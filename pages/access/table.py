"""What each page, route and upload asks of whoever comes: written once, read by the gates.

A page or route that is not listed here does not start.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.permissions import Ability

PAGES: dict[str, Ability] = {
    "home": Ability.READ,
    "data": Ability.EXCHANGE,
    "tag": Ability.LABEL,
    "guideline": Ability.READ,
    "talk": Ability.READ,
    "team": Ability.READ,
    "train": Ability.TRAIN,
    "report": Ability.READ,
    "compare": Ability.READ,
    "review": Ability.LABEL,
    "agreement": Ability.REVIEW,
    "notebook": Ability.READ,
    "adjudicate": Ability.REVIEW,
    "try": Ability.READ,
    "models": Ability.READ,
    "match": Ability.LABEL,
    "monitor": Ability.MANAGE,
    "settings": Ability.ADMINISTER,
    "account": Ability.READ,
}

# They show what anybody labelled, or where: closed to who is to label blind, and may not compare.
SHOWING_OTHERS = frozenset({"report", "compare", "review"})
ROUTES_SHOWING_OTHERS = frozenset({"similar", "visits"})

# By the name behind ``/api/``.
ROUTES: dict[str, Ability] = {
    "edits": Ability.LABEL,
    "undo": Ability.LABEL,
    "find": Ability.LABEL,
    "apply": Ability.LABEL,
    "alike": Ability.LABEL,
    "answer-alike": Ability.LABEL,
    "sure": Ability.LABEL,
    "answer-sure": Ability.LABEL,
    "labels": Ability.LABEL,
    "token": Ability.LABEL,
    "examples": Ability.GUIDE,
    "open": Ability.READ,
    "ahead": Ability.READ,
    "suggested": Ability.READ,
    "visits": Ability.READ,
    "similar": Ability.READ,
    "judge": Ability.LABEL,
    "talk": Ability.READ,
    "talk-say": Ability.LABEL,
    "talk-settle": Ability.LABEL,
    "adjudicate": Ability.REVIEW,
    "adjudicate/open": Ability.REVIEW,
    "adjudicate/example": Ability.REVIEW,
    "adjudicate/ask": Ability.REVIEW,
    # What they are for says what more is asked.
    "uploads/begin": Ability.READ,
    "uploads/list": Ability.READ,
    "uploads/remove": Ability.READ,
    "uploads/send": Ability.READ,
    "exports": Ability.EXCHANGE,
}


@dataclass(frozen=True, slots=True)
class Upload:
    """What is asked for an upload, and how large a file may be: None is as large as the disk."""

    needs: Ability
    most_bytes: int | None = None


MEGABYTE = 1_000_000
# By what it is for. Where there is a limit, the file is read into memory afterwards.
UPLOADS: dict[str, Upload] = {
    "import": Upload(Ability.EXCHANGE),
    "monitor": Upload(Ability.MANAGE, 1_000 * MEGABYTE),
    "catalogue": Upload(Ability.TRAIN, 200 * MEGABYTE),
    "match": Upload(Ability.LABEL, 50 * MEGABYTE),
    "try": Upload(Ability.READ, 50 * MEGABYTE),
}
