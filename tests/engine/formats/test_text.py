"""Plain text: a document a line, or a paragraph."""

import pytest

from engine.corpus.importing import plan
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile, lines_of
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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_carriage_returns_end_lines_where_nothing_else_does(encoding):
    data = "a\r\rb c\rd".encode(encoding)
    found = plan([("x.txt", data)]).documents_to_add
    assert [(d.name, d.text) for d in found] == [
        ("x.txt:1", "a"),
        ("x.txt:3", "b c"),
        ("x.txt:4", "d"),
    ]
    assert texts("a\rb\r\rc\r", by="paragraph") == [("x.txt:1", "a\nb"), ("x.txt:4", "c")]
    assert texts("a\rb\nc\n") == [("x.txt:1", "a\rb"), ("x.txt:2", "c")]


@pytest.mark.parametrize("name", ["x.conll", "x.jsonl", "x.csv", "x.iob"])
def test_so_do_they_in_every_format_of_lines(name):
    files = {
        "x.conll": "Rome B-LOC\nis O\n\nParis B-LOC\n",
        "x.jsonl": '{"text": "Rome", "label": []}\n{"text": "Paris", "label": []}\n',
        "x.csv": "text,spans\nRome,\nParis,\n",
        "x.iob": "Rome|B-LOC is|O\nParis|B-LOC\n",
    }
    new, old = (plan([(name, files[name].replace("\n", end).encode())]) for end in "\n\r")
    assert [d.text.split()[0] for d in new.documents_to_add] == ["Rome", "Paris"]
    assert [(d.text, d.spans) for d in old.documents_to_add] == [
        (d.text, d.spans) for d in new.documents_to_add
    ]
    assert old.files[0].format == new.files[0].format


def test_a_long_file_of_carriage_returns_is_read_in_pieces():
    data = b"\r".join(b"text %d" % n for n in range(300_000))
    found = list(lines_of(InputFile("x.txt", data), Problems("x.txt")))
    assert (len(found), found[-1]) == (300_000, "text 299999")
    assert {line[-1] for line in found[:-1]} == {"\n"}


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
