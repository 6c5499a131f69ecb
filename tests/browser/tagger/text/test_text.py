"""What the tagger draws and selects is, character for character, what Python sees."""

from __future__ import annotations

import random
import re

import pytest
from playwright.sync_api import Page

from engine.encoding.tokens import tokenize
from pages.routes import assets
from storage.types import Span
from tests.browser.modules import random_text, run

pytestmark = pytest.mark.browser


def test_nothing_but_text_nodes_and_attributes_carries_what_documents_say() -> None:
    modules = list(assets.FOLDER.rglob("*.js"))
    assert assets.FOLDER / "text" / "textview.js" in modules
    for module in modules:
        banned = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\("
        assert not re.findall(banned, module.read_text("utf-8")), module.name


def test_code_points_and_units_agree_with_python(site: Page) -> None:
    texts = [random_text(seed) for seed in range(200)]
    chance = random.Random(0)
    ranges = [sorted(chance.randrange(len(t) + 1) for _ in range(2)) for t in texts]
    body = """return given.map(([text, [start, end]]) => {
        const offsets = new m.Offsets(text);
        const points = [...Array(offsets.length + 1).keys()];
        const round = points.map((point) => offsets.point(offsets.unit(point)));
        return [offsets.length, offsets.slice(start, end), round];
    })"""
    found = run(site, "document/offsets", body, list(zip(texts, ranges, strict=True)))
    expected = [
        [len(t), t[s:e], list(range(len(t) + 1))] for t, (s, e) in zip(texts, ranges, strict=True)
    ]
    assert found == expected


def test_a_unit_inside_a_pair_belongs_to_its_character(site: Page) -> None:
    body = "const o = new m.Offsets(given); return [o.point(2), o.point(2, true), o.point(3, true)]"
    assert run(site, "document/offsets", body, "a👩b") == [1, 2, 2]


def snapped(site: Page, text: str, start: int, end: int, tokens=None) -> str | None:
    tokens = tokenize(text) if tokens is None else tokens
    body = """const [text, tokens, start, end] = given;
        const offsets = new m.Offsets(text);
        const range = m.snap(tokens, offsets, {start, end});
        return range && offsets.slice(range.start, range.end)"""
    return run(site, "document/offsets", body, [text, tokens, start, end])


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (1, 2, "Ada"),
        (1, 6, "Ada Lovelace"),
        (3, 5, "Lovelace"),
        (2, 4, "Ada"),
        (3, 4, None),
        (12, 14, "."),
        (0, 13, "Ada Lovelace."),
    ],
)
def test_a_selection_grows_to_whole_tokens(site: Page, start, end, expected) -> None:
    assert snapped(site, "Ada Lovelace. ", start, end) == expected


def test_a_selection_of_part_of_a_family_takes_the_whole_family(site: Page) -> None:
    text = "the 👨‍👩‍👧‍👦 went"
    assert snapped(site, text, 5, 7) == "👨‍👩‍👧‍👦"


def test_without_tokens_white_space_is_trimmed(site: Page) -> None:
    assert snapped(site, "a  👩 b ", 1, 6, tokens=[]) == "👩 b"
    assert snapped(site, "a  b", 1, 3, tokens=[]) is None


def cut(site: Page, text: str) -> list[str]:
    body = """const {Offsets} = await import('/document/offsets.js'); const [text, tokens] = given;
        return m.cutBlocks(new Offsets(text), tokens).map(({from, to}) => text.slice(from, to))"""
    return run(site, "text/textview", body, [text, tokenize(text)])


def test_a_text_is_cut_into_its_lines(site: Page) -> None:
    assert cut(site, "one\n\ntwo\nthree") == ["one\n", "\n", "two\n", "three"]
    assert cut(site, "") == [""]


def test_a_long_line_is_cut_at_sentences_and_nothing_is_lost(site: Page) -> None:
    text = " ".join(f"Sentence {n} has a few words." for n in range(500))
    blocks = cut(site, text)
    assert "".join(blocks) == text
    assert max(map(len, blocks)) <= 1600
    assert all(block.endswith(". ") for block in blocks[:-1])


@pytest.mark.parametrize("text", ["字" * 5000, "👩‍🚒" * 2000, "x" * 5000, " " * 5000])
def test_a_long_line_without_sentences_is_cut_between_characters(site: Page, text) -> None:
    blocks = cut(site, text)
    assert "".join(blocks) == text
    assert len(blocks) > 1
    for block in blocks:
        block.encode("utf-8")


def drawn(site: Page, text: str, spans: list[Span]) -> list:
    """Draw spans; return the text, the slices of each span, and each span's place read back."""
    body = """const {Offsets} = await import('/document/offsets.js');
        const [text, tokens, spans] = given;
        const element = document.body.appendChild(document.createElement('div'));
        const textView = new m.TextView(element);
        textView.open(new Offsets(text), tokens);
        const look = (node, {span}) => { node.className = 'span'; node.dataset.id = span.id; };
        textView.draw(new Map(spans.map((span) => [span.id, span])), look);
        const read = (span) => {
            const range = textView.range(span);
            const ends = [[range.startContainer, range.startOffset],
                [range.endContainer, range.endOffset]];
            return ends.map((place) => textView.offsets.point(textView.unitAt(...place)));
        };
        const slices = (id) =>
            [...element.querySelectorAll(`[data-id="${id}"]`)].map((node) => node.textContent);
        return [element.textContent, spans.map(({id}) => slices(id)), spans.map(read)]"""
    given = [{"id": s.id, "start": s.start, "end": s.end, "label": s.label} for s in spans]
    return run(site, "text/textview", body, [text, tokenize(text), given])


def test_spans_that_cross_are_drawn_in_slices_that_spell_their_text(site: Page) -> None:
    text = "abcdefgh"
    spans = [Span(0, 4, "A", "1"), Span(2, 6, "B", "2"), Span(3, 4, "C", "3"), Span(0, 8, "D", "4")]
    content, slices, _ = drawn(site, text, spans)
    assert content == text
    assert slices == [["abcd"], ["cd", "ef"], ["d"], ["abcdefgh"]]


def test_every_span_is_drawn_where_it_stands(site: Page) -> None:
    for seed in range(60):
        chance, text = random.Random(seed), random_text(seed, 90)
        spans = []
        for id in range(chance.randrange(0, 8)):
            start = chance.randrange(len(text))
            spans.append(Span(start, chance.randrange(start, len(text)) + 1, "A", f"s{id}"))
        content, slices, places = drawn(site, text, spans)
        assert content == text
        assert ["".join(parts) for parts in slices] == [text[s.start : s.end] for s in spans]
        assert places == [[s.start, s.end] for s in spans]
