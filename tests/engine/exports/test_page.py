"""HTML: one file that runs nothing and asks nobody, with each figure beside its support."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exports import page
from engine.exports.plain import plain
from tests.engine.exports.subjects import HOSTILE, MANY, subject

# Tags that have no end.
VOID = {"meta"}
ACTIVE = {"script", "link", "img", "iframe", "object", "embed", "form", "a", "base", "use"}
ATTRIBUTES = {
    *("aria-label", "aria-labelledby", "charset", "class", "content", "d", "fill-opacity"),
    *("font-size", "height", "http-equiv", "id", "lang", "name", "role", "scope", "stroke-width"),
    *("style", "tabindex", "title", "transform", "viewbox", "width", "x", "xmlns", "y"),
}


class Reader(HTMLParser):
    """Collects texts by the path of tags above them, and holds tags to their ends."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[tuple[str, str]] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def within(self, tag: str) -> list[str]:
        return [text for above, text in self.texts if above == tag]


@pytest.mark.parametrize("labels", [("LOC", "PER"), HOSTILE, MANY])
def test_it_runs_nothing_and_asks_nobody(labels: tuple[str, ...]) -> None:
    source = page.render(subject(labels, HOSTILE[0]))
    found = Reader(source)
    assert not found.tags & ACTIVE
    assert found.attributes <= ATTRIBUTES
    assert not re.search(r"url\(|@import", "".join(found.within("style")))
    assert "default-src 'none'" in source


@given(st.text(min_size=1))
def test_names_are_texts(project: str) -> None:
    found = Reader(page.render(subject(project=project)))
    assert plain(f"{project}, Run 7") in found.within("title")
    assert plain(project) in found.within("bdi") or not plain(project)


def test_every_label_has_its_row() -> None:
    names = Reader(page.render(subject(HOSTILE))).within("bdi")
    assert {plain(label) for label in HOSTILE} <= set(names)


def test_figures_say_what_they_were_counted_over() -> None:
    found = Reader(page.render(subject()))
    supports = [text for text in found.within("small") if text.startswith("over ")]
    assert len(supports) == len(found.within("strong")) == 2 * 4
    kinds = ("spans", "predicted spans", "spans", "tokens")
    assert tuple(re.sub(r"over [\d,]+ ", "", text) for text in supports[:4]) == kinds


def test_a_share_of_tokens_is_called_accuracy_and_never_f1() -> None:
    told = subject()
    accuracy = told.report["test"]["tables"][1]["accuracy"]
    (head,) = re.findall(r"<span>([^<]*)</span><strong>" + f"{accuracy:.3f}", page.render(told))
    assert head == "Token accuracy"


def test_of_many_labels_all_are_there_and_long_tables_are_folded() -> None:
    source = page.render(subject(MANY))
    assert {*MANY} <= set(Reader(source).within("bdi"))
    assert source.index("<summary><h3>Tokens") < source.index("B-account")


def test_light_dark_and_paper() -> None:
    source = page.render(subject())
    assert source.count("@media screen and (prefers-color-scheme: dark)") >= 2
    assert "@media print" in source
