"""brat's standoff: texts with their annotations, in folders and archives, and out again."""

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import formats
from engine.corpus.exporting import export
from engine.formats.brat.codec import Brat
from engine.formats.common.problems import Problems
from engine.formats.common.shape import SPANS
from engine.formats.common.sources import InputFile
from storage.types import Document, Span, Status
from tests.engine.formats import documents

TEXT = "Barack Obama was born\nin Hawaii, USA.\n"
ANN = """T1\tPerson 0 12\tBarack Obama
T2\tPlace 25 31\tHawaii
R1\tborn Arg1:T1 Arg2:T2\t
E1\tBirth:T1 In:T2
A1\tNegation E1
M1\tSure T2
*\tEquiv T1 T2
N1\tReference T1 Wikipedia:534366\tBarack Obama
#1\tAnnotatorNotes T1\tCheck: him?
"""


def read(files: dict[str, str], skip_bad: bool = False, **options):
    members = tuple(InputFile(name, text.encode()) for name, text in sorted(files.items()))
    source, problems = InputFile("x.zip", b"", members), Problems("x.zip", skip_bad)
    assert isinstance(formats.guess(source), Brat)
    assert formats.together(source, SPANS)
    found = Brat(SPANS).read(source, options, problems).documents
    return found, [(each.file, each.line, each.message) for each in problems.found]


def written(*found: Document) -> tuple[dict[str, str], list[str]]:
    made = export(found, "brat")
    with zipfile.ZipFile(io.BytesIO(made.data())) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    return files, [each.message for each in made.problems]


def again(*found: Document) -> tuple[Document, ...]:
    files, _ = written(*found)
    return read(files)[0]


class TestReading:
    def test_a_text_and_what_stands_beside_it_are_a_document(self):
        (document,), problems = read({"c/a.txt": TEXT, "c/a.ann": ANN})
        assert (document.text, document.name, document.status) == (TEXT, "c/a.txt", Status.DONE)
        assert document.spans == (Span(0, 12, "Person"), Span(25, 31, "Place"))
        assert [message for _, _, message in problems] == [
            f"{what} are no spans; they are kept and go out again as brat: {count}."
            for what, count in (
                *(("Relations", 1), ("Events", 1), ("Attributes", 2), ("Equivalences", 1)),
                *(("References to other databases", 1), ("Notes", 1)),
            )
        ]

    def test_a_text_that_nobody_annotated_is_untouched(self):
        found, problems = read({"a.txt": "x", "a.ann": "", "b.txt": "y", "annotation.conf": "[e]"})
        assert [document.status for document in found] == [Status.UNTOUCHED] * 2
        assert problems == []

    def test_annotations_without_a_text_are_refused(self):
        _, problems = read({"a.ann": ANN, "b.txt": "y"})
        assert problems == [("x.zip", 1, "a.ann has no a.txt beside it; add the text.")]

    def test_a_span_over_a_line_end_comes_in_pieces_and_is_one(self):
        (document,), problems = read({"a.txt": TEXT, "a.ann": "T1\tX 17 21;22 24\tborn in\n"})
        assert (document.spans, problems) == ((Span(17, 24, "X"),), [])

    def test_a_span_with_a_hole_is_no_label_and_is_listed_with_file_and_line(self):
        ann = ANN + "T3\tName 0 6;25 31\tBarack Hawaii\nR2\tx Arg1:T3 Arg2:T1\n"
        (document,), problems = read({"a.txt": TEXT, "a.ann": ann})
        assert len(document.spans) == 2
        assert problems[0] == (
            "a.ann",
            10,
            'T3 (Name) has a hole ("Barack Hawaii"), which no span here can have; it is kept and '
            "goes out again as brat.",
        )
        files, _ = written(document)
        assert sorted(files["a.ann"].splitlines()) == sorted(ann.splitlines())

    @pytest.mark.parametrize(
        ("text", "start", "unit"),
        [("😀 Rome", 3, "UTF-16"), ("a\r\nb Rome", 4, "each line end counted as one")],
    )
    def test_offsets_of_another_unit_are_told_by_the_words(self, text, start, unit):
        (document,), problems = read(
            {"a.txt": text, "a.ann": f"T1\tLOC {start} {start + 4}\tRome\n"}
        )
        (span,) = document.spans
        assert text[span.start : span.end] == "Rome"
        assert unit in problems[0][2]

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("T1\tPerson 0 6\tObama", 'should be "Obama", and "Barack" stands there'),
            ("T1\tPerson 0 99", "the text has 38 characters"),
            ("T1\tPerson 5 5", "it is empty"),
            ("T1\tPerson x y", "is not an annotation such as T1⇥Person 0 4⇥Jane"),
            ("?", "is no line of an .ann file"),
        ],
    )
    def test_a_bad_line_is_refused_with_its_file_and_can_be_left_out(self, line, message):
        files = {"a.txt": TEXT, "a.ann": ANN + line}
        _, problems = read(files)
        assert (problems[0][:2], message in problems[0][2]) == (("a.ann", 10), True)
        (document,), problems = read(files, skip_bad=True)
        assert len(document.spans) == 2
        assert problems[0][2].endswith("the row is left out.")

    def test_annotations_alone_are_told_what_they_lack(self):
        source, problems = InputFile("a.ann", ANN.encode()), Problems("a.ann")
        assert isinstance(formats.guess(source), Brat)
        Brat(SPANS).read(source, {}, problems)
        assert "give doc.txt together with doc.ann" in problems.found[0].message


