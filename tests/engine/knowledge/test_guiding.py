"""A guideline as a file: whole, with all versions and sentences, and nothing of it is markup."""

import json

from engine.knowledge import guiding
from engine.knowledge.guiding import Guideline
from storage.knowledge.versions.said import Said, Shown, Version

HOSTILE = "<script>alert(1)</script> *met* [x](javascript:y)"
SHOWN = Shown(1, "negative", f"Ada {HOSTILE}", 0, 3, "No | <b>title</b>")
OLD = Said(1, "PER|<i>", "People")
NEW = Said(1, "PER|<i>", "People and gods", examples=(SHOWN,), since=2)
FIRST = Version(1, "# Ours\n\n![x](http://x.test/a.png)", (OLD,))
SECOND = Version(2, "# Ours\n```\nNew <script>", (NEW,), "Asked by <b>", "rhea", "2026-11-28T10:00")
GUIDE = Guideline("News <b>", [SECOND, FIRST])


def test_markdown_says_labels_sentences_and_what_each_version_changed():
    told = guiding.as_markdown(GUIDE)
    assert "Version 2, rhea, 2026-11-28" in told and "People and gods" in told
    assert r"- No: **Ada** \<script\>alert(1)\</script\> \*met\*" in told
    assert "People → People and gods" in told
    assert "````diff\n- ![x]" not in guiding.as_markdown(Guideline("N", [FIRST]))
    assert "````diff" in told, "a fence longer than any within"
    assert "![" not in guiding.as_markdown(Guideline("N", [FIRST])), "no picture is fetched"


def test_html_is_a_page_without_scripts():
    told = guiding.as_html(GUIDE)
    assert "<mark>Ada</mark> &lt;script&gt;" in told and "<ins>New &lt;script&gt;</ins>" in told
    assert "<script" not in told and "<b>" not in told and "<img" not in told


def test_json_has_each_version_whole():
    told = json.loads(guiding.as_json(GUIDE))
    assert [each["number"] for each in told["versions"]] == [2, 1]
    assert told["versions"][0]["labels"][0]["examples"][0]["text"] == SHOWN.text
