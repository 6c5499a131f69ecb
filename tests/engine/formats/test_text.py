"""Plain text: a document a line, or a paragraph."""

import pytest

from engine.corpus.importing import plan
from storage.errors import InputError
from storage.types import Status
from tests.engine.corpora import shared


def texts(text: str, by: str = "line") -> list[tuple[str, str]]:
    found = plan([("x.txt", text.encode())], format="text", options={"by": by})
    return [(d.name, d.text) for d in found.documents_to_add]


def test_every_line_is_an_untouched_document_with_tokens():
    (document,) = plan([("x.txt", b"Hello, you.\n\n")]).documents_to_add
    assert (document.text, document.status) == ("Hello, you.", Status.UNTOUCHED)
    assert document.tokens == ((0, 5), (5, 6), (7, 10), (10, 11))


def test_lines_are_kept_exactly_and_only_line_feeds_end_them():
    assert texts("\ufeff a \r\n \t\nb\u2028c\x85d\x1ce\n") == [
        ("x.txt:1", " a "),
        ("x.txt:3", "b\u2028c\x85d\x1ce"),
    ]


def test_paragraphs_end_at_blank_lines_and_keep_their_line_breaks():
    assert texts("a\nb\n\n \n\nc\r\nd\r\n", by="paragraph") == [
        ("x.txt:1", "a\nb"),
        ("x.txt:6", "c\r\nd"),
    ]


def test_another_way_of_reading_is_refused():
    with pytest.raises(InputError, match='not by "page"'):
        texts("a", by="page")


def test_naughty_strings_come_in_unchanged():
    file = shared("samples/adversarial/blns/blns.txt")
    lines = file.read_text(encoding="utf-8").split("\n")
    found = plan([file], format="text").documents_to_add
    assert [d.text for d in found] == [line for line in lines if line.strip(" \t\r")]
