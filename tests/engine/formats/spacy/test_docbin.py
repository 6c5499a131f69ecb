"""DocBin without spaCy: what spaCy wrote is read, and what we write it reads."""

from __future__ import annotations

import base64
import zlib

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import formats
from engine.corpus.importing import plan
from engine.formats import Shape
from engine.formats.common import sources
from engine.formats.spacy.docbin import DocBin
from engine.formats.spacy.strings import murmur_hash, number_of
from storage.types import Document, Span, Status
from tests.engine.corpora import shared
from tests.engine.formats.codecs import read, written
from tests.engine.formats.documents import TEXTS, documents, shown

# Written by spaCy 3.8.18: an entity, two spans in the group "sc", cats, user data; then a Doc of
# two words whose spaces nobody knows.
BY_SPACY = base64.b64decode(
    "eJzrWl6WWlScmZ+32EDPcGliSUlR8VxHZ08vbx9fP/+As4xHzjIePct4bFlJfnZqXvFRFoENp+btNIxt3nWF8cxZ"
    "vsgIFgYCgBlK1zCiijNiqEQFk0xWyuky1Ik945blcFYx9yFkD8w8dHsIAbG/Gxan6f95DKMJqWcizXg4EPzhduiz"
    "VWYZjKaVPUsilqRcrGdQhdG0sid50+3JuvvWaMJoWtmzcc+Uaf2flTI+vfT9xMb3w5FW9mzh8Ln+qnZ2rs70o7V7"
    "tWao0coeLe/0b5ufai+F0WQaQzD/bH3QtEuit+IGjCbXHkJgWXFBYnJq8REuRqCTGBlBeHlOal56SUbxEQ4OBkhA"
    "LS8uKcrMSy++wyC0YKHCIvXihY4LnRa75Kcu8UrMS13sl1q+LMA1KNjfb0lkflH2wsSFSYtTgJJpOYklizLzlmSB"
    "FOWlli+pBMouSU4sKZ7UtLDitP0HiBMWVp6GuaZhKVBPevGkxk0ZicXxpXnZefnlefEQJx7CJnh4NZDOi08vyi8t"
    "KJ50pKjxSHbzkrzE3NRFxcmQ4rBhKUgFUE4D3evnnMVORD3kOgvlwlIEB6bKozU/2PWPWa1ngMQbqExkBWKuiUBb"
    "jjBOWFlanFoUn5JYkjjpCEvjwmzmI4wNAAi32Rc="
)


@pytest.mark.parametrize("text", ["x^2 is a square.\n", "x\x01\n"])
def test_a_text_that_begins_like_zlib_is_a_text(text):
    (document,) = plan([("x.txt", text.encode())]).documents_to_add
    assert document.text == text.strip("\n")


def test_strings_have_the_numbers_that_spacy_gives_them():
    # From spaCy 3.8: get_string_id.
    assert number_of("hello world foo") == 12421100253913623313
    assert (number_of(""), number_of("PERSON"), number_of("_")) == (0, 380, 456)
    assert murmur_hash(b"") != 0


def test_a_file_of_spacy_is_read_with_entities_groups_and_status():
    found = read(DocBin(), BY_SPACY)
    first, second = found.documents
    assert first.text == "Jane Doe's  flat in New York"
    assert first.spans == (Span(0, 8, "A"), Span(0, 8, "PERSON"), Span(5, 10, "B"))
    assert first.status is Status.DONE
    assert (second.text, second.spans, second.status) == ("a b", (), Status.UNTOUCHED)
    assert found.said == ["Classes of whole texts (cats) are not imported."]


def test_cats_are_the_classes_of_whole_texts():
    first, second = read(DocBin(Shape(True)), BY_SPACY).documents
    assert first.spans == (Span(0, 0, "x"),)
    assert second.status is Status.UNTOUCHED


def test_the_example_of_spacys_repository():
    (document,) = read(DocBin(), shared("samples/spacy/demo.spacy")).documents
    (span,) = document.spans
    assert (document.text[span.start : span.end], span.label) == ("Ed Sheeran", "PERSON")


@given(st.lists(documents(statuses=(Status.DONE, Status.UNTOUCHED)), max_size=3))
def test_every_span_comes_back_overlapping_or_padded(found):
    data, _ = written(DocBin(), found)
    assert shown(read(DocBin(), data).documents) == shown(found)


@settings(max_examples=20)
@given(st.lists(st.tuples(TEXTS, st.sets(st.sampled_from("abc"))), min_size=1, max_size=3))
def test_classes_come_back(found):
    marks = [tuple(Span(0, 0, name) for name in sorted(names)) for _, names in found]
    given = [
        Document(text, spans=spans, status=Status.DONE if any(marks) else Status.UNTOUCHED)
        for (text, _), spans in zip(found, marks, strict=True)
    ]
    codec = DocBin(Shape(True, True))
    assert shown(read(codec, written(codec, given)[0]).documents) == shown(given)


def test_a_span_with_blanks_at_its_ends_is_told():
    _, said = written(DocBin(), [Document("in Rome", spans=(Span(2, 7, "LOC"),), name="n")])
    assert "begins or ends with a blank" in said[0]


def damaged(**parts) -> bytes:
    content = msgpack.unpackb(zlib.decompress(BY_SPACY), strict_map_key=False) | parts
    return zlib.compress(msgpack.packb(content))


@pytest.mark.parametrize(
    "data",
    [
        BY_SPACY[:200],
        zlib.compress(b"\xc1"),
        zlib.compress(b"no msgpack"),
        zlib.compress(msgpack.packb([1])),
        zlib.compress(msgpack.packb({"attrs": [65]})),
        damaged(tokens=b""),
        damaged(lengths=b"\xff\xff\xff\xff"),
        damaged(strings=[]),
        damaged(span_groups=[b"\x91\x01", b""]),
    ],
)
def test_what_is_damaged_is_refused_in_a_sentence(data):
    found = read(DocBin(), data)
    assert found.errors
    assert all(error.endswith(".") for error in found.errors)


def test_what_inflates_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("engine.formats.spacy.bins.MOST_WHOLE_BYTES", 1024**2)
    assert sources.MOST_WHOLE_BYTES > 1024**2
    (error,) = read(DocBin(), zlib.compress(bytes(3 * 1024**2))).errors
    assert error == "The file holds more than 1 MB when it is unpacked; split it."


def test_it_is_known_by_its_content():
    assert formats.guess(formats.InputFile("x", BY_SPACY)).name == "spacy"


def test_a_bomb_is_refused_long_before_the_limit_of_honest_files():
    lists = b"\xdd" + (20_000_000).to_bytes(4, "big") + b"\x90" * 20_000_000
    (error,) = read(DocBin(), zlib.compress(lists)).errors
    assert "more than 16 MB when it is unpacked" in error
