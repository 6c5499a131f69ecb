"""The kinds of edit, one class each: its fields, when it is good, what it does, and its words.

Nothing else knows what an edit of some kind does. The tagger paints an edit before the server
has it and repeats what it needs for that (pages/tagger/document/annotation.js); both are held to
one file of cases, tests/fixtures/edits.json.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from storage.errors import RefusedError
from storage.journal import checks, wire
from storage.journal.checks import SPAN_FIELDS, Operation
from storage.journal.spans import existing, key, put
from storage.journal.state import Rejected, Rules, State

LARGEST_BATCH = 5_000
LONGEST_QUOTE = 40
Step = tuple[State, dict[str, Any]]


class Kind(ABC):
    """A kind of edit. ``fields`` are those it has beside the ones of every edit."""

    name: ClassVar[str]
    fields: ClassVar[tuple[str, ...]] = ()

    def clean(self, operation: Operation) -> dict[str, Any]:
        """Return the fields of this kind that were sent; raises RefusedError."""
        return {key: operation[key] for key in self.fields if key in operation}

    @abstractmethod
    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        """Return the state after an edit and the edit that takes it back; raises RefusedError."""

    def stands(self, state: State, operation: Operation) -> bool:
        """Tell whether what an edit did is as it left it."""
        return True

    @abstractmethod
    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        """Say what an edit did; ``about`` has the label and the quote, where they are known."""


class Add(Kind):
    name = "add"
    fields = ("span",)

    def clean(self, operation: Operation) -> dict[str, Any]:
        own = super().clean(operation)
        if isinstance(span := own.get("span"), Mapping):
            own["span"] = {key: span[key] for key in SPAN_FIELDS if key in span}
        return own

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        span = checks.span_of(operation.get("span"), rules)
        if span.id in state.spans:
            raise RefusedError("This label is there already: nothing was changed.")
        return put(state, span, rules), {"kind": "remove", "id": span.id}

    def stands(self, state: State, operation: Operation) -> bool:
        made = operation["span"]
        span = state.spans.get(made.get("id"))
        return span is not None and key(span) == (made["start"], made["end"], made["label"])

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        return labelled(about)


class Remove(Kind):
    name = "remove"
    fields = ("id",)

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        span = existing(state, operation)
        spans = {id: other for id, other in state.spans.items() if id != span.id}
        inverse = {"kind": "add", "span": wire.quoted_span(span, rules.text)}
        return replace(state, spans=spans), inverse

    def stands(self, state: State, operation: Operation) -> bool:
        return operation.get("id") not in state.spans

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        return f"deleting {labelled(about)}"


class Relabel(Kind):
    name = "relabel"
    fields = ("id", "label")

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        span = existing(state, operation)
        changed = replace(span, label=checks.label_of(operation, rules))
        inverse = {"kind": "relabel", "id": span.id, "label": span.label}
        return put(state, changed, rules), inverse

    def stands(self, state: State, operation: Operation) -> bool:
        span = state.spans.get(operation.get("id", ""))
        return span is not None and span.label == operation["label"]

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        return labelled(about)


class Move(Kind):
    name = "move"
    fields = ("id", "start", "end", "quote")

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        span = existing(state, operation)
        start, end = checks.range_of(operation, rules)
        back = {"id": span.id, "start": span.start, "end": span.end}
        inverse = {"kind": "move", **back, "quote": rules.text[span.start : span.end]}
        return put(state, replace(span, start=start, end=end), rules), inverse

    def stands(self, state: State, operation: Operation) -> bool:
        span = state.spans.get(operation.get("id", ""))
        return span is not None and key(span)[:2] == (operation["start"], operation["end"])

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        whose = f"a border of {about['label']}" if about.get("label") else "a border"
        return labelled({**about, "label": whose})


class _Judgement(Kind):
    """What a person thinks of a labelled place: noted in one of the state's sets, or taken back."""

    fields = ("label", "start", "end", "quote")
    held: ClassVar[str]
    notes: ClassVar[bool]
    opposite: ClassVar[str]
    refusal: ClassVar[str]
    verb: ClassVar[str]

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        place, named = suggestion(operation, rules)
        judged: frozenset[Rejected] = getattr(state, self.held)
        if (place in judged) == self.notes:
            raise RefusedError(self.refusal)
        after: dict[str, Any] = {self.held: judged ^ {place}}
        return replace(state, **after), {"kind": self.opposite, **named}

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        return f"{self.verb} {labelled(about)}"


