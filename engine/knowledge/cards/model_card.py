"""A model card: as the hub reads it (``engine.exports.card``), and as a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from engine.exports import card, contents, page
from engine.exports.markup import text
from engine.exports.subject import Subject


def as_html(subject: Subject) -> str:
    """Return the card as one page that needs nothing else: the answers, then the report."""
    return page.whole(contents.title(subject), [*page.lines(subject), *_sections(subject)])


FORMATS: Mapping[str, Callable[[Subject], str]] = {"markdown": card.render, "html": as_html}


def _sections(subject: Subject) -> Iterator[str]:
    for title, answer in subject.asked:
        if answer:
            yield f"<section><h2>{text(title)}</h2><p>{text(answer)}</p></section>"
    for split, scores in subject.scores.items():
        if sure := contents.sure(scores):
            yield f"<section><h2>How sure F1 is on {text(split)}</h2>"
            yield f"{page.grid(contents.SURE, sure)}</section>"
    more = [*subject.agreement, *card.seen(subject)]
    if missing := [title for title, answer in subject.asked if not answer]:
        more.append(card.unanswered(missing))
    items = "".join(f"<li>{text(each)}</li>" for each in more)
    if items:
        yield f"<section><h2>What else to know</h2><ul>{items}</ul></section>"
