"""What people sent and were told: saves, how long everything took, what was not answered well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

SAVED, DUPLICATE = "saved", "duplicate"


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit that the server said it has."""

    annotator: str
    document: int
    client: str
    operation: Mapping[str, Any]
    revision: int

    @property
    def key(self) -> tuple[str, int]:
        return self.client, self.operation["seq"]


@dataclass
class Log:
    """One person's. ``begun`` has each document as they found it, for the edits are made on it."""

    annotator: str
    edits: dict[tuple[str, int], Edit] = field(default_factory=dict)
    begun: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    # Milliseconds by route; repetitions that were asked for are no saves.
    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    errors: list[str] = field(default_factory=list)

    def take(
        self, client: str, document: int, sent: Sequence[Mapping[str, Any]], answer: Mapping
    ) -> None:
        """Note what an answer to the save route says the server has."""
        operations = {each["seq"]: each for each in sent}
        for result in answer.get("results", ()):
            if result["status"] not in (SAVED, DUPLICATE):
                continue
            made = operations[result["seq"]]
            edit = Edit(self.annotator, document, client, made, result["revision"])
            before = self.edits.setdefault(edit.key, edit)
            if before != edit:
                self.errors.append(f"{edit.key} was answered twice, and not alike")

    def complain(self, about: str, status: int, answer: Mapping[str, Any]) -> None:
        """Note an answer that was not to be."""
        self.errors.append(f"{about}: {status} {answer.get('error', '')}")
