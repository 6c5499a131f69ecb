"""The notebook as a file: Markdown, one HTML page, or JSON. Texts of people's are never markup."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.exports import page
from engine.exports.markdown import bullets, join, literal
from engine.exports.markup import name, text
from engine.knowledge.telling import Told, tell
from storage.knowledge.notebook import Entry
from storage.words import SPANS, Words

WEAKEST, DONE, BROUGHT, LESSON = "What was weakest", "What was done", "What it brought", "Lesson"
UNLEARNED = "Nobody has written it yet."
EMPTY = "No round yet: a focus on a label or a cell opens one, and each training leaves one."


@dataclass(frozen=True, slots=True)
class Notebook:
    """A project's rounds as a file tells them, the open one first, then the newest."""

    project: str
    rounds: Sequence[Entry]
    words: Words = SPANS

    @property
    def title(self) -> str:
        return f"{self.project}: notebook"


def as_markdown(book: Notebook) -> str:
    """Return the notebook in Markdown."""
    parts = [f"# {literal(book.title)}", "" if book.rounds else EMPTY]
    for entry in book.rounds:
        parts += _markdown(entry, tell(entry, book.words))
    return join(parts)


def _markdown(entry: Entry, told: Told) -> Iterator[str]:
    yield f"## {literal(told.goal)}"
    yield literal(_when(entry, told))
    if told.weakest:
        yield f"**{WEAKEST}**: {literal(told.weakest)}"
    for title, sentences in ((DONE, told.done), (BROUGHT, told.brought)):
        if sentences:
            yield f"**{title}**"
            yield bullets(sentences)
    yield f"**{LESSON}**: {literal(_lesson(entry))}"


def as_html(book: Notebook) -> str:
    """Return the notebook as one page that needs nothing else."""
    rounds = (line for entry in book.rounds for line in _html(entry, tell(entry, book.words)))
    head = f'<header><p class="eyebrow">Notebook</p><h1>{name(book.project)}</h1></header>'
    empty = [] if book.rounds else [f"<p>{text(EMPTY)}</p>"]
    return page.whole(book.title, [head, *empty, *rounds])


def _html(entry: Entry, told: Told) -> Iterator[str]:
    yield f"<section><h2>{name(told.goal)}</h2>"
    yield f'<p class="soft">{text(_when(entry, told))}</p>'
    if told.weakest:
        yield f"<h3>{WEAKEST}</h3><p>{text(told.weakest)}</p>"
    for title, sentences in ((DONE, told.done), (BROUGHT, told.brought)):
        if sentences:
            items = "".join(f"<li>{text(each)}</li>" for each in sentences)
            yield f"<h3>{title}</h3><ul>{items}</ul>"
    yield f"<h3>{LESSON}</h3><p>{text(_lesson(entry))}</p></section>"


def as_json(book: Notebook) -> str:
    """Return the notebook as JSON: what is stored of each round, and the same in words."""
    return json.dumps(payload(book), ensure_ascii=False, indent=2) + "\n"


def payload(book: Notebook) -> dict[str, Any]:
    """Return the notebook as JSON's objects."""
    return {"project": book.project, "rounds": [_object(each, book.words) for each in book.rounds]}


def _object(entry: Entry, words: Words) -> dict[str, Any]:
    told = tell(entry, words)
    own = {key: value for key, value in asdict(entry).items() if key != "project_id"}
    said = {"done": list(told.done), "brought": list(told.brought)}
    return {**own, "state": str(entry.state), "outcome": str(told.outcome), "in_words": said}


FORMATS: Mapping[str, Callable[[Notebook], str]] = {
    "markdown": as_markdown,
    "html": as_html,
    "json": as_json,
}


def _when(entry: Entry, told: Told) -> str:
    """Say when a round was, whose, and what came of it."""
    days = [entry.opened_at[:10], *([entry.closed_at[:10]] if entry.closed_at else ())]
    said = " to ".join(dict.fromkeys(days))
    by = f", opened by {entry.opened_by}" if entry.opened_by else ""
    return f"{said}{by}: {told.outcome}."


def _lesson(entry: Entry) -> str:
    by = f" ({entry.lesson_by})" if entry.lesson_by else ""
    return f"{entry.lesson}{by}" if entry.lesson else UNLEARNED
