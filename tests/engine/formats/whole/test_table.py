"""CSV and TSV of classes and pairs: columns found or chosen, labels of every spelling."""

import pytest

from engine.corpus.exporting import export
from engine.corpus.importing import plan
from engine.formats.common import csv_rows
from storage.types import Split, Status
from tests.engine.corpora import shared

QUORA = (
    "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n"
    '0\t1\t2\tWhat is "x"?\t"Quoted" thing\t0\n1\t3\t4\tA b\tC d\t1\n'
)
JIGSAW = "id,comment_text,toxic,severe_toxic\na,hello you,0,0\nb,bad word,1,1\nc,who knows,-1,-1\n"


def read(text: str, task: str = "classes", name: str = "x.csv", **settings):
    return plan([(name, text.encode("utf-8"))], task=task, **settings)


def labelled(found) -> list[tuple]:
    return [
        (
            d.text,
            *([d.second_text] if d.second_text is not None else []),
            *(s.label for s in d.spans),
        )
        for d in found.documents_to_add
    ]


def roles(found) -> dict[str, str]:
    return {c.name: c.role for c in found.files[0].columns if c.role}


@pytest.mark.parametrize(
    "table",
    [
        "text,category\na b,x\nc d,y\n",
        "Label;Sentence\nx;a b\ny;c d\n",
        "sentence\tlabel\na b\tx\nc d\ty\n",
        "id,intent,utterance,source\n7,x,a b,web\n8,y,c d,web\n",
    ],
)
def test_a_text_and_its_label_are_found_by_the_names_of_their_columns(table):
    found = read(table)
    assert labelled(found) == [("a b", "x"), ("c d", "y")]
    assert all(d.spans[0].whole and d.status is Status.DONE for d in found.documents_to_add)
    assert not found.problems


@pytest.mark.parametrize(
    "head",
    [
        "sentence1\tsentence2\tlabel",
        "question\tsentence\tlabel",
        "Premise\tHypothesis\tgold_label",
        "query\tpassage\trelevance",
        "#1 String\t#2 String\tQuality",
    ],
)
def test_the_two_texts_of_a_pair_are_found_by_names_that_go_together(head):
    found = read(f"{head}\na\tb\t1\nc\td\t0\n", "pairs", "x.tsv")
    assert labelled(found) == [("a", "b", "1"), ("c", "d", "0")]
    assert list(roles(found).values()) == ["texts", "second texts", "labels"]


def test_quotes_of_a_tsv_file_that_stand_in_texts_stay_there():
    assert labelled(read(QUORA, "pairs")) == [
        ('What is "x"?', '"Quoted" thing', "0"),
        ("A b", "C d", "1"),
    ]


def test_of_a_table_without_a_head_the_label_is_what_comes_again():
    rows = "".join(f"{n % 3},title {n},a longer text of number {n}\n" for n in range(12))
    found = read(rows)
    assert found.documents == 12 and found.labels == {"0": 4, "1": 4, "2": 4}
    assert {p.option for p in found.problems} == {"text_column", "label_column"}


def test_columns_can_be_chosen_each_and_by_number():
    table = "a,b,c,d,e,f\none,two,yes,g1,2024-05-01,n7\n"
    options = {
        **{"text_column": "b", "second_column": 1, "label_column": "c", "group_column": "d"},
        **{"date_column": "e", "id_column": "f"},
    }
    (document,) = read(table, "pairs", options=options).documents_to_add
    assert (document.text, document.second_text, document.spans[0].label) == ("two", "one", "yes")
    assert (document.group, document.date, document.name) == ("g1", "2024-05-01", "n7")


def test_dates_splits_and_ids_are_taken_only_where_all_cells_are_such():
    table = "id,text,label,split,date\n1,a,x,validation,3/4/2024\n2,b,y,test,31/4/2024\n"
    assert "date" not in roles(read(table))
    first, second = read(table.replace("31/4", "30/4")).documents_to_add
    assert (first.split, second.split) == (Split.DEV, Split.TEST)
    assert (first.date, second.date, second.name) == ("2024-04-03", "2024-04-30", "2")


def test_several_labels_stand_in_one_cell_or_in_columns_of_their_own():
    cells = 'text,labels\na,x|y\nb,x\nc,\nd,"[""z|1""]"\ne,[]\n'
    found = read(cells, "multilabel")
    assert labelled(found) == [("a", "x", "y"), ("b", "x"), ("c",), ("d", "z|1"), ("e",)]
    assert [d.status for d in found.documents_to_add[2:]] == ["untouched", "done", "done"]
    found = read(JIGSAW, "multilabel")
    assert labelled(found) == [
        ("hello you",),
        ("bad word", "severe_toxic", "toxic"),
        ("who knows",),
    ]
    assert [d.status for d in found.documents_to_add] == ["done", "done", "untouched"]
    chosen = read(JIGSAW, "multilabel", options={"label_column": "toxic, severe_toxic"})
    assert labelled(chosen) == labelled(found)


