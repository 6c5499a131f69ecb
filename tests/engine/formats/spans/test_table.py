"""CSV and TSV: one document a row, from the column that holds the text."""

import pytest

from engine.corpus.importing import plan
from storage.errors import InputError
from storage.types import Span, Split, Status
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
    assert [c.name for c in found.files[0].columns] == ["label", "Text"]


def test_what_each_column_was_taken_for_is_told():
    (file,) = read("id,text,split\n1,a b,dev\n", options={"split_column": "split"}).files
    assert {c.name: c.role for c in file.columns} == {"id": "", "text": "texts", "split": "splits"}
    assert [c.examples for c in file.columns] == [("1",), ("a b",), ("dev",)]


@pytest.mark.parametrize("name", ["label", "Category", "intent"])
def test_a_column_of_labels_of_whole_texts_is_never_dropped_in_silence(name):
    found = read(f"text,{name}\na,x\nb,y\n")
    (problem,) = found.problems
    assert f'The column "{name}" holds labels of whole texts' in problem.message
    assert (problem.option, found.refused) == ("whole", False)
    assert found.files[0].columns[1].role == "labels, not used"
    assert found.documents_to_add[0].layout["record"] == {name: "x"}


SPANS = (
    '[[0, 4, ""ORG""]]',
    '[{""start"": 0, ""end"": 4, ""text"": ""Acme"", ""labels"": [""ORG""]}]',
)


@pytest.mark.parametrize("cell", SPANS)
def test_a_column_of_spans_is_read(cell):
    found = read(f'text,label\nAcme grows,"{cell}"\nNothing,[]\nNew,\n')
    assert found.problems == ()
    assert found.documents_to_add[0].spans == (Span(0, 4, "ORG"),)
    assert [d.status for d in found.documents_to_add] == [
        Status.DONE,
        Status.DONE,
        Status.UNTOUCHED,
    ]


def test_a_span_that_is_none_is_refused_with_its_line():
    found = read('text,spans\nAcme,"[[0, 4, ""ORG""]]"\nAcme,"[[0, 9, ""ORG""]]"\nAcme,"[oops"\n')
    assert [problem.line for problem in found.errors] == [3, 4]
    assert "The span 0–9 (ORG) is impossible" in found.errors[0].message
    assert "is no list of spans" in found.errors[1].message


@pytest.mark.parametrize(
    "cell", ["[{'start': 0, 'end': 4, 'label': 'ORG'}]", "[(0, 4, 'ORG')]", "[[0, 4, 'ORG']]"]
)
def test_lists_that_pandas_wrote_are_read(cell):
    (document,) = read(f'text,entities\nAcme,"{cell}"\n').documents_to_add
    assert document.spans == (Span(0, 4, "ORG"),)


@pytest.mark.parametrize("cell", ["[" * 5_000, "[__import__('os')]", "[1" + "," * 9, "[{1: [}]"])
def test_a_cell_that_is_no_plain_value_is_refused(cell):
    (problem,) = read(f'text,entities\nAcme,"[[0, 4, ""ORG""]]"\nAcme,"{cell}"\n').errors
    assert (problem.line, "is no list of spans" in problem.message) == (3, True)


def test_a_table_of_words_is_no_table_of_texts():
    (problem,) = read("Sentence,Word,POS,Tag\n1,Ada,NNP,B-per\n1,ran,VBD,O\n").errors
    assert problem.message.startswith('The column "Tag" holds a tag in each row')


def test_text_and_labels_are_two_columns():
    options = {"text_column": "a", "label_column": "a"}
    assert "cannot be text and labels both" in read("a,b\nx,y\n", options=options).errors[0].message


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
    def names(table):
        return [column.name for column in read(table).files[0].columns]

    assert names("\ufefftext\tid\ta\n1\t2\t3\n") == ["text", "id", "a"]
    assert names("text,,text\n1,2,3\n") == ["text", "2", "text (3)"]


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
    with pytest.raises(InputError, match="use one of conll, .*, doccano, .*, text"):
        plan([("x", b"a")], format="spam")


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
