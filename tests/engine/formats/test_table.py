"""CSV and TSV: one document a row, from the column that holds the text."""

import pytest

from engine.importing import plan
from storage.errors import InputError
from storage.types import Split, Status
from tests.engine.corpora import shared


def read(text: str, name: str = "x.csv", **settings):
    return plan([(name, text.encode("utf-8"))], format="csv", **settings)


def texts(text: str, **options) -> list[str]:
    return [d.text for d in read(text, options=options).documents_to_add]


def test_the_text_column_is_found_by_its_name_wherever_it_is():
    found = read("label,Text\npositive,one\n,two\n")
    assert [d.text for d in found.documents_to_add] == ["one", "two"]
    assert {d.status for d in found.documents_to_add} == {Status.UNTOUCHED}
    assert found.documents_to_add[0].layout["record"] == {"label": "positive"}
    assert found.files[0].columns == ("label", "Text")
    assert found.problems == ()


def test_else_the_longest_column_is_taken_and_named():
    found = read("a,b\n1,long words\n2,more words\n")
    assert found.documents_to_add[0].text == "long words"
    assert found.problems[0].message == 'The text was taken from the column "b", the longest one.'


@pytest.mark.parametrize("choice", ["a", "1", 1])
def test_a_column_can_be_chosen_by_name_or_number(choice):
    assert texts("a,text\nx,y\n", text_column=choice) == ["x"]


def test_an_empty_choice_is_no_choice():
    assert texts("a,text\nx,y\n", text_column="", split_column="", delimiter="") == ["y"]


def test_a_column_that_is_not_there_is_refused_with_those_that_are():
    (problem,) = read("a,text\nx,y\n", options={"text_column": "z"}).errors
    assert problem.message == 'There is no column "z"; choose one of a, text.'


def test_every_column_has_a_name_of_its_own_to_choose_it_by():
    assert read("\ufefftext\tid\ta\n1\t2\t3\n").files[0].columns == ("text", "id", "a")
    assert read("text,,text\n1,2,3\n").files[0].columns == ("text", "2", "text (3)")


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found_in_the_content(delimiter):
    row = delimiter.join
    table = "\n".join([row(["id", "text"]), row(["1", "one"]), row(["2", "two"])])
    assert texts(table) == ["one", "two"]


def test_a_table_without_a_header_keeps_its_first_row():
    assert texts("1,one\n2,two\n") == ["one", "two"]
    assert texts("first,second\nthird,fourth\n", header=False) == ["second", "fourth"]


def test_cells_may_hold_delimiters_quotes_and_line_breaks():
    found = read('text,n\n"a, ""b""\r\nc",1\nd,2\n')
    assert [d.text for d in found.documents_to_add] == ['a, "b"\r\nc', "d"]
    assert [d.name for d in found.documents_to_add] == ["x.csv:2", "x.csv:4"]


def test_a_cell_may_be_longer_than_python_allows_by_itself():
    assert texts("text,n\n" + "a" * 200_000 + ",1\n") == ["a" * 200_000]


def test_ragged_rows_are_refused_with_their_line_and_can_be_skipped():
    table = "text,n\na,1\nb,2,3\nc\n"
    assert [problem.line for problem in read(table).errors] == [3, 4]
    found = read(table, skip_bad=True)
    assert [d.text for d in found.documents_to_add] == ["a"]


def test_quotes_that_do_not_match_are_refused_with_their_line():
    (problem,) = read('text,n\na,1\n"b"c,2\n').errors
    assert (problem.line, "double every quote" in problem.message) == (3, True)


def test_rows_without_text_are_left_out_with_a_warning():
    found = read("text,n\n,1\na,2\n")
    assert (found.documents, found.problems[0].line) == (1, 2)


def test_the_split_can_come_from_a_column():
    found = read("text,part\na,Train\nb,test\n", options={"split_column": "part"})
    assert [d.split for d in found.documents_to_add] == [Split.TRAIN, Split.TEST]
    found = read("text,part\na,nowhere\n", options={"split_column": "part"})
    assert 'The split "nowhere" is unknown' in found.errors[0].message


def test_asking_for_a_format_that_is_not_there_names_those_that_are():
    with pytest.raises(InputError, match="use one of conll, doccano, prodigy, csv, text"):
        plan([("x", b"a")], format="xlsx")


@pytest.mark.parametrize(
    ("path", "documents"),
    [("data/banking77/train.csv", 10_003), ("data/banking77/test.csv", 3_080)],
)
def test_real_tables_are_counted_right(path, documents):
    found = plan([shared(path)])
    assert (found.files[0].format, found.documents, found.refused) == ("csv", documents, False)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("comma_in_quotes", ["120 any st."]),
        ("escaped_quotes", ['ha "ha" ha', "4"]),
        ("newlines_crlf", ["1", "Once upon \r\na time", "7"]),
        ("utf8", ["2", "5"]),
    ],
)
def test_odd_but_valid_tables_are_read_cell_by_cell(name, rows):
    file = shared(f"samples/adversarial/csv-spectrum/csvs/{name}.csv")
    column = {"comma_in_quotes": "address", "newlines_crlf": "a"}.get(name, "b")
    found = plan([file], options={"text_column": column})
    assert [d.text for d in found.documents_to_add][: len(rows)] == rows
