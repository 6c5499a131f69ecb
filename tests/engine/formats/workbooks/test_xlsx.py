"""XLSX: the columns of CSV, cells as text, no formula in and none out, bombs defused."""

from __future__ import annotations

import datetime
import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import formats
from engine.formats import Shape
from engine.formats.workbooks import sheets
from engine.formats.workbooks.repeated import Repeated
from engine.formats.workbooks.xlsx import Xlsx
from storage.types import Document, Span, Split, Status
from tests.engine.corpora import shared
from tests.engine.formats.codecs import read, written
from tests.engine.formats.documents import TEXTS, documents

CLASSES = Xlsx(Shape(True))


def book(*rows, more: dict[str, list] | None = None) -> bytes:
    made = openpyxl.Workbook()
    for name, found in ({"first": rows} | (more or {})).items():
        sheet = made.create_sheet(name)
        for row in found:
            sheet.append(row)
    del made["Sheet"]
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def test_columns_are_found_as_those_of_csv():
    found = read(CLASSES, book(["id", "text", "label"], [7, "good film", "pos"], [8, "bad", None]))
    assert [d.text for d in found.documents] == ["good film", "bad"]
    assert [d.status for d in found.documents] == [Status.DONE, Status.UNTOUCHED]
    assert found.documents[0].spans == (Span(0, 0, "pos"),)
    assert found.documents[0].layout["record"]["id"] == "7"


def test_spans_are_json_in_a_cell():
    found = read(Xlsx(), book(["text", "labels"], ["in Rome", '[[3, 7, "LOC"]]']))
    assert found.documents[0].spans == (Span(3, 7, "LOC"),)


def test_numbers_dates_and_truths_are_text_as_people_read_them():
    day = datetime.datetime(2026, 11, 27)
    found = read(CLASSES, book(["text", "label", "x", "y"], ["a b", 3, day, True]))
    record = found.documents[0].layout["record"]
    assert (found.documents[0].spans[0].label, record["x"], record["y"]) == (
        *("3", "2026-11-27", "true"),
    )


def test_the_first_sheet_with_texts_is_taken_or_the_one_that_is_chosen():
    data = book(["a", "b"], [1, 2], more={"texts": [["text", "label"], ["good", "x"]]})
    found = read(CLASSES, data)
    assert [d.text for d in found.documents] == ["good"]
    assert found.said == ['The sheet "texts" was taken; there are others: first.']
    assert read(CLASSES, data, options={"sheet": "nowhere"}).errors
    assert read(CLASSES, data, options={"sheet": "2"}).said == []


def test_formulas_are_told():
    found = read(CLASSES, book(["text", "label"], ["a b", "x"], ["c d", "=1+1"]))
    assert found.said == ["Formulas come in as the values that were last computed: 1."]


@pytest.mark.parametrize(
    ("name", "texts"),
    [("example", 2), ("example.invalid.2", 3), ("example_one_column_no_header", 3)],
)
def test_files_of_doccano(name, texts):
    file = shared(f"samples/doccano/text_classification/{name}.xlsx")
    assert len(read(CLASSES, file, skip_bad=True).documents) == texts
    assert formats.guess(formats.InputFile("x", file), Shape(True)).name == "xlsx"


def held(text: str) -> str:
    """Return a text as XML can hold it."""
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def without_noncharacters(document: Document) -> Document:
    spans = tuple(replace(span, label=held(span.label)) for span in document.spans)
    return replace(document, text=held(document.text), name=held(document.name), spans=spans)


def test_characters_that_no_xml_holds_are_replaced_and_told():
    given = Document("a\ufffe b", spans=(Span(0, 2, "x\uffff"),), name="one")
    data, said = written(Xlsx(), [given])
    assert said == [
        "one has U+FFFE or U+FFFF, which no workbook can hold; U+FFFD stands in their place."
    ]
    (back,) = read(Xlsx(), data).documents
    assert (back.text, back.spans) == ("a\ufffd b", (Span(0, 2, "x\ufffd"),))


