"""Questions and answers as lines of JSON between the service and a model's process."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.serving.asking.questions import Answer, Question

LONGEST = 2**28
"""Bytes of a line."""


def pack(message: Mapping[str, Any]) -> bytes:
    """Return a message as a line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def unpack(line: bytes) -> dict[str, Any]:
    """Return the message of a line."""
    return json.loads(line)


def from_questions(questions: Sequence[Question]) -> list[list[Any]]:
    """Return questions as JSON has them."""
    return [[each.text, each.second_text, each.top] for each in questions]


def to_questions(rows: Sequence[Sequence[Any]]) -> list[Question]:
    """Return the questions again."""
    return [Question(*row) for row in rows]


def from_answers(answers: Sequence[Answer]) -> list[list[Any]]:
    """Return answers as JSON has them."""
    return [[each.marks, each.chances, each.doubt, each.matches] for each in answers]


def to_answers(rows: Sequence[Sequence[Any]]) -> list[Answer]:
    """Return the answers again."""
    return [Answer(*row) for row in rows]
