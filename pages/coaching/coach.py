"""The coach beside people who tag: kept at work, how far it is, what is suggested now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from engine.coach.registry import coaches
from pages.coaching import changes
from storage.coaching import choices, coach_run, makers
from storage.collaboration import assignments
from storage.collaboration.rules.withholding import Withheld
from storage.database.store import database
from storage.journal import wire
from storage.runs import suggestions
from storage.runs.suggestions import Suggestions

WITHHELD = {
    Withheld.BARE: "No suggestions: you start from the text alone.",
    Withheld.LEARNED: "No suggestions: what models say here may come from what others labelled.",
}
# So many documents that come next are told.
REACH = 20


def look(project: int, coming: Sequence[int] = ()) -> None:
    """Have a project's coach at work, where it is switched on, and say what comes next."""
    if choices.of(database(), project).on:
        coaches.look(project, coming[:REACH])


def keep(project: int) -> None:
    """Say that people go on labelling, to a coach that is at work already."""
    if coaches.process(project) is not None:
        coaches.look(project)


def renew(project: int) -> None:
    """Say that labels change, wherever that is: what leaned on them is renewed.

    A coach that has suggested something before is begun again for that.
    """
    if coaches.process(project) is not None:
        coaches.look(project)
    elif coaches.serving and coach_run.find(database(), project) is not None:
        look(project)
    changes.look(project)


def standing(project: int) -> dict[str, Any] | None:
    """Return how far a project's coach is; None where this server has none at all."""
    if not coaches.serving:
        return None
    if not choices.of(database(), project).on:
        return {"on": False}
    state = coaches.state(project)
    return {
        "on": True,
        "phase": str(state.phase),
        "entry": state.entry,
        "documents": state.documents,
        "revision": state.revision,
        "mended": state.mended,
        "changed": state.changed,
        "lists": list(state.asked.lists),
        "earlier": state.asked.earlier,
    }


def known(standing: Mapping[str, Any] | None) -> int:
    """Return the newest entry of the journal that a coach has learned, as far as it is."""
    return standing.get("entry", 0) if standing else 0


def withheld(ids: Iterable[int], annotator: str) -> dict[int, str]:
    """Return the documents of which somebody is told no suggestions, and why, in a sentence."""
    found = assignments.withheld(database(), ids, annotator)
    return {id: WITHHELD[why] for id, why in found.items()}


def told(ids: Iterable[int], annotator: str) -> tuple[dict[int, dict[str, Any]], dict[int, str]]:
    """Return what somebody may be told of what models say, as it travels; and what is withheld."""
    ids = list(ids)
    kept = withheld(ids, annotator)
    return described(_of_others(ids, kept)), kept


def shown(ids: Iterable[int], annotator: str) -> dict[int, Suggestions]:
    """Return what models say of those documents of which somebody may be told suggestions."""
    ids = list(ids)
    return _of_others(ids, withheld(ids, annotator))


def said(ids: Iterable[int], annotator: str) -> dict[int, dict[str, Any]]:
    """Return what somebody may be told of what models say, as it travels."""
    return told(ids, annotator)[0]


def _of_others(ids: Iterable[int], kept: Collection[int]) -> dict[int, Suggestions]:
    return suggestions.of_documents(database(), [id for id in ids if id not in kept])


def described(found: Mapping[int, Suggestions]) -> dict[int, dict[str, Any]]:
    """Return suggestions as they travel, with the name of who made them."""
    runs = {run for each in found.values() for run in (each.run, *each.by)}
    names = makers.names(database(), runs)
    return {id: _described(each, names) for id, each in found.items()}


def _described(said: Suggestions, names: Mapping[int, str]) -> dict[str, Any]:
    own = makers.revised(names[said.run], said.revision)
    by = [own if run == said.run else names[run] for run in said.by]
    return wire.suggestions(said.run, said.spans, said.guesses, own, by)
