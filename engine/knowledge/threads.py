"""What people said to each other as a file: Markdown, one HTML page, or JSON; never markup."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.exports import page
from engine.exports.markdown import join, literal
from engine.exports.markup import name, text
from storage.collaboration.about import Kind
from storage.collaboration.threads import Comment, Thread

EMPTY = "Nothing was said yet."
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Talk:
    """A project's threads as a file tells them."""

    project: str
    threads: Sequence[Thread]

    @property
    def title(self) -> str:
        return f"{self.project}: talk"


def about(thread: Thread) -> str:
    """Say what a thread is about: "“Ada”, PER, in news.txt:1"."""
    kind = thread.about.kind
    if kind is Kind.LABEL:
        # Named anew since, or gone.
        return f"Label {thread.label or thread.quote}"
    if kind in (Kind.RUN, Kind.CELL):
        return thread.quote
    document = shortened(thread.document_name) or f"Document {thread.about.document}"
    said = [f"“{shortened(thread.quote)}”"] if kind is Kind.SPAN else []
    said += [thread.label] if thread.label else []
    return f"{', '.join(said)}, in {document}" if said else document


def shortened(text: str) -> str:
    """Return a text in one line of at most ``LONGEST`` characters."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def as_markdown(talk: Talk) -> str:
    """Return the threads in Markdown."""
    parts = [f"# {literal(talk.title)}", "" if talk.threads else EMPTY]
    for thread in talk.threads:
        parts += _markdown(thread)
    return join(parts)


def _markdown(thread: Thread) -> Iterator[str]:
    yield f"## {literal(about(thread))}"
    yield literal(_state(thread))
    for comment in thread.comments:
        yield f"**{literal(comment.author)}**, {literal(_when(comment))}:"
        # A line of a quotation for each of theirs: what is said stays inside of it.
        yield "\n".join(f"> {literal(line)}".rstrip() for line in comment.text.splitlines())


def as_html(talk: Talk) -> str:
    """Return the threads as one page that needs nothing else."""
    head = f'<header><p class="eyebrow">Talk</p><h1>{name(talk.project)}</h1></header>'
    empty = [] if talk.threads else [f"<p>{text(EMPTY)}</p>"]
    told = (line for thread in talk.threads for line in _html(thread))
    return page.whole(talk.title, [head, *empty, *told])


def _html(thread: Thread) -> Iterator[str]:
    yield f'<section><h2>{name(about(thread))}</h2><p class="soft">{text(_state(thread))}</p>'
    for comment in thread.comments:
        lines = "<br>".join(map(text, comment.text.splitlines()))
        said = f"<b>{name(comment.author)}</b>, {text(_when(comment))}"
        yield f'<p>{said}</p><blockquote dir="auto">{lines}</blockquote>'
    yield "</section>"


def as_json(talk: Talk) -> str:
    """Return the threads as JSON."""
    return json.dumps(payload(talk), ensure_ascii=False, indent=2) + "\n"


def payload(talk: Talk) -> dict[str, Any]:
    """Return the threads as JSON's objects."""
    return {"project": talk.project, "threads": [_object(each) for each in talk.threads]}


def _object(thread: Thread) -> dict[str, Any]:
    said = [
        {"author": each.author, "text": each.text, "at": each.created_at, "edited": each.edited_at}
        for each in thread.comments
    ]
    place = {key: value for key, value in asdict(thread.about).items() if value not in (None, "")}
    place["kind"] = str(thread.about.kind)
    named = {"id": thread.id, "about": about(thread), "place": place, "quote": thread.quote}
    state = {"by": thread.created_by, "at": thread.created_at, "open": thread.is_open}
    return {**named, **state, "resolved_by": thread.resolved_by, "comments": said}


FORMATS: Mapping[str, Callable[[Talk], str]] = {
    "markdown": as_markdown,
    "html": as_html,
    "json": as_json,
}


def _state(thread: Thread) -> str:
    begun = f"{thread.created_at[:10]}, begun by {thread.created_by}: "
    if thread.resolved_at is None:
        return f"{begun}open."
    return f"{begun}resolved by {thread.resolved_by} on {thread.resolved_at[:10]}."


def _when(comment: Comment) -> str:
    edited = ", edited" if comment.edited_at else ""
    return f"{comment.created_at[:16].replace('T', ' ')} UTC{edited}"
