"""What goes out comes in again the same, in every format, whatever the texts and labels hold."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import formats
from engine.corpus.exporting import export
from engine.corpus.importing import plan
from engine.formats import Shape
from storage.types import Document, Source, Span, Split, Status
from tests.engine.corpora import shared

_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TEXTS = st.text(_CHARACTERS, min_size=1, max_size=12).filter(lambda text: text.strip())
# As storage has them: no outer blanks, nothing that cannot be seen.
LABELS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=6
).filter(lambda name: name == name.strip() and name)
NEUTRALISED = "Cells that a spreadsheet would run as formulas"
TASKS = {"classes": Shape(True), "multilabel": Shape(True, True), "pairs": Shape(True, False, True)}
WAYS = [(task, w.name) for task, shape in TASKS.items() for w in formats.writers(shape)]
# fastText and folders have no place for all of it: below.
WHOLE = [
    way
    for way in WAYS
    if way[1]
    not in (
        *("fasttext", "folders", "judgements", "doccano_csv", "spacy", "spacy_json"),
        "hugging_face",
    )
]


@st.composite
def documents(draw, task: str) -> Document:
    names = draw(st.lists(LABELS, max_size=3 if task == "multilabel" else 1, unique=True))
    sources = st.sampled_from([Source.IMPORT, Source.SAMPLED, Source.MINED])
    kind = [Status.DONE] if names else [Status.DONE, Status.UNTOUCHED, Status.SKIPPED]
    return Document(
        draw(TEXTS),
        spans=tuple(sorted(Span(0, 0, name, source=draw(sources)) for name in names)),
        status=draw(st.sampled_from(kind)),
        second_text=draw(TEXTS) if task == "pairs" else None,
        split=draw(st.sampled_from(Split)),
        group=draw(st.sampled_from(["", "g 1", "007"])),
        date=draw(st.sampled_from(["", "2026-11-27", "2026-11-27T01:02:03"])),
        name=draw(st.sampled_from(["a", "train.csv:12", "1"])),
    )


def said(document: Document) -> tuple:
    """Return all that a file has to keep of a document."""
    marks = [(span.label, span.source) for span in sorted(document.spans)]
    return (
        *(document.text, document.second_text, document.status, marks, document.split),
        *(document.group, document.date, document.name),
    )


@pytest.mark.parametrize(("task", "format"), WHOLE)
def test_nothing_is_lost_on_the_way_out_and_in(task, format):
    @settings(max_examples=20)
    @given(st.lists(documents(task), min_size=1, max_size=4))
    def check(given):
        output = export(given, format, task=task)
        data = output.data()
        assert all(NEUTRALISED in problem.message for problem in output.problems)
        found = plan([(f"x{output.extension}", data)], task=task, format=format)
        assert [p.message for p in found.errors] == []
        assert [said(d) for d in found.documents_to_add] == [said(d) for d in given]
        # What came in so goes out byte for byte.
        if format in ("csv", "tsv", "jsonl"):
            assert export(found.documents_to_add, format, task=task).data() == data

    check()


@pytest.mark.parametrize("task", TASKS)
def test_a_format_is_known_by_what_it_holds(task):
    marks = (Span(0, 0, "yes"),)
    second = "other" if task == "pairs" else None
    given = [
        Document(f"some text {n}", spans=marks, status=Status.DONE, second_text=second)
        for n in range(3)
    ] + [Document("odd", spans=(Span(0, 0, "no"),), status=Status.DONE, second_text=second)]
    for writer in formats.writers(TASKS[task]):
        if writer.name == "judgements":
            continue
        data = export(given, writer.name, task=task).data()
        found = plan([("file", data)], task=task)
        assert found.labels == {"no": 1, "yes": 3}, writer.name
        # doccano's is one of the ways to write JSON Lines, and TSV one of those to write tables.
        same = {"doccano": "jsonl", "doccano_csv": "csv", "tsv": "csv"}.get(
            writer.name, writer.name
        )
        assert found.files[0].format == same


TABLES = [
    'text,category\r\nI wait,card\r\n"two\r\nlines, ""so""",card\r\nend,x',
    '"id";"Text";"label"\n"1";"a";"x"\n"2";"b";"y"\n',
    'sentence1\tsentence2\tlabel\nsay "x"\t"y" said\t1\nb\tc\t0\n',
    "\ufefftext,label,text\na,x,1\nb,y,2\n",
    "good film,pos\nbad film,neg\nfine,pos\n",
]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_that_nobody_edited_goes_out_byte_for_byte(table):
    task = "pairs" if "sentence2" in table else "classes"
    found = plan([("x.csv", table.encode())], task=task)
    assert export(found.documents_to_add, "csv", task=task).data() == table.encode()
    first, *rest = found.documents_to_add
    edited = [replace(first, spans=rest[-1].spans), *rest]
    again = plan([("x.csv", export(edited, "csv", task=task).data())], task=task)
    assert [d.spans for d in again.documents_to_add] == [d.spans for d in edited]
    assert [d.text for d in again.documents_to_add] == [d.text for d in edited]


