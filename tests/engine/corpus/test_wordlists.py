"""A word list is read as a table or as lines; what is wrong is said with its line."""

from __future__ import annotations

import pytest

from engine.corpus import wordlists
from engine.corpus.dictionary import Entry
from engine.corpus.wordlists import read


def problems(name: str, data: bytes, label: str = "") -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in read(name, data, label).problems]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b"Ada,PER\nOslo,LOC\n"),
        ("a.csv", b"\xef\xbb\xbftext,label\r\nAda,PER\r\nOslo,LOC"),
        ("a.csv", b"id,Label,Name\n1,PER,Ada\n2,LOC,Oslo\n"),
        ("a.csv", b"Ada;PER\nOslo;LOC\n"),
        ("a.tsv", b"Ada\tPER\n\n Oslo \t LOC\n"),
        ("a.txt", b"Ada\tPER\nOslo\tLOC\nAda\tPER\n"),
    ],
)
def test_a_table_brings_strings_and_their_labels(name, data):
    found = read(name, data)
    assert found.entries == (Entry("Ada", "PER"), Entry("Oslo", "LOC"))
    assert found.problems == ()


def test_lines_get_the_label_that_was_chosen():
    data = "Ada, Countess\r\n東京\r\n\r\na\u2028b".encode()
    found = read("names.txt", data, "PER")
    assert [entry.text for entry in found.entries] == ["Ada, Countess", "東京", "a\u2028b"]
    assert {entry.label for entry in found.entries} == {"PER"}


def test_a_cell_may_hold_the_delimiter_and_a_label_may_be_missing():
    found = read("a.csv", b'"Oslo, Norway",LOC\nAda\n', "PER")
    assert found.entries == (Entry("Oslo, Norway", "LOC"), Entry("Ada", "PER"))


def test_bad_rows_are_left_out_and_named_by_line():
    data = "Ada,PER\n,PER\nOslo\nAda,ORG\na,b,c\n" + "x" * 1001 + ",PER\ny," + "z" * 201
    found = read("a.csv", data.encode())
    assert found.entries == (Entry("Ada", "PER"),)
    assert [problem.line for problem in found.problems] == [2, 3, 4, 5, 6, 7]
    said = {problem.line: problem.message for problem in found.problems}
    assert said[3].startswith("“Oslo” has no label, so the row is left out")
    assert said[4] == (
        "“Ada” is PER in line 1 already, so the row is left out: keep one of the two."
    )


@pytest.mark.parametrize(
    ("name", "data", "line", "sentence"),
    [
        ("a.txt", "Zoë Zoë\nM".encode() + b"\xfcller", 2, "not valid UTF-8"),
        ("a.csv", b"PK\x03\x04", 0, "workbook"),
        ("a.csv", b'Ada,PER\n"Oslo,LOC', 2, "quotes do not match"),
        ("a.txt", b" \n", 0, "no strings"),
        ("a.csv", b"", 0, "no strings"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(name, data, line, sentence):
    (where, message), *_ = problems(name, data, "PER")
    assert where == line
    assert sentence in message


def test_size_is_checked_here_not_only_in_the_browser(monkeypatch):
    monkeypatch.setattr(wordlists, "MOST_BYTES", 4)
    assert "larger than" in problems("a.txt", b"12345", "PER")[0][1]


def test_no_more_strings_than_a_dictionary_takes(monkeypatch):
    monkeypatch.setattr(wordlists, "MOST_ENTRIES", 2)
    found = read("a.txt", b"a\nb\nc\n", "PER")
    assert [entry.text for entry in found.entries] == ["a", "b"]
    assert "first 2" in found.problems[0].message
