"""Tables of words: a column tells the sentences apart, and commas may part the columns."""

from dataclasses import replace

import pytest

from engine.corpus.importing import plan
from storage.types import Span
from tests.engine.formats.spans.test_conll import read, written

# As on Kaggle: the number stands at a sentence's first word alone.
FIRST_ONLY = (
    "Sentence #,Word,POS,Tag\n"
    'Sentence: 1,London,NNP,B-geo\n,",",",",O\n,"""so""",RB,O\n'
    "Sentence: 2,Ada,NNP,B-per\n,ran,VBD,O\n"
)
# As simpletransformers has them.
EACH = "sentence_id\twords\tlabels\n0\tAda\tB-PER\n0\tran\tO\n1\tBob\tB-PER\n1\tsat\tO\n"


def texts(found) -> list[str]:
    return [document.text for document in found.documents_to_add]


def test_a_number_at_each_first_word_begins_a_sentence_and_cells_are_unquoted():
    found = plan([("ner_dataset.csv", FIRST_ONLY.encode())])
    assert texts(found) == ['London , "so"', "Ada ran"]
    assert found.labels == {"geo": 1, "per": 1}
    (file,) = found.files
    assert (file.format, {c.name: c.role for c in file.columns if c.role}) == (
        "conll",
        {"Sentence #": "sentences", "Word": "words", "Tag": "tags"},
    )
    assert "Column Sentence # tells the sentences apart." in found.problems[0].message


@pytest.mark.parametrize("name", ["x.tsv", "x.txt", "x.csv"])
def test_a_number_in_each_row_does_so_too_and_is_no_word(name):
    table = EACH.replace("\t", ",") if name == "x.csv" else EACH
    assert texts(plan([(name, table.encode())])) == ["Ada ran", "Bob sat"]


def test_numbers_are_told_without_a_title_where_no_blank_line_parts_the_rows():
    rows = EACH.split("\n", 1)[1]
    assert texts(read(rows)) == ["Ada ran", "Bob sat"]
    assert texts(read(rows.replace("1\tBob", "\n1\tBob"), options={"word_column": 2})) == [
        "Ada ran",
        "Bob sat",
    ]
    assert texts(read("7\tO\n8\tO\n8\tB-X\n9\tO\n", options={"word_column": 1})) == ["7 8 8 9"]


def test_any_name_of_a_sentence_may_stand_in_a_column_that_is_called_so():
    assert texts(read("sent_id\tword\ttag\nb7\tAda\tO\nb7\tran\tO\na1\tso\tO\n")) == [
        "Ada ran",
        "so",
    ]


def test_what_is_edited_goes_out_in_the_cells_it_had():
    first, second = read(FIRST_ONLY).documents_to_add
    edited = replace(first, spans=(Span(9, 13, "a b,c"),))
    assert written([edited, second]) == (
        "Sentence #,Word,POS,Tag\n"
        'Sentence: 1,London,NNP,O\n,",",",",O\n,"""so""",RB,B-a_b_c\n'
        "Sentence: 2,Ada,NNP,B-per\n,ran,VBD,O\n"
    )


def test_what_would_run_together_is_parted_by_a_blank_line():
    first, second = read(EACH).documents_to_add
    assert written([second, second]) == "1\tBob\tB-PER\n1\tsat\tO\n\n1\tBob\tB-PER\n1\tsat\tO\n"
    assert written([second, first]).count("\n\n") == 0


def test_a_table_in_which_nothing_parts_the_sentences_says_what_it_lacks():
    table = "Word,POS,Tag\nAda,NNP,B-per\nran,VBD,O\n"
    (problem,) = plan([("x.csv", table.encode())]).errors
    assert "a column that numbers the sentences" in problem.message


def test_rows_that_nothing_parts_are_said_to_be_one_text():
    (problem,) = read("a\tO\nb\tB-X\n" * 250).problems
    assert "500 rows" in problem.message and "one text" in problem.message
    assert not read("a\tO\nb\tB-X\n" * 200 + "\n" + "a\tO\n" * 200).problems


@pytest.mark.parametrize("line", ["{} the cat sat", "the cat sat on {}"])
def test_lines_of_text_with_a_number_each_are_text(line):
    text = "".join(f"{line.format(number)}\n" for number in range(40))
    found = plan([("x.txt", text.encode())])
    assert (found.files[0].format, found.documents) == ("text", 40)
