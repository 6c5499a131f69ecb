"""Folders of Arrow and Parquet, classes by name, rows of tokens; and out again."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import formats
from engine.formats import Shape
from engine.formats.hugging_face.data_set import DataSet
from engine.formats.hugging_face.span_rows import SpanRows
from engine.formats.hugging_face.token_rows import TokenRows
from storage.types import Document, Span, Split, Status
from tests.engine.formats.codecs import read, written
from tests.engine.formats.documents import documents

NAMES = ["O", "B-PER", "I-PER", "B-LOC"]
TAGGED = {"id": ["0"], "tokens": [["Ada", "L.", "in", "Rome"]], "ner_tags": [[1, 2, 0, 3]]}
FEATURES = {
    "tokens": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"},
    "ner_tags": {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"},
}
MARKS = (Span(0, 6, "PER"), Span(10, 14, "LOC"))


def parquet(columns: dict, features: dict | None = None) -> bytes:
    table = pa.table(columns)
    if features:
        info = json.dumps({"info": {"features": features}})
        table = table.replace_schema_metadata({"huggingface": info})
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def arrow(columns: dict) -> bytes:
    table = pa.table(columns)
    file = io.BytesIO()
    with pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    return file.getvalue()


def packed(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


@pytest.mark.parametrize("data", [parquet(TAGGED, FEATURES)])
def test_tags_that_are_numbers_have_the_names_of_the_file(data):
    (document,) = read(DataSet(), data, "x.parquet").documents
    assert (document.text, document.spans, document.name) == ("Ada L. in Rome", MARKS, "0")


def test_what_save_to_disk_writes_has_splits_and_classes_by_name():
    info = json.dumps({"features": FEATURES}).encode()
    folder = {
        "d/dataset_dict.json": b'{"splits": ["train", "validation"]}',
        "d/train/dataset_info.json": info,
        "d/train/state.json": b"{}",
        "d/train/data-00000-of-00001.arrow": arrow(TAGGED),
        "d/validation/dataset_info.json": info,
        "d/validation/data-00000-of-00001.arrow": arrow(TAGGED),
    }
    found = read(DataSet(), packed(folder)).documents
    assert [d.split for d in found] == [Split.TRAIN, Split.DEV]
    assert [d.spans for d in found] == [MARKS, MARKS]


def test_classes_of_whole_texts_come_with_their_names():
    features = {"label": {"names": ["neg", "pos"], "_type": "ClassLabel"}}
    data = packed(
        {
            "data/train-00000-of-00001.parquet": parquet(
                {"text": ["good film", "bad film"], "label": [1, 0]}, features
            ),
            "data/test-00000-of-00001.parquet": parquet(
                {"text": ["fine film"], "label": [-1]}, features
            ),
        }
    )
    found = read(DataSet(Shape(True)), data).documents
    assert [(d.split, [s.label for s in d.spans]) for d in found] == [
        (Split.TRAIN, ["pos"]),
        (Split.TRAIN, ["neg"]),
        (Split.TEST, []),
    ]


def test_spans_are_objects_or_an_object_of_lists():
    as_objects = parquet({"text": ["in Rome"], "spans": [[{"start": 3, "end": 7, "label": "LOC"}]]})
    as_lists = parquet(
        {"text": ["in Rome"], "entities": [{"start": [3], "end": [7], "label": ["LOC"]}]}
    )
    for data in (as_objects, as_lists):
        (document,) = read(DataSet(), data, "x.parquet").documents
        assert document.spans == (Span(3, 7, "LOC"),)


def test_numbers_that_nothing_names_are_refused_with_what_to_do():
    (error,) = read(DataSet(), parquet(TAGGED), "x.parquet").errors
    assert "dataset_info.json" in error


@pytest.mark.parametrize("data", [parquet(TAGGED)[:-30], b"PAR1" + bytes(50), b"\xff" * 60])
def test_what_is_damaged_is_refused_in_a_sentence(data):
    assert read(DataSet(), data, "x.arrow").errors


@settings(max_examples=15)
@given(st.lists(documents(statuses=tuple(Status)), min_size=1, max_size=3))
def test_every_span_and_status_comes_back(found):
    data, said = written(DataSet(), found)
    back = read(DataSet(), data).documents
    assert said == []
    assert [(d.text, d.spans, d.status) for d in back] == [
        (d.text, d.spans, d.status) for d in found
    ]


@given(
    st.lists(documents(statuses=tuple(Status)), min_size=1, max_size=3),
    st.sampled_from([None, *Split]),
    st.sampled_from(["", "g 1"]),
)
@settings(max_examples=30, deadline=None)
def test_one_file_keeps_splits_and_groups_besides(found, split, group):
    found = [replace(each, split=split, group=group, name="a") for each in found]
    codec = SpanRows()
    data, said = written(codec, found)
    assert not said and pq.read_table(io.BytesIO(data)).num_rows == len(found)
    back = read(codec, data, "labelled.parquet")
    assert not back.said

    def kept(each: Document) -> tuple:
        return each.text, sorted(each.spans), each.status, each.split, each.group, each.name

    assert list(map(kept, back.documents)) == list(map(kept, found))
    source = formats.InputFile("x", data)
    assert codec.sniff(source) and formats.writer_of("x.parquet").name == codec.name


@pytest.mark.parametrize("several", [False, True])
def test_classes_and_pairs_come_back(several):
    shape = Shape(True, several, True)
    found = [
        Document("a b", spans=(Span(0, 0, "x"),), status=Status.DONE, second_text="c d"),
        Document("e f", status=Status.UNTOUCHED, second_text="g", split=Split.TEST),
    ]
    back = read(DataSet(shape), written(DataSet(shape), found)[0]).documents
    assert [(d.text, d.second_text, d.spans, d.status) for d in back] == [
        (d.text, d.second_text, d.spans, d.status) for d in found
    ]
    assert [d.split for d in back] == [Split.TRAIN, Split.TEST]


AUTOTRAIN = "tokens,tags\n\"['I', 'love', \"\"l'Ile\"\"]\",\"['O', 'O', 'B-LOC']\"\n"


@pytest.mark.parametrize(
    "data",
    [
        AUTOTRAIN,
        '{"tokens": ["I", "love", "l\'Ile"], "tags": ["O", "O", "B-LOC"]}\n',
        '{"words": ["I", "love", "l\'Ile"], "ner": ["O", "O", "B-LOC"]}\n',
        '[{"tokens": ["I", "love", "l\'Ile"], "ner_tags": ["O", "O", "B-LOC"]}]',
    ],
)
def test_rows_of_autotrain_and_run_ner(data):
    (document,) = read(TokenRows(), data.encode()).documents
    assert document.text == "I love l'Ile"
    assert document.spans == (Span(7, 12, "LOC"),)
    assert formats.guess(formats.InputFile("x", data.encode())).name == "token_rows"


TEXT = {"text": "Ada L., in\nRome", "id": 4.8e17}
WORDS = {"tokens": ["Ada", "L.,", "in", "Rome"]}


@pytest.mark.parametrize("tags", ["entities", "ner_tags", "labels"])
def test_tags_of_the_words_of_a_text_are_spans_of_the_text(tags):
    row = json.dumps({**TEXT, **WORDS, tags: ["B-PER", "I-PER", "O", "B-LOC"]}).encode()
    assert formats.guess(formats.InputFile("x.json", row)).name == "token_rows"
    found = read(TokenRows(), row)
    (document,) = found.documents
    assert (document.text, document.name) == (TEXT["text"], "x:1")
    assert document.spans == (Span(0, 7, "PER"), Span(11, 15, "LOC"))
    assert found.said == []


def test_words_that_are_not_those_of_the_text_are_taken_and_told():
    row = {"text": 'in "Rome"', "tokens": ["in", "'\"'", "Rome"], "entities": ["O", "O", "B-LOC"]}
    found = read(TokenRows(), json.dumps(row).encode())
    (document,) = found.documents
    assert (document.text, document.spans) == ("in '\"' Rome", (Span(7, 11, "LOC"),))
    assert document.layout["record"]["text"] == row["text"]
    assert "not those of the text" in found.said[0]


def test_a_file_of_columns_with_text_and_tags_keeps_its_tags():
    data = parquet({"text": ["Ada L. in Rome"], **TAGGED}, FEATURES)
    (document,) = read(DataSet(), data, "x.parquet").documents
    assert document.spans == MARKS


@pytest.mark.parametrize(
    "row",
    [
        '{"tokens": ["a"], "tags": ["O", "O"]}',
        '{"tokens": ["a"], "tags": ["?"]}',
        '{"tokens": ["a"], "tags": [1]}',
        '{"tokens": [], "tags": []}',
        '{"tokens": "__import__(\'os\')", "tags": "[]"}',
    ],
)
def test_rows_that_do_not_fit_are_told_with_their_line(row):
    found = read(TokenRows(), row.encode())
    assert len(found.errors) == 1
    assert found.documents == ()


@settings(max_examples=30)
@given(documents())
def test_words_and_tags_come_back_in_number(document):
    data, said = written(TokenRows(), [document])
    (back,) = read(TokenRows(), data).documents
    assert len(back.spans) + len(said) == len(document.spans)
