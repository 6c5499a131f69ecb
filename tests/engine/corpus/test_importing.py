"""The dry run: what would come in, and every reason why it may not."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import formats
from engine.corpus.importing import plan
from engine.formats.common.problems import sentence
from storage.errors import InputError
from storage.hashing import text_hash
from storage.types import Severity, Split
from tests.engine.corpora import shared

CONLL = b"Jane\tB-PER\n\nRome\tB-LOC\n\nJane\tO\n"


def one_error(*args, **settings) -> str:
    (problem,) = plan(*args, **settings).errors
    return sentence(problem)


def in_project(*texts: str):
    """Return what tells which texts a project has: these, to learn from."""
    known = {text_hash(text): Split.TRAIN for text in texts}
    return lambda hashes: {each: known[each] for each in hashes if each in known}


class TestCounting:
    def test_a_path_and_an_upload_give_the_same_plan(self, tmp_path):
        path = tmp_path / "a.conll"
        path.write_bytes(CONLL)
        assert plan([path]) == plan([str(path)]) == plan([("a.conll", CONLL)])

    def test_the_summary_is_what_the_command_line_prints(self):
        summary = plan([("a.conll", CONLL), ("b.txt", b"more\n")]).summary()
        problem, (conll, text) = summary.pop("problems"), summary.pop("files")
        assert (text["name"], text["format"], text["columns"]) == ("b.txt", "text", {})
        assert conll == {
            "name": "a.conll",
            "format": "conll",
            "split": "train",
            "documents": 3,
            "columns": {"1": "words", "2": "tags"},
        }
        assert summary == {
            "documents": 4,
            "tokens": 4,
            "spans": 2,
            "labels": {"LOC": 1, "PER": 1},
            "scheme": "IOB2",
            "duplicates": 1,
        }
        assert problem == [
            {
                "severity": "warning",
                "file": "a.conll",
                "line": 5,
                "message": "The text is the same as in a.conll, line 1.",
            }
        ]

    def test_every_file_keeps_its_own_share(self):
        first, second = plan([("a.conll", CONLL), ("dev.txt", b"more\n")]).files
        assert (first.format, first.documents, first.spans, first.scheme) == ("conll", 3, 2, "IOB2")
        assert (second.format, second.documents, second.split) == ("text", 1, Split.DEV)

    def test_duplicates_are_counted_across_files_and_with_the_project(self):
        found = plan([("a.txt", b"x\ny\n"), ("b.txt", b"y\nz\n")], known=in_project("z"))
        assert (found.duplicates, found.documents, found.refused) == (2, 4, False)
        assert [problem.message for problem in found.problems] == [
            "The text is the same as in a.txt, line 2.",
            "The text is the same as in the project.",
        ]

    def test_duplicates_across_splits_are_told_apart(self):
        files = [("train.txt", b"x\ny\n"), ("test.txt", b"y\nz\nz\nw\n")]
        found = plan(files, known=in_project("w"))
        assert (found.duplicates, found.leaking) == (3, 2)
        assert [p.message for p in found.problems if "another split" in p.message] == [
            "The text is the same as in train.txt, line 2, in another split.",
            "The text is the same as in the project, in another split.",
        ]

    def test_a_flood_of_warnings_is_listed_in_part_and_counted_in_full(self):
        found = plan([("a.txt", b"x\n" * 3000)])
        assert found.duplicates == 2999
        assert len(found.problems) == 1001
        assert found.problems[-1].message.startswith("1,999 more warnings")

    def test_a_file_of_mostly_the_same_texts_asks_first(self):
        words = [("x.txt", b"a\nthe\na\nthe\nthe\n")]
        found = plan(words, allow_duplicates=False)
        (problem,) = found.errors
        assert problem.option == "allow_duplicates"
        assert problem.message.startswith("3 of 5 texts are the same as another one")
        assert not plan(words, allow_duplicates=True).refused
        assert not plan([("x.txt", b"a\nb\na\nb\n")], allow_duplicates=False).refused

    def test_a_file_that_is_in_the_project_already_asks_first(self):
        again = plan([("x", CONLL)], known=in_project("Rome"), allow_duplicates=False)
        assert again.refused
        assert again.documents == 3

    def test_a_column_of_words_taken_for_texts_asks_first(self):
        found = plan([shared("data/wnut17/emerging.test")], allow_duplicates=False)
        assert "17,046 of 23,394 texts" in found.errors[0].message

    def test_real_duplicates_and_counts(self):
        found = plan([shared("data/wnut17/wnut17train.conll")])
        assert (found.documents, found.tokens, found.spans) == (3394, 62730, 1975)
        assert (found.duplicates, found.scheme) == (103, "IOB2")


class TestPreview:
    def test_the_first_documents_with_spans_show_what_would_come_in(self):
        found = plan([("x", b"a\tO\n\nb\tB-X\n\nc\tO\n\nd\tB-X\n\ne\tB-X\n\nf\tB-X\n")])
        assert [d.text for d in found.preview] == ["b", "d", "e"]

    def test_where_few_have_spans_others_fill_it_up(self):
        found = plan([("x", b"a\tO\n\nb\tB-X\n\nc\tO\n\nd\tO\n")])
        assert [d.text for d in found.preview] == ["b", "a", "c"]


class TestWhatTheDatabaseRefuses:
    FILES = (
        ("a.jsonl", b'{"text": "one"}\n{"text": "two", "label": [[0, 3, "(missed)"]]}\n'),
        ("b.jsonl", b'{"text": "three"}\n\n{"text": "four", "label": [[0, 4, "(missed)"]]}\n'),
    )

    def test_it_is_told_with_its_file_and_line(self):
        found = plan(self.FILES)
        assert [(problem.file, problem.line) for problem in found.errors] == [
            ("a.jsonl", 2),
            ("b.jsonl", 3),
        ]
        assert found.errors[0].message.startswith('No label can be called "(missed)"')
        assert {problem.option for problem in found.errors} == {"skip_bad"}

    def test_it_leaves_a_plan_that_skips_bad_rows(self):
        found = plan(self.FILES, skip_bad=True)
        assert not found.refused
        assert [d.text for d in found.documents_to_add] == ["one", "three"]
        assert [file.documents for file in found.files] == [1, 1]
        assert found.labels == {}

    def test_two_files_of_one_name_are_two_files(self):
        found = plan([self.FILES[0], self.FILES[0]], skip_bad=True)
        assert [file.documents for file in found.files] == [1, 1]


class TestRefusing:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "x.txt: The file is empty; choose a file with text in it."),
            (b"\xef\xbb\xbf \n", "x.txt: The file is empty; choose a file with text in it."),
            (
                "Zürich, München, Köln, Düren\nM".encode() + b"\xfcnchen\n",
                "x.txt, line 2: The byte 0xFC (byte 35 of the file) is not valid UTF-8; mend the "
                "line, or choose the file's encoding.",
            ),
            (
                # CESU-8: an emoji as two surrogates of three bytes each.
                b"\xed\xa0\xbd\xed\xb8\x80",
                "x.txt, line 1: The byte 0xED (byte 1 of the file) is not valid UTF-8; mend the "
                "line, or choose the file's encoding.",
            ),
            (
                b"a\nb\0c\n",
                "x.txt, line 2: The file holds a NUL character; remove it or save it as text.",
            ),
            (
                b"PK\x03\x04...",
                "x.txt: The archive is damaged or locked by a password; pack it anew as ZIP.",
            ),
            (
                b"%PDF-1.7",
                "x.txt: The file is a PDF and no text; choose its format yourself.",
            ),
        ],
    )
    def test_a_bad_file_is_one_sentence_with_its_remedy(self, content, message):
        assert one_error([("x.txt", content)]) == message

    def test_an_encoding_that_was_guessed_is_told_with_its_line(self):
        found = plan([("x.txt", "one\nGroße Straße in München\n".encode("latin-1"))])
        (problem,) = found.problems
        assert (problem.line, problem.option) == (2, "encoding")
        assert found.documents_to_add[1].text == "Große Straße in München"

    @pytest.mark.parametrize("format", ["conll", "doccano", "prodigy", "csv", "text"])
    def test_no_format_reads_bytes_that_the_chosen_encoding_lacks(self, format):
        content = "Müll\tO\n".encode("latin-1")
        options = {"encoding": "utf-8"}
        found = plan([("x", content)], format=format, skip_bad=True, options=options)
        assert "0xFC is not valid UTF-8" in found.errors[0].message

    def test_a_folder_a_missing_file_and_a_locked_one(self, tmp_path):
        assert one_error([tmp_path]).endswith("There is no file in it; choose another one.")
        assert one_error([tmp_path / "no.txt"]) == (
            "no.txt: The file does not exist; check its name."
        )
        assert "cannot be read" in one_error([tmp_path / ("n" * 300)])

    def test_a_pipe_and_a_device_are_refused_at_once(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.txt")
        for path in (tmp_path / "pipe.txt", "/dev/zero"):
            assert "This is a pipe or a device and no file;" in one_error([path])

    def test_a_name_in_another_encoding_is_marked(self, tmp_path):
        path = os.fsencode(tmp_path) + b"/caf\xe9.txt"
        with open(path, "wb") as file:
            file.write(b"a\n")
        (document,) = plan([os.fsdecode(path)]).documents_to_add
        assert document.name == "caf\ufffd.txt:1"

    def test_a_line_too_long_is_refused_before_it_is_read_whole(self, tmp_path):
        path = tmp_path / "big.txt"
        with path.open("wb") as file:
            file.write(b"a\n")
            file.truncate(2**26)
        assert one_error([path]).startswith("big.txt, line 2: The line is longer than 16 MB;")

    def test_no_file_at_all(self):
        with pytest.raises(InputError, match="choose at least one file"):
            plan([])

    def test_one_bad_file_refuses_all(self):
        found = plan([("a.txt", b"fine"), ("b.txt", b"a\0b")])
        assert found.refused
        with pytest.raises(InputError, match="b.txt, line 1: The file holds a NUL"):
            found.check()

    def test_checking_says_how_many_problems_there_are_and_a_good_plan_passes(self):
        with pytest.raises(InputError, match=r"x, line 2: .*\(and 2 more\)"):
            plan([("x", b"a\tB-X\nb\tPER\nc\tPER\nd\tPER\ne\tO\n")]).check()
        plan([("x", CONLL)]).check()

    def test_folders_in_an_uploads_name_are_dropped(self):
        for name in ("../../etc/dev.txt", "C:\\secret\\dev.txt"):
            (file,) = plan([(name, b"a")]).files
            assert (file.name, file.split) == ("dev.txt", Split.DEV)


class TestOverlaps:
    ROWS = (
        b'{"text": "New York Times", "label": [[0, 8, "LOC"], [0, 14, "ORG"]]}\n'
        b'{"text": "Rome", "label": [[0, 4, "LOC"]]}\n'
        b'{"text": "a b c", "label": [[0, 5, "X"], [0, 1, "X"], [2, 5, "X"]]}\n'
    )

    def test_they_come_in_where_they_are_allowed(self):
        found = plan([("x.jsonl", self.ROWS)], allow_overlaps=True)
        assert (found.refused, found.spans, found.stage.overlaps) == (False, 6, True)

    def test_elsewhere_they_are_refused_with_both_ways_out(self):
        found = plan([("x.jsonl", self.ROWS)], allow_overlaps=False)
        assert [problem.line for problem in found.errors] == [1, 3]
        assert found.errors[0].message == (
            'The spans "New York" and "New York Times" overlap, which this project forbids: '
            "allow overlaps in the project's settings."
        )
        assert found.errors[0].option == "skip_bad"

    def test_skipping_leaves_those_documents_out(self):
        found = plan([("x.jsonl", self.ROWS)], allow_overlaps=False, skip_bad=True)
        assert [d.text for d in found.documents_to_add] == ["Rome"]
        assert not found.stage.overlaps
        assert {problem.severity for problem in found.problems} == {Severity.WARNING}

    def test_touching_spans_do_not_overlap(self):
        assert not plan([("x", b"a\tB-X\nb\tB-X\n")], allow_overlaps=False).refused


@given(st.binary(max_size=200), st.sampled_from(["auto", *(c.name for c in formats.codecs())]))
def test_any_bytes_in_any_format_give_a_plan_and_never_an_exception(data, format):
    found = plan([("x", data)], format=format)
    assert found.refused or found.documents


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "label", "spans", "tokens", "start", "end", "answer", "start_offset"]
            ),
            inner,
        )
    ),
)


@given(JSONISH, st.sampled_from(["doccano", "prodigy"]))
def test_any_json_gives_a_plan_and_never_an_exception(value, format):
    record = {"text": "a😀 b", "answer": "accept"} | (value if isinstance(value, dict) else {})
    found = plan([("x", json.dumps(record).encode())], format=format)
    assert found.refused or found.documents