def test_of_several_labels_where_one_is_asked_for_the_row_is_told():
    found = read("text,toxic,rude\na,1,1\nb,1,0\n", options={"label_column": "toxic,rude"})
    (problem,) = found.errors
    assert (problem.line, "2 labels (toxic, rude)" in problem.message) == (2, True)


def test_a_column_of_different_texts_is_doubted_as_labels():
    rows = "".join(f"text {n},comment on it {n}\n" for n in range(80))
    (problem,) = read(f"text,label\n{rows}").problems
    assert problem.option == "label_column" and "80 different labels" in problem.message


def test_a_word_above_numbers_is_a_columns_name():
    head = "nr,sentence_A,sentence_B,entailment_judgment"
    rows = "1,A man,A dog,NEUTRAL\n2,A cat,A cow,ENTAILMENT\n"
    found = read(f"{head}\n{rows}", "pairs")
    assert labelled(found) == [("A man", "A dog", "NEUTRAL"), ("A cat", "A cow", "ENTAILMENT")]
    assert labelled(read("What a day it was,u\na,1\nb,2\nc,1\n"))[0] == ("a", "1")
    assert labelled(read("What a day it was,NA\na,1\nb,2\nc,1\n"))[0] == ("What a day it was",)


def test_no_row_is_lost_where_the_head_looks_like_a_row():
    assert labelled(read("good film,pos\nbad film,neg\nfine,pos\n"))[0] == ("good film", "pos")
    assert labelled(read("text,label\ntext,label\nx,label\n")) == [
        ("text", "label"),
        ("x", "label"),
    ]


@pytest.mark.parametrize(("file", "documents"), [("test", 3_080)])
def test_banking77_has_77_intents(file, documents):
    found = plan([shared(f"data/banking77/{file}.csv")], task="classes")
    assert (found.documents, len(found.labels), found.refused) == (documents, 77, False)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("text,label,text\na b,x,e\nc d,y,f\n", 'Two columns are called "text"'),
        (
            "text,label,date\na b,x,2026-01-02\nc d,y,yesterday\n",
            'The column "date" is not read as dates, since "yesterday" is none',
        ),
        (
            "text,label,split\na b,x,train\nc d,y,later\n",
            'The column "split" is not read as splits, since "later" is none',
        ),
    ],
)
def test_a_column_that_is_not_taken_for_what_it_is_called_is_told(table, told):
    found = read(table)
    assert labelled(found) == [("a b", "x"), ("c d", "y")]
    assert told in found.problems[0].message


def test_what_stands_between_labels_is_what_most_cells_have_and_commas_are_asked_about():
    table = "text,labels\na,x;y|z\nb,x;w\nc,w\n"
    assert labelled(read(table, "multilabel"))[1] == ("b", "w", "x")
    commas = 'text,labels\na,"x, y"\nb,x\nc,y\n'
    found = read(commas, "multilabel")
    assert "Some labels hold commas" in found.problems[0].message
    chosen = read(commas, "multilabel", options={"label_separator": ","})
    assert (labelled(chosen)[0], chosen.problems) == (("a", "x", "y"), ())


class TestDoccanosTable:
    TABLE = "text,label\none,a#b\ntwo,a\nthree,\n"

    def test_labels_with_a_hash_between_are_several_and_it_is_said(self):
        found = plan([("x.csv", self.TABLE.encode())], task="multilabel")
        assert found.labels == {"a": 2, "b": 1}
        assert "Labels with # between are taken as several, as doccano writes them." in [
            problem.message for problem in found.problems
        ]

    def test_one_label_may_have_a_hash_in_it(self):
        assert plan([("x.csv", self.TABLE.encode())], task="classes").labels == {"a": 1, "a#b": 1}
        odd = self.TABLE.replace("two,a", "two,c").encode()
        assert plan([("x.csv", odd)], task="multilabel").labels == {"a#b": 1, "c": 1}

    def test_it_goes_out_so(self):
        given = plan([("x.csv", self.TABLE.encode())], task="multilabel").documents_to_add
        data = export(given, "doccano_csv", task="multilabel").data()
        assert data == b"id,text,label\n1,one,a#b\n2,two,a\n3,three,\n"
        again = plan([("x.csv", data)], task="multilabel", format="doccano_csv")
        assert [d.spans for d in again.documents_to_add] == [d.spans for d in given]


def test_every_column_gets_a_name_of_its_own():
    assert csv_rows.unique(["x", "x (3)", "x", ""]) == ["x", "x (3)", "x (3) (3)", "4"]
