"""What each page and each route asks of whoever comes: written once, read by the gates.

A page or route that is not listed here does not start.
"""

from __future__ import annotations

from storage.permissions import Ability

PAGES: dict[str, Ability] = {
    "home": Ability.READ,
    "data": Ability.EXCHANGE,
    "tag": Ability.LABEL,
    "guideline": Ability.READ,
    "train": Ability.TRAIN,
    "report": Ability.READ,
    "compare": Ability.READ,
    "review": Ability.LABEL,
    "try": Ability.READ,
    "match": Ability.LABEL,
    "monitor": Ability.MANAGE,
    "settings": Ability.ADMINISTER,
    "account": Ability.READ,
}

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
    "open": Ability.READ,
    "ahead": Ability.READ,
    "visits": Ability.READ,
    "similar": Ability.READ,
    "judge": Ability.LABEL,
    "uploads/begin": Ability.EXCHANGE,
    "uploads/list": Ability.EXCHANGE,
    "uploads/remove": Ability.EXCHANGE,
    "uploads/send": Ability.EXCHANGE,
    "exports": Ability.EXCHANGE,
}
