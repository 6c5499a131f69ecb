"""What doccano, Label Studio, Prodigy, fastText, folders, BEIR and TREC give, read."""

import io
import json
import zipfile

import pytest

from engine.corpus.importing import plan
from storage.types import Source, Split
from tests.engine.corpora import shared


def labelled(found) -> list[tuple]:
    return [(d.text, *(s.label for s in d.spans)) for d in found.documents_to_add]


def archive(files: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        ("doccano/text_classification/example.json", {"negative": 1, "positive": 2}),
        ("doccano/text_classification/example.jsonl", {"negative": 1, "positive": 2}),
        ("doccano/text_classification/example_fasttext.txt", {"negative": 1, "positive": 2}),
        ("doccano/text_classification/example_out_of_order_columns.csv", {"positive": 1}),
        ("doccano/classification/classification.jsonl", {"15": 1, "17": 2}),
        ("doccano/intent/example.jsonl", {"positive": 2}),
        ("label_studio/csv_test_history.json", {"Positive": 1}),
    ],
)
def test_real_exports_are_read(path, labels):
    found = plan([shared(f"samples/{path}")], task="multilabel", options={})
    assert (found.labels, found.errors) == (labels, ())


@pytest.mark.long
def test_clinc150_comes_with_its_splits_and_what_is_out_of_scope():
    found = plan([shared("data/clinc150/data_full.json")], task="classes")
    splits = {split: sum(d.split is split for d in found.documents_to_add) for split in Split}
    assert splits == {Split.TRAIN: 15_100, Split.DEV: 3_100, Split.TEST: 5_500}
    assert (len(found.labels), found.labels["oos"]) == (151, 1_200)


STUDIO = [
    {"id": 1, "data": {"text": "a"}, "annotations": [
        {"was_cancelled": True, "result": []},
        {"result": [{"type": "choices", "value": {"choices": ["x"]}}]}]},
    {"id": 2, "data": {"text": "b"}, "annotations": [{"was_cancelled": True, "result": []}]},
    {"id": 3, "data": {"text": "c"}, "annotations": [], "drafts": [
        {"result": [{"type": "choices", "value": {"choices": ["never"]}}]}]},
    {"id": 4, "data": {"text": "d"}, "annotations": [{"result": []}]},
]  # fmt: skip


def test_of_label_studio_what_was_submitted_is_read_and_a_draft_is_in_progress():
    found = plan([("x.json", json.dumps(STUDIO).encode())], task="classes")
    assert found.files[0].format == "label_studio"
    assert labelled(found) == [("a", "x"), ("b",), ("c", "never"), ("d",)]
    assert [d.status for d in found.documents_to_add] == ["done", "skipped", "in progress", "done"]
    least = [{"text": "a", "sentiment": {"choices": ["x", "y"]}, "id": 1, "annotation_id": 1,
              "annotator": 1, "lead_time": 1.0}]  # fmt: skip
    found = plan([("x.json", json.dumps(least).encode())], task="multilabel")
    assert labelled(found) == [("a", "x", "y")]
    parts = [{"data": {"text": "a"}, "annotations": [
        {"result": [{"value": {"start": 0, "end": 1, "labels": ["PER"]}}]}]}]  # fmt: skip
    found = plan([("x.json", json.dumps(parts).encode())], task="classes")
    assert "project of spans" in found.errors[0].message


def test_label_studios_pairs_have_two_texts():
    task = {"data": {"text1": "a", "text2": "b"}, "annotations": [
        {"result": [{"type": "pairwise", "value": {"selected": "left"}}]}]}  # fmt: skip
    (document,) = plan([("x.json", json.dumps([task]).encode())], task="pairs").documents_to_add
    assert (document.text, document.second_text, document.spans[0].label) == ("a", "b", "left")


PRODIGY = (
    '{"text": "a", "options": [{"id": 1, "text": "X"}, {"id": 2, "text": "Y"}], "accept": [1], '
    '"answer": "accept"}\n{"text": "b", "label": "Z", "answer": "accept"}\n'
    '{"text": "c", "label": "Z", "answer": "reject"}\n'
    '{"text": "d", "accept": [], "options": [], "answer": "accept"}\n'
)


def test_of_prodigy_only_what_was_accepted_is_a_label():
    found = plan([("x.jsonl", PRODIGY.encode())], task="classes")
    assert found.files[0].format == "prodigy"
    assert labelled(found) == [("a", "1"), ("b", "Z"), ("c",), ("d",)]
    assert [d.status for d in found.documents_to_add] == ["done", "done", "skipped", "done"]


@pytest.mark.parametrize("root", ["", "aclImdb/"])
def test_one_folder_a_class_with_splits_above(root, tmp_path):
    files = {f"{root}{part}/{name}/{n}.txt": f"{part} {name} {n}" for part in ("train", "test")
             for name in ("neg", "pos") for n in range(2)}  # fmt: skip
    files |= {f"{root}README": "about", f"{root}train/unsup/9.txt": "who knows"}
    found = plan([("imdb.zip", archive(files))], task="classes")
    assert (found.files[0].format, found.labels) == ("folders", {"neg": 4, "pos": 4})
    assert sum(d.split is Split.TEST for d in found.documents_to_add) == 4
    assert [d.status for d in found.documents_to_add if d.text == "who knows"] == ["untouched"]
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert labelled(plan([tmp_path], task="classes")) == labelled(found)


