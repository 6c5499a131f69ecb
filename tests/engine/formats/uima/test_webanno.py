"""WebAnno TSV 3.3: units, numbers, stacks, escapes, and what is no span."""

from __future__ import annotations

import pytest
from hypothesis import given

from engine import formats
from engine.formats.uima import webanno_rows
from engine.formats.uima.cas import Xmi
from engine.formats.uima.webanno import WebAnno
from storage.types import Document, Span
from tests.engine.corpora import shared
from tests.engine.formats.codecs import read, written
from tests.engine.formats.documents import documents

HEAD = "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Span|value\n\n\n"
NAMES = [
    "testComplexSlotFeatureWithoutValues",
    "testMultiTokenSpanWithFeatureValue",
    "testSentenceWithEmoji",
    "testSentenceWithLineBreak",
    "testSingleNonMultiTokenRelationWithMultipleFeatureValues",
    "testSingleStackedNonTokenRelationWithoutFeatureValue3",
    "testStackedComplexSlotFeatureWithoutValues",
    "testSubMultiTokenSpanWithoutFeatureValue3",
    "testTokenAttachedAnnotationsWithValues",
    "testTokenBoundedSpanWithAsteriskFeatureValue",
    "testTokenBoundedSpanWithNastyFeatureValue",
    "testTokenBoundedStackedSpanWithFeatureValue",
    "testZeroLengthSpansWithFeatureValues",
    "testZeroLengthSpansWithoutFeatureValues",
]


def rows(*lines: str, head: str = HEAD) -> bytes:
    return (head + "\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_inception_says_the_same_as_its_xmi(name):
    folder = shared(f"samples/webanno/{name}/reference.tsv").parent
    (tsv,) = read(WebAnno(), folder / "reference.tsv").documents
    (xmi,) = read(Xmi(), folder / "reference.xmi").documents
    assert (tsv.text, tsv.tokens) == (xmi.text, xmi.tokens)
    # The fixtures call the layer of one "Span" and of the other "NamedEntity".
    assert [(s.start, s.end, s.label.replace("NamedEntity", "Span")) for s in tsv.spans] == [
        (s.start, s.end, s.label.replace("NamedEntity", "Span")) for s in xmi.spans
    ]


def test_a_number_joins_rows_and_a_bar_stacks_them():
    found = read(
        WebAnno(),
        rows(
            "#Text=New York 😊 .",
            "1-1\t0-3\tNew\tLOC[1]|ORG[2]\t",
            "1-2\t4-8\tYork\tLOC[1]\t",
            "1-3\t9-11\t😊\tMISC\t",
            "1-4\t12-13\t.\t_\t",
        ),
    )
    assert found.documents[0].spans == (
        *(Span(0, 3, "ORG"), Span(0, 8, "LOC"), Span(9, 10, "MISC")),
    )
    assert found.said == []


def test_sentences_stand_where_their_tokens_say():
    found = read(
        WebAnno(), rows("#Text=a", "1-1\t0-1\ta\t_\t", "", "#Text=b c", "2-1\t4-5\tb\tX\t")
    )
    assert found.documents[0].text == "a\n\n\nb c"
    assert found.documents[0].spans == (Span(4, 5, "X"),)


def test_of_several_layers_one_can_be_chosen():
    head = "#FORMAT=WebAnno TSV 3.3\n#T_SP=a.b.Mood|value\n#T_SP=a.b.Place|value\n\n\n"
    data = rows("#Text=Rome", "1-1\t0-4\tRome\tglad\tLOC\t", head=head)
    assert read(WebAnno(), data).documents[0].spans == (Span(0, 4, "LOC"), Span(0, 4, "glad"))
    found = read(WebAnno(), data, options={"tag_column": "Place"})
    assert found.documents[0].spans == (Span(0, 4, "LOC"),)
    assert found.said == ["The layer Place was taken; others are not imported: Mood (1)."]


def test_what_is_escaped_comes_back():
    for value in ("_", "*", "a|b", "x[1]", "->", "a;b", "\\t", "\\", "a\tb", "é|\\|"):
        assert webanno_rows.values(webanno_rows.escape(value)) == [(webanno_rows.escape(value), "")]
        assert webanno_rows.unescape(webanno_rows.escape(value)) == value


@pytest.mark.parametrize(
    "lines",
    [
        ["#Text=a b", "1-1\t0-1\ta\t_\t", "1-2\t2-3\tc\t_\t"],
        ["#Text=a b", "1-1\t0-1\ta\t_\t", "1-2\t2-9\tb\t_\t"],
        ["#Text=😊", "1-1\t0-1\t😊\t_\t"],
        ["1-1\t0-1\ta\t_\t"],
        ["#Text=a", "1-1\t0-1\ta\t_\t_\t"],
        ["#Text=a", "nonsense"],
        ["#Text=abc", "1-1\t0-3\tabc\t_\t", "#Text=b", "2-1\t1-2\tb\t_\t"],
    ],
)
def test_rows_that_do_not_fit_their_text_are_refused_with_their_line(lines):
    (error,) = read(WebAnno(), rows(*lines)).errors
    assert error.startswith(("line ", "The offset"))


def trimmed(document: Document) -> tuple:
    """Return what the format holds: no blanks around a text or a span."""
    text = document.text.strip()
    start = document.text.index(text)
    spans = set()
    for span in document.spans:
        quote = document.text[span.start : span.end]
        if quote.strip():
            first = span.start + len(quote) - len(quote.lstrip())
            spans.add(Span(first - start, first - start + len(quote.strip()), span.label))
    return text, sorted(spans)


@given(documents())
def test_all_comes_back_but_blanks_at_ends_which_are_told(document):
    data, said = written(WebAnno(), [document])
    (member,) = _members(data)
    (back,) = read(WebAnno(), member).documents
    assert trimmed(back) == trimmed(document)
    if trimmed(document) != (document.text, sorted(document.spans)):
        assert said


def _members(data: bytes) -> list[bytes]:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_it_is_known_by_its_content():
    assert formats.guess(formats.InputFile("x.tsv", rows("#Text=a"))).name == "webanno"


def test_a_sentence_far_beyond_all_others_is_refused_before_blanks_are_made():
    data = rows("#Text=a", "1-1\t0-1\ta\t_\t", "", "#Text=b", "2-1\t900000000-900000001\tb\t_\t")
    (error,) = read(WebAnno(), data).errors
    assert "begins behind 16 million characters" in error
