"""Markdown: whatever a label is called, tables stay tables, and no markup or link comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from engine.exports import markdown, page
from engine.exports.plain import plain
from tests.engine.exports.subjects import HOSTILE, MANY, subject

PARSER = MarkdownIt("commonmark").enable("table")
PLAIN = {"text", "softbreak"}
ODD = st.text(st.sampled_from("\\`*_{}[]<>#|~$&!@:/.-+=1) \n\tahw")) | st.text()


def cells(text: str) -> list[list[list[str]]]:
    """Return the tables of a text as rows of cells, as a reader of Markdown sees them."""
    tables: list[list[list[str]]] = []
    for token, after in zip(tokens := PARSER.parse(text), tokens[1:], strict=False):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in ("th_open", "td_open"):
            assert {child.type for child in after.children or ()} <= PLAIN
            tables[-1][-1].append("".join(child.content for child in after.children or ()))
    return tables


def split_at_bars(line: str) -> int:
    """Count the cells of a line: a bar with a backslash is none of its borders."""
    return line.replace("\\\\", "").replace("\\|", "").count("|") - 1


@pytest.mark.parametrize("labels", [("LOC", "PER"), HOSTILE, MANY])
def test_every_row_of_a_table_has_as_many_cells_as_its_head(labels: tuple[str, ...]) -> None:
    blocks = markdown.render(subject(labels, HOSTILE[0])).split("\n\n")
    tables = [block.splitlines() for block in blocks if block.startswith("|")]
    assert len(tables) >= 2 * 3 + 1
    for table in tables:
        assert len({split_at_bars(line) for line in table}) == 1, table


def test_the_figures_of_every_label_are_read_back() -> None:
    told = subject(HOSTILE)
    labels = cells(markdown.render(told))[0]
    assert labels[0] == ["Label", "Precision", "Recall", "F1", "Support"]
    expected = [
        [plain(row["name"]), f"{row['precision']:.3f}", f"{row['recall']:.3f}"]
        + [f"{row['f1']:.3f}", f"{row['support']:,}"]
        for row in told.report["test"]["tables"][0]["rows"]
    ]
    assert labels[1 : len(HOSTILE) + 1] == expected


def test_nothing_becomes_markup() -> None:
    found = {
        child.type
        for token in PARSER.parse(markdown.render(subject(HOSTILE, HOSTILE[8])))
        for child in token.children or ()
    }
    assert found == {"text"}


@given(ODD)
def test_a_text_is_shown_as_it_is(text: str) -> None:
    for line in (f"# {markdown.literal(text)}", f"- {markdown.literal(text)}"):
        inline = [token for token in PARSER.parse(line) if token.type == "inline"]
        shown = ["".join(child.content for child in token.children or ()) for token in inline]
        assert shown == ([plain(text)] if plain(text) else [""] if line[0] == "#" else [])


@pytest.mark.parametrize("text", ["https://x.example", "www.x.example", "me@x.example"])
def test_an_address_is_no_link(text: str) -> None:
    assert text not in markdown.literal(text)


def test_what_is_not_there_has_no_heading_or_table_of_its_own() -> None:
    bare = subject(dev=None, data={}, versions=None, settings=None)
    assert "## Dev" not in markdown.render(bare)
    assert markdown.table(["a"], []) == ""


def test_kinds_of_error_are_told_where_a_report_has_them() -> None:
    nothing = {"errors": 0, "gold": 0, "predicted": 0}
    split = {"errors": 1, "gold": 1, "predicted": 1200}
    errors = {"kinds": {"split": split, "merged": nothing}, "borders": {}, "labels": {}}
    told = subject(("PER", "ORG"))
    assert "Kind of error" not in markdown.render(told)
    scored = {**told.report["test"], "errors": errors}
    more = replace(told, report={**told.report, "test": scored})
    written = markdown.render(more)
    assert "| split into several | 1 | 1 | 1,200 |" in written and "merged" not in written
    page_of = page.render(more)
    assert "split into several</th><td>1</td><td>1</td><td>1,200</td>" in page_of
