"""The talk routes: a document's threads as whoever asks may see them, and what is done there."""

from __future__ import annotations

from typing import Any

from starlette.routing import Route

from pages.routes.bodies import MALFORMED, Rejection
from pages.routes.gate import Answer, Call, is_id, route
from storage.collaboration import about, mentions, thread_lists, threads
from storage.collaboration.threads import LONGEST, Comment, Thread
from storage.corpus import documents, projects
from storage.database.store import database

RESOLVE, REOPEN, DELETE = "resolve", "reopen", "delete"


def routes() -> list[Route]:
    return [route("talk", _talk), route("talk-say", _say), route("talk-settle", _settle)]


def _talk(call: Call) -> Answer:
    """Tell what was said of a document; ``seen`` says that the person has it before them."""
    found = _found(call)
    if call.fields.get("seen") is True:
        for each in found:
            if each.is_unread:
                threads.see(database(), each.id)
    return 200, _described(call, found)


def _say(call: Call) -> Answer:
    """Begin a thread, answer in the one that is named, or change the comment that is named."""
    text = call.text("text", LONGEST)
    if "comment" in call.fields:
        threads.change(database(), _comment_id(call), text)
    elif "thread" in call.fields:
        threads.reply(database(), _thread(call).id, text)
    else:
        threads.ask(database(), call.project, _about(call), text)
    return 200, _described(call, _found(call))


def _settle(call: Call) -> Answer:
    """Resolve the thread that is named, open it again, or delete the comment that is named."""
    act = call.name("act")
    if act == DELETE:
        threads.remove(database(), _comment_id(call))
    elif act in (RESOLVE, REOPEN):
        (threads.resolve if act == RESOLVE else threads.reopen)(database(), _thread(call).id)
    else:
        raise Rejection(400, MALFORMED)
    return 200, _described(call, _found(call))


def _thread(call: Call) -> Thread:
    found = threads.get(database(), call.number("thread"))
    if found.project != call.project:
        raise Rejection(404, "This project has no such talk: reload the page.")
    return found


def _comment_id(call: Call) -> int:
    """Return the comment that is named: one of this document, as whoever asks may see it."""
    named = call.number("comment")
    if not any(named == each.id for thread in _found(call) for each in thread.comments):
        raise Rejection(404, "This document has no such comment: reload the page.")
    return named


def _about(call: Call) -> about.About:
    """Return what a new thread is about: words where some are named, else the document."""
    name = call.text("label") if call.fields.get("label") else ""
    known = projects.list_labels(database(), call.project)
    label = next((each.id for each in known if each.name == name), None)
    if "start" not in call.fields:
        return about.on_document(call.document(), label)
    start = call.fields["start"]
    # A text begins at 0, which no id is.
    if start != 0 and not is_id(start):
        raise Rejection(400, MALFORMED)
    return about.on_span(call.document(), start, call.number("end"), label)


def _found(call: Call) -> list[Thread]:
    return thread_lists.on(database(), call.project, about.on_document(call.document()))


def _described(call: Call, found: list[Thread]) -> dict[str, Any]:
    """Return threads as the tagger takes them, and whom a comment may name."""
    text = documents.get_document(database(), call.document()).text if found else ""
    names = mentions.names(database(), call.project)
    return {"threads": [_describe(each, text) for each in found], "names": names}


def _describe(found: Thread, text: str) -> dict[str, Any]:
    start, end, place = found.about.start, found.about.end, None
    if start is not None and end is not None:
        place = about.locate(text, start, end, found.quote)
    return {
        "id": found.id,
        "place": place and {"start": place[0], "end": place[1]},
        "quote": found.quote,
        "label": found.label,
        "open": found.is_open,
        "resolved": found.resolved_by,
        "unread": found.is_unread,
        "comments": [_comment(each) for each in found.comments],
    }


def _comment(said: Comment) -> dict[str, Any]:
    return {
        "id": said.id,
        "author": said.author,
        "text": said.text,
        "at": said.created_at,
        "edited": said.edited_at,
        "mine": said.is_mine,
    }
