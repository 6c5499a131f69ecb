"""CoNLL files of any kind, and real ones: what is not refused goes out byte for byte."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.corpus.importing import plan
from storage.types import Span
from tests.engine.corpora import shared
from tests.engine.formats.spans.test_conll import read, written

# Anything a file may hold, dense in what could break the layout.
PIECES = st.sampled_from(
    ["a", "#", "# c", "-DOCSTART-", " ", "\t", "\n", "\n\n", "\r\n", "\ufeff", "\u2028", "\x85"]
    + [",", "a,O\n", "b,B-X\n", '",",O\n']
    + ["O", "B-X", "I-X", "E-X", "U-Y", "B-a,B-b", "\tO\n", "\tB-X\n", " x O\n", "我\tI-Z\n", "😀"]
)
WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=" \t\n\r\0"), min_size=1
)
TAGS = st.sampled_from(["O", "O", "B-X", "I-X", "I-Y-Z", "B-组"])


def quoted(word: str) -> str:
    """A cell of CSV."""
    return '"' + word.replace('"', '""') + '"' if set(word) & set('",') else word


@st.composite
def numbered(draw):
    """A table of words in which a column alone tells the sentences apart."""
    delimiter = draw(st.sampled_from(["\t", ","]))
    word = WORDS.map(quoted) if delimiter == "," else WORDS
    sentences = draw(st.lists(st.lists(st.tuples(word, TAGS), min_size=1), min_size=2, max_size=6))
    called, once = draw(st.sampled_from(["{}", "Sentence: {}"])), draw(st.booleans())
    lines = [delimiter.join(["Sentence #", "Word", "Tag"])]
    for number, rows in enumerate(sentences):
        for at, (text, tag) in enumerate(rows):
            lines.append(delimiter.join([called.format(number) * (not (once and at)), text, tag]))
    return "\n".join([*lines, ""])


@st.composite
def files(draw):
    """A file that can be read, of any words and any blank lines, sections and comments."""
    separator = draw(st.sampled_from(["\t", " ", "   ", ","]))
    columns = draw(st.lists(st.just("x"), max_size=2))
    end = draw(st.sampled_from(["\n", "\r\n", " \n"]))
    word = WORDS.map(quoted) if separator == "," else WORDS
    rows = st.tuples(word, TAGS).map(lambda row: separator.join([row[0], *columns, row[1]]))
    others = st.sampled_from(["", "", " \t", "-DOCSTART- O", "#comment"])
    lines = draw(st.lists(st.one_of(rows, rows, others), min_size=1, max_size=20))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return mark + end.join([*lines, draw(st.sampled_from(["", "a" + separator + "O"]))])


FILES = st.one_of(st.lists(PIECES, max_size=40).map("".join), files(), files(), numbered())


BARE = st.lists(st.tuples(WORDS, st.sampled_from(["O", "O", "X", "Y-z", "B-X"])), min_size=4).map(
    lambda rows: "".join(f"{word}\t{tag}\n" for word, tag in rows)
)


@given(st.one_of(FILES, BARE))
def test_whatever_is_not_refused_goes_out_byte_for_byte(text):
    found = read(text)
    if not found.refused:
        assert written(found.documents_to_add) == text


@example("B-X\u2028a,O\n\nB-Xa,O\n")
@given(FILES)
def test_skipping_bad_rows_is_the_same_as_deleting_their_lines(text):
    found = read(text, skip_bad=True)
    # A label that no project may have costs its sentence, with the blank line behind it.
    if found.refused or any("label name" in each.message for each in found.problems):
        return
    bad = {p.line for p in found.problems if p.message.endswith("left out.")}
    lines = text.split("\n")
    kept = [line + "\n" for number, line in enumerate(lines[:-1], 1) if number not in bad]
    kept += [lines[-1]] if len(lines) not in bad else []
    if bad and 1 in bad:
        kept[:1] = [line.removeprefix("\ufeff") for line in kept[:1]]
        assert written(found.documents_to_add).removeprefix("\ufeff") == "".join(kept)
    else:
        assert written(found.documents_to_add) == "".join(kept)


@given(FILES, st.randoms(use_true_random=False))
def test_edited_spans_come_back_and_nothing_else_changes(text, random):
    found = read(text)
    if found.refused:
        return
    edited = [replace(d, spans=random_spans(d, random)) for d in found.documents_to_add]
    output = written(edited)
    # What is found in the content may be another column now.
    words, tags = (
        next(c.name for c in found.files[0].columns if c.role == role) for role in ("words", "tags")
    )
    again = read(output, options={"word_column": words, "tag_column": tags})
    assert [(d.text, d.tokens, d.group) for d in again.documents_to_add] == [
        (d.text, d.tokens, d.group) for d in edited
    ]
    assert [d.spans for d in again.documents_to_add] == [d.spans for d in edited]
    assert len(output.split("\n")) == len(text.split("\n"))


def random_spans(document, random):
    spans, position = [], 0
    while position < len(document.tokens):
        size = random.randint(1, 3)
        last = min(position + size, len(document.tokens)) - 1
        if random.random() < 0.5:
            start, end = document.tokens[position][0], document.tokens[last][1]
            spans.append(Span(start, end, random.choice(["X", "Y-Z", "组"])))
        position = last + 1
    return tuple(spans)


@pytest.mark.parametrize(
    ("path", "documents", "tokens", "spans", "scheme"),
    [
        pytest.param(
            "data/wnut17/wnut17train.conll", 3394, 62730, 1975, "IOB2", marks=pytest.mark.long
        ),
        ("data/wnut17/emerging.dev.conll", 1009, 15733, 836, "IOB2"),
        pytest.param(
            "data/wnut17/emerging.test.annotated", 1287, 23394, 1079, "IOB2", marks=pytest.mark.long
        ),
        ("data/wikigold/wikigold.conll.txt", 1696, 39007, 3558, "IOB1"),
        pytest.param("data/btc/btc.train", 6338, 99933, 8779, "IOB2", marks=pytest.mark.long),
        ("data/crossner/politics/train.txt", 200, 8384, 1304, "IOB2"),
        pytest.param(
            "data/crossner/politics/dev.txt", 541, 24624, 3482, "IOB2", marks=pytest.mark.long
        ),
        pytest.param(
            "data/crossner/politics/test.txt", 651, 27585, 4209, "IOB2", marks=pytest.mark.long
        ),
        pytest.param("data/crossner/ai/train.txt", 100, 3782, 532, "IOB2", marks=pytest.mark.long),
        ("data/sec_filings/FIN3.txt", 303, 13246, 318, "IOB1"),
        pytest.param(
            "data/sec_filings/FIN5.txt", 1164, 41010, 1168, "IOB1", marks=pytest.mark.long
        ),
        ("samples/spacy/ner-token-per-line.iob", 1, 66, 7, "IOB2"),
        ("samples/spacy/ner-token-per-line-with-pos.iob", 1, 66, 7, "IOB2"),
        ("samples/spacy/ner-token-per-line-conll2003.iob", 2, 66, 7, "IOB2"),
        ("samples/doccano/labeling/labeling.conll2003.user1", 3, 20, 5, "IOB2"),
    ],
)
def test_real_files_are_counted_right_and_come_back_the_same(
    path, documents, tokens, spans, scheme
):
    file = shared(path)
    found = plan([file])
    assert not found.refused
    assert (found.documents, found.tokens, found.spans) == (documents, tokens, spans)
    assert found.scheme == scheme
    assert written(found.documents_to_add).encode("utf-8") == file.read_bytes()


@pytest.mark.parametrize(
    ("path", "lines", "counts"),
    [
        ("data/btc/btc.dev", [7465, 15426, 15428, 15435], (1000, 15023, 1730)),
        pytest.param(
            "data/btc/btc.test", [13046, 16303, 16304], (2001, 35425, 4376), marks=pytest.mark.long
        ),
    ],
)
def test_malformed_rows_of_real_files_are_listed_and_can_be_skipped(path, lines, counts):
    file = shared(path)
    assert [problem.line for problem in plan([file]).errors] == lines
    found = plan([file], skip_bad=True)
    assert (found.documents, found.tokens, found.spans) == counts
    kept = file.read_text(encoding="utf-8").split("\n")
    for line in reversed(lines):
        del kept[line - 1]
    assert written(found.documents_to_add) == "\n".join(kept)


def test_multi_labels_are_refused_instead_of_becoming_64_labels():
    found = plan([shared("data/wnut17/emerging.test.conll")])
    assert found.refused
    assert found.errors[0].line == 212
    assert len(found.labels) == 6
