"""What a model's answer claims, as far as it can be read, before it is held to the text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

# Places of an answer where an object might begin that are tried.
TRIED = 20
# Of a longer list the rest is broken: nobody reads so many suggestions of one text.
MOST = 1_000
_THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_QUOTES = ("quote", "text", "span", "entity")
_LABELS = ("label", "type", "labels")


@dataclass(frozen=True, slots=True)
class Claim:
    """A label, and the words that it is said to be of; none of a whole text's."""

    label: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    claims: tuple[Claim, ...]
    broken: int = 0
    """Items that said nothing that could be read."""


def read(text: str, whole: bool) -> Answer | None:
    """Return what an answer claims; None where no JSON is in it.

    Models think aloud, fence their answer or add a word of kindness: the first object or list
    that can be read counts.
    """
    for value in _values(_THOUGHT.sub("", text)):
        items = _items(value, "labels" if whole else "spans")
        if items is not None:
            found = [(_label if whole else _span)(item) for item in items[:MOST]]
            claims = tuple(claim for claim in found if claim)
            return Answer(claims, len(items) - len(claims))
    return None


def _values(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    for match in islice(re.finditer(r"[{\[]", text), TRIED):
        try:
            yield decoder.raw_decode(text, match.start())[0]
        except (ValueError, RecursionError):
            # Not here: the next brace may begin the answer.
            continue


def _items(value: Any, key: str) -> list[Any] | None:
    """Return the list in an answer, under whatever name: servers without schemas invent some."""
    if isinstance(value, dict):
        inner = value.get(key, value.get("label", value.get("entities", value.get("answer"))))
        if isinstance(inner, str):
            return [inner]
        value = inner
    return value if isinstance(value, list) else None


def _span(item: Any) -> Claim | None:
    if not isinstance(item, dict):
        return None
    quote, label = _first(item, _QUOTES), _first(item, _LABELS)
    return Claim(label, quote) if quote and label else None


def _label(item: Any) -> Claim | None:
    label = _first(item, _LABELS) if isinstance(item, dict) else item
    return Claim(label) if isinstance(label, str) and label.strip() else None


def _first(item: dict, names: tuple[str, ...]) -> str:
    return next((item[name] for name in names if isinstance(item.get(name), str)), "")
