"""What an edit means, without a database: the only place that decides whether one is good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from storage.errors import RefusedError
from storage.journal.checks import Operation, is_short, is_whole, status_of
from storage.journal.operations import check_taken, kind_of
from storage.journal.state import Rules, State

COMMON_FIELDS = ("seq", "base_revision", "kind", "at", "undoes", "redoes", "status")


def clean(operation: Operation) -> dict[str, Any]:
    """Return an operation with the fields that its kind has and no others.

    Raises RefusedError where a field that every operation has is not what it should be.
    """
    own = kind_of(operation).clean(operation)
    base = operation.get("base_revision")
    if not is_whole(base) or base < 0:
        raise RefusedError("The edit does not say what it was made on: reload the page.")
    for key in ("at", "undoes", "redoes"):
        if operation.get(key) is not None and not is_short(operation[key]):
            raise RefusedError(f"The edit's field {key!a} is not a short text: reload the page.")
    fields = {key: operation[key] for key in COMMON_FIELDS if key in operation}
    return fields | own


def apply(state: State, operation: Operation, rules: Rules) -> tuple[State, dict[str, Any]]:
    """Return the state after an operation, and the operation that takes it back.

    The inverse has no ``seq`` and no ``base_revision``; whoever sends it adds them.
    Raises RefusedError with the reason where the edit would damage data.
    """
    kind = kind_of(operation)
    check_taken(kind, rules)
    after, inverse = kind.apply(state, operation, rules)
    # The old status is always named, so that taking back is exact whatever the defaults say.
    inverse = inverse | {"status": str(state.status)}
    status = status_of(operation, state.status)
    return replace(after, revision=state.revision + 1, status=status), inverse


def still_stands(state: State, operation: Operation) -> bool:
    """Tell whether what an operation did is as it left it: only then may it be taken back late."""
    return kind_of(operation).stands(state, operation)


def describe(
    operation: Operation, inverse: Operation, span: Mapping[str, Any] | None = None
) -> str:
    """Say in words what an operation did, from it and the one that takes it back.

    ``span`` has the label and the quote of the span that it names, where they are known.
    """
    said = operation.get("span") or inverse.get("span") or operation
    return kind_of(operation).words({**(span or {}), **said}, operation)
