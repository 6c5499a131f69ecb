"""IOB with a sentence a line: read in two or three parts, the same bytes out again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import formats
from engine.corpus.exporting import export
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile
from engine.formats.spans.conll.sentences import SentenceLines
from storage.types import Document, Span, Status
from tests.engine.corpora import shared
from tests.engine.formats import documents


def read(content: str) -> tuple[tuple[Document, ...], list[tuple[int, str]]]:
    source, problems = InputFile("x.iob", content.encode()), Problems("x.iob")
    found = SentenceLines().read(source, {}, problems).documents
    return found, [(each.line, each.message) for each in problems.found]


def written(*found: Document) -> str:
    return export(found, "iob_lines").data().decode()


def test_words_have_their_tags_behind_bars():
    (one, two), problems = read("Jane|B-PER Fox|I-PER ran|O\n\na|O|b|B-X\n")
    assert (one.text, one.spans, one.status) == ("Jane Fox ran", (Span(0, 8, "PER"),), Status.DONE)
    assert (two.text, two.spans, two.name) == ("a|O|b", (Span(0, 5, "X"),), "x.iob:3")
    assert problems == []


def test_a_word_without_its_marks_is_refused_with_the_line():
    found, problems = read("a|O\nb c|O\n|O\nd|PER\n")
    assert [document.text for document in found] == ["a"]
    assert [line for line, _ in problems] == [2, 3, 4]
    assert problems[0][1] == '"b" is not a word with 1 marks behind it; correct the line.'


def test_an_edit_keeps_the_scheme_and_the_parts_between():
    (document,), _ = read(" Jane|N|U-PER  Fox|N|O\r\n")
    edited = replace(document, spans=(Span(0, 8, "P|Q"),))
    assert written(edited) == " Jane|N|B-P_Q Fox|N|L-P_Q\r\n"


@pytest.mark.parametrize("file", ["ner-sent-per-line.iob"])
def test_a_real_file_goes_out_as_it_came(file):
    path = shared(f"samples/spacy/{file}")
    source = InputFile(file, path)
    assert formats.guess(source).name == "iob_lines"
    content = path.read_text(encoding="utf-8")
    found, problems = read(content)
    assert (len(found), sum(len(d.spans) for d in found), problems) == (2, 7, [])
    assert written(*found) == content


@given(st.lists(documents.documents(), min_size=1, max_size=4))
def test_what_one_file_holds_comes_back_equal_a_second_time(given_documents):
    once, _ = read(written(*given_documents))
    assert written(*once) == written(*given_documents)
    bare = [replace(each, layout={}) for each in once]
    again, problems = read(written(*bare))
    assert problems == []
    assert documents.shown(again) == documents.shown(once)
