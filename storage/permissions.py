"""Who may do what, once: roles, what each may do, and who acts at this moment.

A computer that one person uses has no accounts: nobody is asked, everything is allowed. Where
accounts are kept, whoever acts is a `Person` with a role, and what a role may do stands in
`ROLES` and nowhere else. Pages and routes ask it before they show or answer anything; what
changes or starts something asks once more, at the function that does it (`needs`).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import ParamSpec, TypeVar

from storage.errors import ForbiddenError


class Ability(StrEnum):
    """Something that is allowed or not; the value says it in a sentence ("may not …")."""

    READ = "read documents, guidelines and reports"
    LABEL = "label and review documents"
    REVIEW = "compare what others labelled, and decide between them"
    GUIDE = "write guidelines, examples and lessons, or open and end rounds of the notebook"
    TRAIN = "start, stop or delete trainings and checks"
    EXCHANGE = "import or export documents"
    SERVE = "promote models, make API keys, or keep what served models are asked"
    MANAGE = "change projects, labels, catalogues and monitors"
    ADMINISTER = "change settings, users and backups"


class Role(StrEnum):
    """What a person is on a shared server, from the one who may most to the one who may least."""

    ADMIN = "admin"
    REVIEWER = "reviewer"
    ANNOTATOR = "annotator"


_LABELLING = frozenset({Ability.READ, Ability.LABEL})
ROLES: dict[Role, frozenset[Ability]] = {
    Role.ANNOTATOR: _LABELLING,
    Role.REVIEWER: _LABELLING | {Ability.REVIEW, Ability.GUIDE},
    Role.ADMIN: frozenset(Ability),
}
# For whoever chooses one.
IN_WORDS = {
    Role.ANNOTATOR: "Labels and reviews documents, reads everything, asks models.",
    Role.REVIEWER: "Also compares what others labelled, decides between them, deals documents "
    "out, writes guidelines, examples and lessons, and opens rounds of the notebook.",
    Role.ADMIN: "May do everything: also train, promote models, import and export, change "
    "projects, settings and who may sign in.",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever is signed in: the name that edits carry, and the role."""

    name: str
    role: Role

    def may(self, ability: Ability) -> bool:
        return ability in ROLES[self.role]


Asking = Callable[[], Person | None]
_acting: ContextVar[Person | None] = ContextVar("acting", default=None)
# Where pages run, who acts is found by the session of the page's browser.
_asking: list[Asking] = []


def ask_by(asking: Asking) -> None:
    """Let ``asking`` tell who acts where `acting_as` does not: None for nobody in particular.

    It raises ForbiddenError where somebody should have signed in and has not.
    """
    _asking[:] = [asking]


@contextmanager
def acting_as(person: Person | None) -> Iterator[None]:
    """Let everything in the block, and in threads that inherit its context, be done by one."""
    token = _acting.set(person)
    try:
        yield
    finally:
        _acting.reset(token)


def current() -> Person | None:
    """Return who acts: None for a computer's only user, the command line and the job runner."""
    return _acting.get() or next((asking() for asking in _asking), None)


def may(ability: Ability) -> bool:
    """Tell whether whoever acts may do something."""
    person = current()
    return person is None or person.may(ability)


def require(ability: Ability) -> None:
    """Raise ForbiddenError where whoever acts may not do something."""
    if refused := refusal(ability):
        raise ForbiddenError(refused)


def refusal(ability: Ability) -> str:
    """Return the sentence with which something is refused to whoever acts; "" where they may."""
    person = current()
    if person is None or person.may(ability):
        return ""
    return (
        f"You are signed in as {person.name}, {_an(person.role)}, who may not {ability}: ask "
        f"{' or '.join(map(_an, holders(ability)))}."
    )


def holders(ability: Ability) -> list[Role]:
    """Return the roles that may do something, the highest first."""
    return [role for role in Role if ability in ROLES[role]]


def _an(role: Role) -> str:
    return f"{'an' if role[0] in 'aeiou' else 'a'} {role}"


P = ParamSpec("P")
R = TypeVar("R")


_needed: dict[Callable[..., object], Ability] = {}


def needed(function: Callable[..., object]) -> Ability:
    """Return what a function that `needs` guards asks for."""
    return _needed[function]


def needs(ability: Ability) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function be called only by those who may do something."""

    def guarding(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            require(ability)
            return function(*args, **kwargs)

        _needed[guarded] = ability
        return guarded

    return guarding