class Reject(_Judgement):
    name, opposite, held, notes = "reject", "unreject", "rejected", True
    refusal = "This suggestion is rejected already: nothing was changed."
    verb = "rejecting"


class Unreject(_Judgement):
    name, opposite, held, notes = "unreject", "reject", "rejected", False
    refusal = "This suggestion is not rejected any more: nothing was changed."
    verb = "no longer rejecting"


class Confirm(_Judgement):
    name, opposite, held, notes = "confirm", "unconfirm", "confirmed", True
    refusal = "This mark is confirmed already: nothing was changed."
    verb = "confirming"


class Unconfirm(_Judgement):
    name, opposite, held, notes = "unconfirm", "confirm", "confirmed", False
    refusal = "This mark is not confirmed any more: nothing was changed."
    verb = "no longer confirming"


class Flag(Kind):
    name = "flag"
    fields = ("flagged",)

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        after = replace(state, flagged=checks.flag_of(operation))
        return after, {"kind": "flag", "flagged": state.flagged}

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        return "the flag"


class Comment(Kind):
    name = "comment"
    fields = ("comment",)

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        after = replace(state, comment=checks.comment_of(operation))
        return after, {"kind": "comment", "comment": state.comment}

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        return "the comment"


class SetStatus(Kind):
    """Every edit may carry a status, and the one before is in every inverse; this has no more."""

    name = "status"

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        if "status" not in operation:
            raise RefusedError("The edit names no status: reload the page.")
        return state, {"kind": "status"}

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        return f"the status “{operation['status']}”"


class Batch(Kind):
    """Several edits as one step: all or none."""

    name = "batch"
    fields = ("operations",)

    def clean(self, operation: Operation) -> dict[str, Any]:
        if "operations" not in operation:
            return {}
        parts = [(part, self._kind(part)) for part in self._parts(operation)]
        return {"operations": [{"kind": k.name, **k.clean(part)} for part, k in parts]}

    def apply(self, state: State, operation: Operation, rules: Rules) -> Step:
        inverses = []
        for part in self._parts(operation):
            kind = self._kind(part)
            check_taken(kind, rules)
            state, inverse = kind.apply(state, part, rules)
            inverses.append(inverse)
        return state, {"kind": "batch", "operations": inverses[::-1]}

    def words(self, about: Mapping[str, Any], operation: Operation) -> str:
        count = len(operation["operations"])
        return f"{count:,} edits at once" if count > 1 else "an edit"

    def _parts(self, operation: Operation) -> list[Operation]:
        parts = operation.get("operations")
        if not isinstance(parts, list) or not 1 <= len(parts) <= LARGEST_BATCH:
            raise RefusedError(
                f"A step holds 1 to {LARGEST_BATCH:,} edits: do it in several steps."
            )
        return parts

    def _kind(self, part: Any) -> Kind:
        kind = kind_of(part)
        if kind is self:
            raise RefusedError("A step cannot hold another one: reload the page.")
        return kind


_MARKS = (Add, Remove, Relabel, Move)
_JUDGEMENTS = (Reject, Unreject, Confirm, Unconfirm)
_ALL = (*_MARKS, *_JUDGEMENTS, Flag, Comment, SetStatus, Batch)
KINDS: Mapping[str, Kind] = {kind.name: kind() for kind in _ALL}


def kind_of(operation: Any) -> Kind:
    """Return what kind of edit an operation is; raises RefusedError where there is none such."""
    name = operation.get("kind") if isinstance(operation, Mapping) else None
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise RefusedError(f"There is no edit called {name!a}: reload the page.")
    return kind


def check_taken(kind: Kind, rules: Rules) -> None:
    """Raise RefusedError where a project's task takes no edits of a kind."""
    if kind.name == Batch.name or rules.edits is None or kind.name in rules.edits:
        return
    raise RefusedError(f"Documents of this project take no edit called '{kind.name}'.")


def suggestion(operation: Operation, rules: Rules) -> tuple[Rejected, dict[str, Any]]:
    """Return the place and label that are judged, and the same as fields; raises RefusedError."""
    start, end = checks.range_of(operation, rules)
    label = checks.label_of(operation, rules)
    named = {"start": start, "end": end, "label": label, "quote": rules.text[start:end]}
    return (start, end, label), named


def labelled(about: Mapping[str, Any]) -> str:
    """Say which label stands on which words, as far as that is known."""
    label, quote = about.get("label", ""), about.get("quote")
    if not quote:
        return label
    clipped = quote if len(quote) <= LONGEST_QUOTE else quote[: LONGEST_QUOTE - 1] + "…"
    return f"{label} on “{clipped}”"
