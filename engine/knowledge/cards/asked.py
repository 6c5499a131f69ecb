"""What people were asked for a project's cards, in the words and under the names of cards."""

from __future__ import annotations

from typing import Any

from storage.knowledge.cards import LICENCES, OTHER, Answers

Asked = tuple[tuple[str, str], ...]


def sections(given: Answers) -> Asked:
    """Return each question's title with its answer, "" where there is none."""
    licence = given.licence_name if given.licence == OTHER else LICENCES.get(given.licence, "")
    return (
        ("Intended use", given.intended),
        ("Out of scope", given.out_of_scope),
        ("Where the texts come from", given.source),
        ("Personal data", given.personal),
        ("Language", ", ".join(given.languages)),
        ("Licence", licence),
    )


def front(given: Answers) -> dict[str, Any]:
    """Return what the hub's metadata block says of the answers; nothing of what is unanswered."""
    found: dict[str, Any] = {}
    if given.licence:
        found["license"] = given.licence
    if given.licence == OTHER:
        found["license_name"] = given.licence_name
    if given.languages:
        found["language"] = given.languages
    return found