@settings(max_examples=20)
@given(st.lists(documents(statuses=(Status.DONE, Status.UNTOUCHED)), min_size=1, max_size=3))
def test_spans_come_back(found):
    data, said = written(Xlsx(), found)
    back = read(Xlsx(), data).documents
    held = [without_noncharacters(document) for document in found]
    said = [each for each in said if "formulas" not in each]
    assert len(said) == sum(one != other for one, other in zip(held, found, strict=True))
    assert [(d.text, d.spans, d.status) for d in back] == [
        (d.text, d.spans, d.status) for d in held
    ]


@settings(max_examples=20)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(["=x", "b", "c d"])), min_size=1, max_size=3))
def test_classes_come_back_and_no_cell_is_a_formula(found):
    given = [
        Document(text, spans=(Span(0, 0, label),), status=Status.DONE, split=Split.DEV)
        for text, label in found
    ]
    data, _ = written(CLASSES, given)
    back = read(CLASSES, data).documents
    assert [(d.text, d.spans, d.split) for d in back] == [
        (held(d.text), d.spans, d.split) for d in given
    ]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_text_that_no_cell_can_hold_is_told():
    data, said = written(Xlsx(), [Document("a" * 40_000, name="long"), Document("b")])
    assert said[0].startswith("long has a cell of 40,000 characters")
    assert [d.text for d in read(Xlsx(), data).documents] == ["b"]


@pytest.mark.parametrize("cell", ['<c t="s"><v>%d</v></c>', "<x:c t='s' ><x:v> %d </x:v></x:c>"])
def test_what_all_cells_show_is_counted_though_it_is_there_once(cell):
    cells = "".join(f'<row r="{n}">' + cell % (n % 2) + "</row>" for n in range(1, 2_001))
    strings = f"<sst><si><t>{'long ' * 100}</t></si><si><t>b</t></si></sst>"
    for step in (3, 100, 10**6):
        found = Repeated()
        for part in (strings, f"<sheetData>{cells}</sheetData>"):
            found.begin()
            data = part.encode()
            for at in range(0, len(data), step):
                found.add(data[at : at + step])
            found.add(b"")
        assert 500_000 <= found.bytes <= 600_000, (step, found.bytes)


def test_a_long_text_in_many_cells_is_a_bomb(monkeypatch):
    data = book(["text"], *[["a text " * 1_000]] * 1_000)
    assert len(data) < 50_000 and not read(CLASSES, data).errors
    monkeypatch.setattr(sheets, "MOST_WHOLE_BYTES", 2 * 1024**2)
    (error,) = read(CLASSES, data).errors
    assert "more than 2 MB when it is unpacked" in error


def test_a_bomb_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr(sheets, "MOST_WHOLE_BYTES", 1024**2)
    file = io.BytesIO(book(["text"], ["a"]))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings2.xml", bytes(2 * 1024**2))
    (error,) = read(Xlsx(), file.getvalue()).errors
    assert "more than 1 MB when it is unpacked" in error


@pytest.mark.parametrize("cut", [30, 2000])
def test_a_damaged_workbook_is_refused_in_a_sentence(cut):
    data = book(["text", "label"], ["a b", "x"])
    assert read(CLASSES, data[:cut] + b"\0" * 20 + data[cut + 20 :]).errors
    assert read(CLASSES, data[:-cut]).errors


@pytest.mark.parametrize("far", ["XFD1048576", "ZZ200000"])
def test_a_sheet_that_reaches_too_far_is_refused_before_a_place_is_kept_for_each_cell(far):
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(["text"], ["a"]))) as given,
        zipfile.ZipFile(data, "w") as made,
    ):
        for name in given.namelist():
            content = given.read(name)
            if name == "xl/worksheets/sheet1.xml":
                row = int("".join(filter(str.isdigit, far)))
                cell = f'<row r="{row}"><c r="{far}"><v>1</v></c></row></sheetData>'
                content = content.replace(b"</sheetData>", cell.encode())
            made.writestr(name, content)
    (error,) = read(Xlsx(), data.getvalue()).errors
    assert "more than 20,000,000 cells" in error