def test_an_archive_of_tables_is_its_files_each_with_its_split():
    files = {"data/train.csv": "text,label\na,x\nb,y\n", "data/test.csv": "text,label\nc,x\n"}
    found = plan([("data.zip", archive(files))], task="classes")
    assert [(d.text, d.split) for d in found.documents_to_add][-1] == ("b", Split.TRAIN)
    assert found.documents_to_add[0].split is Split.TEST


CORPUS = "".join(
    json.dumps({"_id": f"d{n}", "title": "", "text": f"answer number {n}"}) + "\n" for n in range(6)
)
QUERIES = '{"_id": "q1", "text": "first?"}\n{"_id": "q2", "text": "second?"}\n'
BEIR = {
    "corpus.jsonl": CORPUS,
    "queries.jsonl": QUERIES,
    "qrels/train.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\n",
    "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq2\td3\t1\n",
}


def test_beirs_folder_gives_pairs_with_grades_and_splits():
    found = plan([("set.zip", archive(BEIR))], task="pairs")
    pairs = [(d.text, d.second_text, d.spans[0].label, d.split) for d in found.documents_to_add]
    assert sorted(pairs) == [
        ("first?", "answer number 1", "2", Split.TRAIN),
        ("first?", "answer number 2", "0", Split.TRAIN),
        ("second?", "answer number 3", "1", Split.TEST),
    ]
    assert {d.group for d in found.documents_to_add} == {"q1", "q2"}


def test_three_files_together_are_left_texts_right_texts_and_judgements():
    files = [
        ("qrels.txt", b"q1 0 d1 3\nq2 0 d3 0\nq9 0 d3 1\n"),
        ("collection.tsv", "".join(f"d{n}\tanswer {n}\n" for n in range(4)).encode()),
        ("topics.tsv", b"q1\tfirst?\nq2\tsecond?\n"),
    ]
    found = plan(files, task="pairs", skip_bad=True)
    pairs = [(d.text, d.second_text, d.spans[0].label) for d in found.documents_to_add]
    assert pairs == [("first?", "answer 1", "3"), ("second?", "answer 3", "0")]
    assert any('there is no text "q9"' in p.message for p in found.problems)


LOG = "user,item\n" + "".join(f"likes {n} things,thing {n} of kind {n % 3}\n" for n in range(12))


def test_a_log_of_what_was_chosen_gets_pairs_that_nobody_chose_marked_as_such():
    asked = plan([("log.csv", LOG.encode())], task="pairs")
    assert [p.option for p in asked.problems if p.option == "negatives"] == ["negatives"]
    found = plan([("log.csv", LOG.encode())], task="pairs", negatives=4)
    assert (found.labels, found.documents) == ({"match": 12, "no match": 48}, 60)
    assert found.negatives == {"sampled": 24, "mined": 24}
    sources = [s.source for d in found.documents_to_add for s in d.spans]
    assert (sources.count(Source.SAMPLED), sources.count(Source.MINED)) == (24, 24)
    pairs = [(d.text, d.second_text) for d in found.documents_to_add]
    assert len(set(pairs)) == 60
    again = plan([("log.csv", LOG.encode())], task="pairs", negatives=4)
    assert again.documents_to_add == found.documents_to_add
    other = plan([("log.csv", LOG.encode())], task="pairs", negatives=4, seed=2)
    assert other.documents_to_add != found.documents_to_add


def test_a_negative_is_never_a_pair_that_is_known():
    rows = [f"q{n % 2},a{n // 2},1" for n in range(6)] + ["q0,b,0", "q1,c,0"]
    table = "\n".join(["question,answer,label", *rows]).encode()
    found = plan([("x.csv", table)], task="pairs", negatives=50)
    pairs = [(d.text, d.second_text) for d in found.documents_to_add]
    # All of 2 × 5 pairs, each once: two of them stay with nobody's answer but the file's.
    assert len(pairs) == len(set(pairs)) == 10
    assert found.labels == {"0": 4, "1": 6}


def test_negatives_are_for_pairs_only():
    with pytest.raises(Exception, match="Negatives are for pairs"):
        plan([("x.csv", b"text,label\na,x\n")], task="classes", negatives=1)


def test_damaged_archives_and_workbooks_are_told():
    good = archive(BEIR)
    (problem,) = plan([("x.zip", good[:-30])], task="pairs").errors
    assert "damaged" in problem.message
    workbook = archive({"[Content_Types].xml": "<x/>", "xl/a.xml": "<x/>"})
    assert "workbook" in plan([("x.xlsx", workbook)], task="classes").errors[0].message


def test_a_first_text_in_train_and_in_test_is_told_before_it_comes_in():
    files = [("train.csv", b"question,answer,label\nq,a,1\n")]
    files += [("test.csv", b"question,answer,label\nq,b,0\nr,c,1\n")]
    found = plan(files, task="pairs")
    assert any("1 pairs of dev or test" in p.message for p in found.problems)


def test_label_studios_tables_hold_several_choices_as_json():
    table = 'text,sentiment\na,"{""choices"": [""x"", ""y""]}"\nb,x\n'
    found = plan([("x.csv", table.encode())], task="multilabel")
    assert labelled(found) == [("a", "x", "y"), ("b", "x")]


@pytest.mark.parametrize("around", ["./", "../", "/", ".\\"])
def test_paths_of_an_archive_begin_in_many_ways_and_no_file_is_lost(around):
    data = archive({f"{around}spam/1.txt": "buy now", f"{around}ham/2.txt": "see you"})
    found = plan([("x.zip", data)], task="classes")
    assert list(found.labels) == ["ham", "spam"]
