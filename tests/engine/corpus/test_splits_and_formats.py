"""What an import finds out by itself: which split a file is, and in which format."""

import pytest

from engine.corpus.importing import plan, split_of
from storage.errors import InputError
from storage.types import Split
from tests.engine.corpus.test_importing import CONLL, one_error


class TestSplits:
    @pytest.mark.parametrize(
        ("name", "split"),
        [
            ("wnut17train.conll", Split.TRAIN),
            ("emerging.dev.conll", Split.DEV),
            ("valid.txt", Split.DEV),
            ("eng.testa", Split.DEV),
            ("emerging.test.annotated", Split.TEST),
            ("eng.testb", Split.TEST),
            ("BTC-Test.conll", Split.TEST),
            ("contest.txt", Split.TRAIN),
            ("train_test.txt", Split.TRAIN),
            ("news.txt", Split.TRAIN),
        ],
    )
    def test_the_split_is_read_from_the_parts_of_the_name(self, name, split):
        assert split_of(name) == split

    def test_a_chosen_split_wins_over_the_name(self):
        found = plan([("dev.txt", b"a")], split="test")
        assert found.documents_to_add[0].split is Split.TEST
        assert found.files[0].split is Split.TEST

    def test_a_split_that_is_none_is_refused(self):
        with pytest.raises(InputError, match="use train, dev or test"):
            plan([("a.txt", b"a")], split="validation")


class TestGuessing:
    @pytest.mark.parametrize(
        ("content", "format"),
        [
            (CONLL, "conll"),
            (b"Jane NNP B-PER\nran VBD O\n", "conll"),
            (b'{"text": "a", "label": []}\n', "doccano"),
            (b'{"text": "a"}\n', "doccano"),
            (b'{"text": "a", "spans": [], "answer": "accept"}\n', "prodigy"),
            (b"id,text\n1,one\n2,two\n", "csv"),
            (b"id\ttext\n1\tone\n2\ttwo\n", "csv"),
        ],
    )
    @pytest.mark.parametrize("name", ["x", "x.txt", "x.csv", "x.conll", "x.jsonl"])
    def test_the_content_decides_whatever_the_name_says(self, content, format, name):
        assert plan([(name, content)]).files[0].format == format

    @pytest.mark.parametrize("name", ["x", "x.txt", "x.jsonl", "x.test"])
    def test_prose_is_text(self, name):
        found = plan([(name, b"Plain text, of course.\nTwo lines, that is.\n")])
        assert (found.files[0].format, found.documents) == ("text", 2)

    def test_prose_that_calls_itself_conll_is_refused_with_the_way_out(self):
        assert "import the file as text" in one_error([("x.conll", b"Just one sentence.\n")])

    @pytest.mark.parametrize(
        ("content", "format"),
        [
            (b"#FORMAT=WebAnno TSV 2.0\n\n\n", "WebAnno TSV before its version 3"),
            (b"<?xml version='1.0'?><x/>", "XML or HTML"),
        ],
    )
    def test_formats_of_other_tools_are_named_instead_of_read_as_text(self, content, format):
        assert f"looks like {format}" in one_error([("x.txt", content)])
        assert not plan([("x.txt", content)], format="text").refused
