"""Talk as files: every word is there, and no text of people is markup."""

from __future__ import annotations

import json
import re

import pytest

from engine.knowledge import threads
from engine.knowledge.threads import FORMATS, Talk
from storage.collaboration import about
from storage.collaboration.threads import Comment, Thread

HOSTILE = "<script>alert(1)</script> | [x](http://e.il) ![y](z)"
MOMENT = "2026-11-28T10:15:00.000+00:00"


def thread(place: about.About, *said: str, resolved: bool = False, **fields) -> Thread:
    comments = tuple(Comment(n, "ada", text, MOMENT, None, True) for n, text in enumerate(said))
    by, at = ("bob", MOMENT) if resolved else (None, None)
    named = {"quote": HOSTILE, "label": "ORG", "document_name": "news.txt:1"} | fields
    return Thread(1, 1, place, **named, created_by="ada", created_at=MOMENT, resolved_by=by,
                  resolved_at=at, comments=comments, is_unread=False)  # fmt: skip


TALK = Talk(
    HOSTILE,
    [
        thread(about.on_span(1, 0, 3), f"{HOSTILE}\n# Not a title\n\n- nor a list"),
        thread(about.on_label(2), "Pets, too?", "No.", resolved=True),
        thread(about.on_cell(3, "dev", "PER", "ORG"), "Why?", quote="Run 1, PER → ORG"),
    ],
)


@pytest.mark.parametrize(
    ("form", "harm"),
    [
        ("markdown", r"(?<!\\)(<script|\[x\]\(|!\[)|\n# Not|\n- nor"),
        ("html", "<script>alert|<img|<a "),
    ],
)
def test_what_people_say_is_never_markup(form, harm):
    told = FORMATS[form](TALK)
    assert re.search(harm, told) is None
    for words in ("Not a title", "Pets, too?", "resolved by bob on 2026", "PER → ORG"):
        assert words in told.replace("\\", "")


def test_what_a_thread_is_about_is_said_in_words():
    assert threads.about(TALK.threads[1]) == "Label ORG"
    assert threads.about(thread(about.on_document(1), "x")) == "ORG, in news.txt:1"
    plain = thread(about.on_document(7), "x", label="", document_name="")
    assert threads.about(plain) == "Document 7"


def test_json_has_every_comment_and_place():
    told = json.loads(FORMATS["json"](TALK))["threads"]
    assert told[0]["place"] == {"kind": "span", "document": 1, "start": 0, "end": 3}
    assert [each["text"] for each in told[1]["comments"]] == ["Pets, too?", "No."]
    assert [each["open"] for each in told] == [True, False, True]


def test_nothing_is_said_as_such():
    assert threads.EMPTY in threads.as_markdown(Talk("p", []))
    assert threads.EMPTY in threads.as_html(Talk("p", []))
