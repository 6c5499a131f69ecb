"""What a person selects in the browser is what every format brings out and in again."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from engine import formats
from engine.corpus.exporting import export
from engine.corpus.importing import plan
from storage.types import Document, Span, Status
from tests.browser.modules import PIECES, run

pytestmark = pytest.mark.browser
thorough = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CLUSTERS = [
    "👩‍🚒",
    "👨‍👩‍👧‍👦",
    "🇧🇷",
    "e\u0301",
    "\r\n",
    "\t",
    "\u2028",
    "\u0085",
    "עברית 123 ",
    "صفحة ٤٥ ",
    "東京タワー",
    "𝒳𝒴",
    " word ",
    "\u202eab\u202c",
]
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.lists(
    st.one_of(st.sampled_from(CLUSTERS), st.sampled_from(PIECES), ANY), min_size=1, max_size=25
).map("".join)
# Where a selection begins and ends, in UTF-16 units of the text, modulo its length.
PLACES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=6)

# Draws the text with a mark somewhere, selects by real DOM ranges from any unit to any other,
# and reads the selection as the tagger does. `shown` is what the browser has selected, with the
# other half of a pair that it was cut through.
SELECT = """
    const {selectedUnits} = await import("/text/gestures.js");
    const {Offsets, snap} = await import("/document/offsets.js");
    const {text, tokens, places} = given;
    const host = document.body.appendChild(document.createElement("div"));
    const root = host.attachShadow({mode: "open"});
    const element = root.appendChild(document.createElement("div"));
    const textView = new m.TextView(element); const offsets = new Offsets(text);
    textView.open(offsets, tokens);
    const middle = Math.floor(offsets.length / 2);
    const marks = middle ? [{id: "m", start: 0, end: middle, label: "X"}] : [];
    textView.draw(marks, (each) => { each.dataset.label = "X"; });
    const nodes = []; let at = 0;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        nodes.push([at, walker.currentNode]);
        at += walker.currentNode.length;
    }
    const place = (unit) => {
        const [start, node] = nodes.findLast(([start]) => start <= unit);
        return [node, unit - start];
    };
    const wide = (unit, up) => {
        const cut = /[\\ud800-\\udbff][\\udc00-\\udfff]/.test(text.slice(unit - 1, unit + 1));
        return cut ? unit + (up ? 1 : -1) : unit;
    };
    const found = places.map((pair) => {
        const [one, other] = pair.map((unit) => unit % (text.length + 1));
        getSelection().setBaseAndExtent(...place(one), ...place(other));
        const units = selectedUnits(textView, root);
        if (!units) return null;
        const [from, to] = [wide(Math.min(one, other), false), wide(Math.max(one, other), true)];
        const start = offsets.point(units.from); const end = offsets.point(units.to, true);
        const range = textView.range({start, end});
        return {start, end, shown: text.slice(from, to), marked: range.toString(),
            snapped: snap(tokens, offsets, {start, end})};
    });
    const drawn = element.textContent;
    host.remove();
    return [drawn, found.filter(Boolean)]"""


def select(site: Page, document: Document, places) -> tuple[str, list[dict]]:
    given = {"text": document.text, "tokens": [list(token) for token in document.tokens]}
    drawn, found = run(site, "text/textview", SELECT, {**given, "places": places})
    return drawn, found


def as_jsonl(text: str) -> bytes:
    return (json.dumps({"text": text}) + "\n").encode()


def as_table(text: str) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["text"], [text]])
    return file.getvalue().encode()


def as_rows(text: str) -> bytes:
    return "".join(f"{word}\tO\n" for word in text.split()).encode()


def as_line(text: str) -> bytes:
    return " ".join(f"{word}|O" for word in text.split()).encode()


def as_tasks(text: str) -> bytes:
    return json.dumps([{"data": {"text": text}, "annotations": []}]).encode()


# Every format that can be imported, and how a text gets into it.
WAYS_IN: dict[str, Callable[[str], bytes]] = {
    "conll": as_rows,
    "iob_lines": as_line,
    "label_studio": as_tasks,
    "label_studio_min": as_tasks,
    "doccano": as_jsonl,
    "prodigy": as_jsonl,
    "csv": as_table,
    "text": str.encode,
}


# These are made by libraries that keep a text as it is; their own tests send any text through.
OTHERS = {"brat", "spacy", "spacy_json", "webanno", "xmi", "cas_json"}
OTHERS |= {"xlsx", "parquet", "hugging_face", "token_rows"}


def test_every_format_is_tried() -> None:
    assert {codec.name for codec in formats.codecs()} - OTHERS == set(WAYS_IN)


# From each one it goes out in every format.
QUICK = ("conll", "csv")


@pytest.mark.parametrize(
    "way_in",
    [one if one in QUICK else pytest.param(one, marks=pytest.mark.long) for one in WAYS_IN],
)
@given(text=TEXTS, places=PLACES)
@thorough
def test_what_was_selected_comes_back_from_every_format(site: Page, way_in, text, places) -> None:
    found = plan([("x", WAYS_IN[way_in](text))], format=way_in)
    # A text of blanks alone has nothing to label; most formats leave it out.
    assume(found.documents_to_add and found.documents_to_add[0].text.strip())
    document = found.documents_to_add[0]
    drawn, selections = select(site, document, places)
    assert drawn == document.text
    for each in selections:
        quote = document.text[each["start"] : each["end"]]
        assert quote == each["shown"] == each["marked"]
    for writer in (each for each in formats.writers() if each.name not in OTHERS):
        # A row of CoNLL holds whole tokens, to which the tagger snaps unless told otherwise.
        if writer.name in ("conll", "iob_lines"):
            check_tokens(document, [each["snapped"] for each in selections])
        else:
            check_characters(writer.name, document, selections)


def check_characters(name: str, document: Document, selections: list[dict]) -> None:
    spans = {Span(each["start"], each["end"], "X") for each in selections if each["shown"]}
    again = send_through(name, document, spans)
    assert again.text == document.text
    assert {(s.start, s.end) for s in again.spans} == {(s.start, s.end) for s in spans}


def check_tokens(document: Document, snapped: list[dict | None]) -> None:
    known = [(each["start"], each["end"]) for each in snapped if each]
    inside = {start for start, _ in document.tokens}
    # Where a selection touches no token it is trimmed, and a row has no place for it.
    apart: list[Span] = []
    for start, end in sorted(set(known)):
        if start in inside and (not apart or apart[-1].end <= start):
            apart.append(Span(start, end, "X"))
    if not document.tokens:
        return
    again = send_through("conll", document, set(apart))
    words = [document.text[start:end] for start, end in document.tokens]
    assert [again.text[start:end] for start, end in again.tokens] == words
    assert [tokens_of(again, span) for span in again.spans] == [
        tokens_of(document, span) for span in apart
    ]


def tokens_of(document: Document, span: Span) -> list[str]:
    return [
        document.text[start:end]
        for start, end in document.tokens
        if span.start <= start and end <= span.end
    ]


def send_through(name: str, document: Document, spans: set[Span]) -> Document:
    """Export a document with these spans and import it again."""
    tagged = Document(
        document.text, document.tokens, tuple(sorted(spans)), status=Status.DONE, name="x"
    )
    data = export([tagged], name).data()
    return plan([("x", data)], format=name).documents_to_add[0]