class TestWriting:
    def test_all_lines_go_out_again_with_a_configuration_that_declares_them(self):
        (document,), _ = read({"c/a.txt": TEXT, "c/a.ann": ANN})
        files, problems = written(document)
        assert problems == []
        assert files.keys() == {"c/a.txt", "c/a.ann", "annotation.conf"}
        assert (files["c/a.txt"], files["c/a.ann"]) == (TEXT, ANN)
        assert files["annotation.conf"].startswith("[entities]\nPerson\nPlace\n\n[relations]\nborn")

    def test_what_speaks_of_a_span_that_is_gone_is_left_out_and_counted(self):
        (document,), _ = read({"a.txt": TEXT, "a.ann": ANN})
        files, problems = written(replace(document, spans=(Span(0, 6, "X"), document.spans[1])))
        assert files["a.ann"] == "T3\tX 0 6\tBarack\nT2\tPlace 25 31\tHawaii\nM1\tSure T2\n"
        assert problems == ["Relations and other lines about spans that are gone, left out: 6."]

    def test_names_never_lead_out_of_the_archive_and_are_each_there_once(self):
        layouts = [{"format": "brat", "file": f} for f in ("../x", "CON", "a", "A", "a/../b", "")]
        files, _ = written(*(Document("t", layout=each) for each in layouts))
        assert [name for name in files if name.endswith(".ann")] == [
            *("000001.ann", "000002.ann", "a.ann", "000004-A.ann", "000005.ann", "000006.ann")
        ]

    def test_what_cannot_be_held_is_said(self):
        marked = Document("a\r\nb c", spans=(Span(2, 6, "work of art"), Span(1, 2, "X")))
        files, problems = written(marked, Document("x", status=Status.DONE))
        assert files["000001.txt"] == "a\nb c"
        assert files["000001.ann"] == "T2\twork_of_art 1 5\t b c\n"
        assert problems == [
            "A span over half a line end (X) is left out.",
            "Texts whose line ends of two characters are written as one: 1.",
            "Documents in which nothing was found, written as ones that nobody began: 1.",
            'The label "work of art" is written as "work_of_art".',
        ]


LABELS = ("PER", "B-PER", "I-X-Y", "a#b", "a|b", "#", "组", "é", "O", "x_y", "12")
TEXTS = documents.TEXTS.map(lambda text: text.replace("\r\n", "\n"))


@given(st.lists(documents.documents(LABELS, texts=TEXTS), min_size=1, max_size=3))
def test_any_documents_of_single_line_ends_come_back_equal(given_documents):
    begun = [
        replace(each, status=Status.DONE if each.spans else Status.UNTOUCHED)
        for each in given_documents
    ]
    assert documents.shown(again(*begun)) == documents.shown(begun)
