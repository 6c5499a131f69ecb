"""Parquet and Arrow that would fill the memory are refused; honest files are not."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.formats import Shape
from engine.formats.common import arrow_batches, sources
from engine.formats.hugging_face.data_set import DataSet
from engine.formats.whole.parquet import Parquet
from tests.engine.formats.codecs import read

READERS = [Parquet(Shape(True)), DataSet(Shape(True))]


def file(*texts: str) -> bytes:
    data = io.BytesIO()
    pq.write_table(pa.table({"text": texts, "label": ["a"] * len(texts)}), data, compression="zstd")
    return data.getvalue()


@pytest.mark.parametrize("codec", READERS)
def test_what_grows_far_more_than_a_file_can_is_refused(codec):
    (error,) = read(codec, file("a" * 20_000_000)).errors
    assert "far larger than what went in" in error


@pytest.mark.parametrize("codec", READERS)
def test_one_text_that_is_too_long_is_refused(codec, monkeypatch):
    monkeypatch.setattr(sources, "MOST_TEXT", 100)
    (error,) = read(codec, file("b", "a" * 101)).errors
    assert "A text in it is longer" in error


@pytest.mark.parametrize("codec", READERS)
def test_rows_that_are_too_much_together_are_refused(codec, monkeypatch):
    monkeypatch.setattr(arrow_batches, "MOST_WHOLE_BYTES", 1_000)
    (error,) = read(codec, file(*["a" * 90] * 20)).errors
    assert "MB in 20 rows of it" in error


@pytest.mark.parametrize("codec", READERS)
def test_many_equal_texts_are_no_trap(codec):
    assert len(read(codec, file(*["the same"] * 5_000)).documents) == 5_000
