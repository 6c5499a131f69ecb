"""The items of a file: which column is the text, which the id; what is left out, and said."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.formats.common.sources import InputFile
from engine.retrieval import items
from engine.retrieval.items import Columns
from storage.errors import InputError


def source(name: str, text: str | bytes) -> InputFile:
    return InputFile(name, text.encode() if isinstance(text, str) else text)


def parquet(**columns: list) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "answer,id\nYes 👍,7\nNo,8\n"),
        ("a.csv", "id;answer\n7;Yes 👍\n8;No\n"),
        ("a.tsv", "id\ttext\n7\tYes 👍\n8\tNo\n"),
        ("a.jsonl", '{"_id": 7, "text": "Yes 👍"}\n{"_id": "8", "text": "No"}\n'),
        ("a.parquet", parquet(sku=[7, 8], body=["Yes 👍", "No"])),
    ],
)
def test_columns_are_found_by_their_names(name: str, content: str | bytes) -> None:
    found = items.read(source(name, content))
    assert (list(found.ids), list(found.texts)) == (["7", "8"], ["Yes 👍", "No"])


def test_without_ids_the_rows_count_and_lines_of_text_are_items() -> None:
    found = items.read(source("a.txt", "one\n\n two \none\n"))
    assert (list(found.ids), list(found.texts), found.repeated) == (["1", "2"], ["one", "two"], 1)


def test_a_title_stands_before_its_text_and_rows_without_any_are_counted() -> None:
    text = "title,text,price\nBikes,All of them,1\n,,2\nPass,,3\n"
    found = items.read(source("a.csv", text))
    assert list(found.texts) == ["Bikes\nAll of them", "Pass"]
    assert (found.blank, found.chosen) == (1, Columns("text", "", "title"))
    assert list(items.read(source("a.csv", text), Columns("price")).texts)[0] == "Bikes\n1"


@pytest.mark.parametrize(
    ("content", "wanted", "said"),
    [
        ("a,b\nx,y\n", Columns("c"), 'has no column "c"; choose one of a, b'),
        ("", Columns(), "is empty"),
        ("text\n\n", Columns(), "holds no item with a text"),
        (b"PK\x03\x04", Columns(), "ZIP"),
        ('text\n"torn\n', Columns(), "quotes do not match"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    content: str | bytes, wanted: Columns, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        items.read(source("a.csv", content), wanted)


def test_texts_to_answer_come_as_often_as_they_are_there() -> None:
    text = "id,question,answer\n1,Why?,So\n2,How?,So\n3,Why?,So\n"
    assert items.read_queries(source("q.csv", text)) == ["Why?", "How?", "Why?"]
    assert items.read_queries(source("q.csv", text), "answer") == ["So"] * 3


def test_the_fingerprint_is_that_of_ids_and_texts(tmp_path: Path) -> None:
    one = items.read(source("a.csv", "id,text\n1,ab\n2,c\n"))
    other = items.read(source("b.jsonl", '{"id": 1, "text": "ab"}\n{"id": 2, "text": "c"}\n'))
    assert one.fingerprint == other.fingerprint
    shifted = items.read(source("a.csv", "id,text\n1,a\n2,bc\n"))
    assert one.fingerprint != shifted.fingerprint
    items.write(tmp_path / "items.parquet", one)
    assert list(items.stream(tmp_path / "items.parquet")) == [("1", "ab"), ("2", "c")]