def test_json_lines_that_nobody_edited_go_out_byte_for_byte():
    lines = (
        '{"text":"caf\\u00e9","labels":["b","a"],"meta":{"x":1.50}}\n'
        '{"labels": [], "text": "b"}\n{"text": "c"}\n'
    )
    found = plan([("x.jsonl", lines.encode())], task="multilabel")
    assert export(found.documents_to_add, "jsonl", task="multilabel").data().decode() == lines


@pytest.mark.long
def test_banking77_goes_out_byte_for_byte():
    file = shared("data/banking77/test.csv")
    found = plan([file], task="classes")
    assert export(found.documents_to_add, "csv", task="classes").data() == file.read_bytes()


def test_naughty_strings_are_texts_labels_and_files_like_others():
    strings = json.loads(shared("samples/adversarial/blns/blns.json").read_bytes())
    good = [s for s in strings if s.strip() and "\0" not in s]
    given = [Document(text, spans=(Span(0, 0, "x"),), status=Status.DONE) for text in good]
    for format in ("csv", "tsv", "jsonl", "doccano", "prodigy", "label_studio", "parquet"):
        data = export(given, format, task="classes").data()
        found = plan([("x", data)], task="classes", format=format, allow_duplicates=True)
        assert [d.text for d in found.documents_to_add] == good, format


def test_what_fasttext_cannot_hold_is_told():
    given = [
        Document("two\nlines", spans=(Span(0, 0, "a b"),), status=Status.DONE),
        Document("fine", spans=(Span(0, 0, "c"),), status=Status.DONE),
        Document("none of them", status=Status.DONE),
    ]
    output = export(given, "fasttext", task="classes")
    assert output.data() == b"__label__a_b two lines\n__label__c fine\nnone of them\n"
    assert len(output.problems) == 3


def test_folders_keep_levels_and_splits_and_no_name_leads_out_of_the_archive():
    given = [
        Document("a", spans=(Span(0, 0, "bike/broken"),), status=Status.DONE, split=Split.TEST),
        Document("b", spans=(Span(0, 0, "../../etc"),), status=Status.DONE),
    ]
    output = export(given, "folders", task="classes")
    data = output.data()
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert names == ["test/bike/broken/000001.txt", "train/_/_/etc/000002.txt"]
    assert len(output.problems) == 1
    (first, _) = plan([("x.zip", data)], task="classes").documents_to_add
    assert (first.spans, first.split) == (given[0].spans, Split.TEST)


@st.composite
def judged(draw) -> Document:
    return Document(
        draw(TEXTS),
        spans=(Span(0, 0, str(draw(st.integers(0, 3))), source=Source.IMPORT),),
        status=Status.DONE,
        second_text=draw(TEXTS),
        split=draw(st.sampled_from(Split)),
    )


@settings(max_examples=20)
@given(st.lists(judged(), min_size=1, max_size=5, unique_by=lambda d: (d.text, d.second_text)))
def test_judgements_keep_texts_grades_and_the_ids_that_they_came_with(given):
    given.sort(key=lambda document: str(document.split))

    def told(documents) -> list[tuple]:
        return sorted((d.text, d.second_text, d.spans[0].label, d.split) for d in documents)

    data = export(given, "judgements", task="pairs").data()
    found = plan([("x.zip", data)], task="pairs", allow_duplicates=True)
    assert told(found.documents_to_add) == told(given)
    assert export(found.documents_to_add, "judgements", task="pairs").data() == data


def test_what_is_no_judgement_is_told():
    marks = (Span(0, 0, "no match"),)
    given = [Document("a", second_text="b", spans=marks), Document("a", second_text="c")]
    output = export(given, "judgements", task="pairs")
    with zipfile.ZipFile(io.BytesIO(output.data())) as archive:
        assert archive.read("qrels/all.tsv").decode().split("\n")[1:] == ["q1\td1\t0", ""]
    told = [problem.message for problem in output.problems]
    assert told == [
        'The answer "no match" became the grade 0.',
        "A pair without an answer is left out.",
    ]


@pytest.mark.parametrize("format", ["csv", "tsv", "xlsx", "doccano_csv"])
def test_cells_that_are_no_formulas_in_the_file_are_counted_with_examples(format):
    task = "multilabel" if format == "doccano_csv" else "classes"
    texts = ["=1+1", "plain", "@SUM(A1)", "+x", "-y"]
    given = [Document(text, spans=(Span(0, 0, "a"),), status=Status.DONE) for text in texts]
    output = export(given, format, task=task)
    assert output.data() != b""
    assert [problem.message for problem in output.problems] == [
        f"{NEUTRALISED} begin with an apostrophe in the file, and come back without it: 4, as "
        '"=1+1", "@SUM(A1)", "+x".'
    ]
