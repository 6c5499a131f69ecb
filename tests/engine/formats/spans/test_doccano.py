"""doccano's JSON Lines: all its shapes, both units of offsets, strict JSON."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.corpus.exporting import export
from engine.corpus.importing import plan
from engine.formats.common.problems import Problems
from engine.formats.common.sources import InputFile
from engine.formats.spans.doccano import Doccano
from storage.types import Answer, Document, Span, Status
from tests.engine.corpora import shared
from tests.engine.formats import documents

RELATED = {
    "text": "Google by Larry",
    "entities": [
        {"id": 4, "label": "ORG", "start_offset": 0, "end_offset": 6},
        {"id": 5, "label": "PER", "start_offset": 10, "end_offset": 15},
    ],
    "relations": [{"id": 1, "from_id": 4, "to_id": 5, "type": "by"}],
}


def read(*records, **settings):
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    return plan([("x.jsonl", "\n".join(lines).encode())], format="doccano", **settings)


def error(*records) -> str:
    (problem,) = read(*records).errors
    assert problem.line == len(records)
    return problem.message


def written(*documents) -> list[dict]:
    return [json.loads(line) for line in export(documents, "doccano").data().splitlines()]


class TestReading:
    @pytest.mark.parametrize(
        "record",
        [
            {"text": "in Rome", "label": [[3, 7, "LOC"]]},
            {"text": "in Rome", "labels": [[3, 7, "LOC"]], "meta": {"a": 1}},
            {"text": "in Rome", "entities": [[3, 7, "LOC"]], "cats": ["x"]},
            {
                "text": "in Rome",
                "entities": [{"id": 1, "start_offset": 3, "end_offset": 7, "label": "LOC"}],
            },
            {
                "text": "in Rome",
                "annotations": [{"label": "LOC", "start_offset": 3, "end_offset": 7}],
            },
            {"data": "in Rome", "label": [{"start": 3, "end": 7, "label": "LOC"}]},
            {"sentence": "in Rome", "entities": [{"start": 3, "end": 7, "type": "LOC"}]},
            {"text": "in Rome", "ner": [[3, 7, "LOC"]]},
        ],
    )
    def test_every_shape_of_spans_is_read(self, record):
        (document,) = read(record).documents_to_add
        assert document.text == "in Rome"
        assert document.spans == (Span(3, 7, "LOC"),)
        assert document.tokens == ((0, 2), (3, 7))

    def test_spans_under_a_name_that_says_nothing_are_told(self):
        found = read({"text": "in Rome", "places": [[3, 7, "LOC"]], "n": [1, 2, 3]})
        assert found.documents_to_add[0].status is Status.UNTOUCHED
        (problem,) = found.problems
        assert '"places" holds what looks like spans and is not read' in problem.message
        found = read({"text": "in Rome", "label": [], "ner": [[3, 7, "LOC"]]})
        assert (found.spans, len(found.problems)) == (0, 1)

    def test_labels_that_are_numbers_keep_their_number_as_name(self):
        found = read(
            {"text": "Rome", "annotations": [{"label": 7, "start_offset": 0, "end_offset": 4}]}
        )
        assert found.labels == {"7": 1}

    def test_a_label_key_with_nothing_in_it_is_done_and_its_absence_untouched(self):
        documents = read({"text": "a", "label": []}, {"text": "b"}).documents_to_add
        assert [d.status for d in documents] == [Status.DONE, Status.UNTOUCHED]

    def test_spans_padded_with_blanks_are_kept_as_they_are(self):
        (document,) = read({"text": "in Rome .", "label": [[2, 8, "LOC"]]}).documents_to_add
        assert document.spans == (Span(2, 8, "LOC"),)

    def test_a_span_given_twice_comes_in_once_and_is_reported(self):
        found = read({"text": "Rome", "label": [[0, 4, "LOC"], [0, 4, "LOC"], [0, 4, "ORG"]]})
        assert found.spans == 2
        assert found.problems[0].message == "Spans given twice come in once: 1."

    def test_relations_are_said_to_be_no_spans_and_go_out_again(self):
        found = read(RELATED)
        assert found.problems[0].message == (
            "Relations between spans are no spans; they are kept with their texts and go out again "
            "as doccano: 1 text."
        )
        assert written(*found.documents_to_add) == [{"id": None, **RELATED}]

    def test_a_relation_whose_span_is_gone_is_left_out_and_a_new_span_gets_a_new_number(self):
        (document,) = read(RELATED).documents_to_add
        kept = replace(document, spans=(document.spans[0], Span(7, 10, "X")))
        assert written(kept)[0]["entities"][1]["id"] == 6
        assert written(kept)[0]["relations"] == []
        problems = export([kept], "doccano")
        problems.data()
        assert [p.message for p in problems.problems] == [
            "Relations of spans that are gone are left out: 1."
        ]

    def test_numbers_of_any_kind_are_no_crash(self):
        odd = {**RELATED, "relations": [{"from_id": [1], "to_id": {}}, 5, {"from_id": 4}]}
        (document,) = read(odd).documents_to_add
        assert written(document)[0]["relations"] == []

    def test_classes_beside_spans_go_out_again_under_the_same_names(self):
        record = {"text": "in Rome", "entities": [[3, 7, "LOC"]], "cats": ["flight"]}
        found = read(record)
        assert "Classes of whole texts are no spans" in found.problems[0].message
        assert written(*found.documents_to_add) == [{"id": None, **record}]

    def test_several_people_stay_apart_in_the_order_of_the_line(self):
        spans = [
            {"label": 1, "start_offset": 0, "end_offset": 2, "user": 7},
            {"label": 2, "start_offset": 3, "end_offset": 7, "user": 8},
            {"label": 1, "start_offset": 0, "end_offset": 2, "user": 8},
        ]
        source = InputFile(
            "x.jsonl", json.dumps({"text": "in Rome", "annotations": spans}).encode()
        )
        problems = Problems("x.jsonl")
        (document,) = Doccano().read(source, {}, problems).documents
        assert (document.annotator, document.spans) == ("user 7", (Span(0, 2, "1"),))
        assert document.others == (Answer("user 8", (Span(0, 2, "1"), Span(3, 7, "2"))),)
        assert [each.message for each in problems.found] == [
            "Texts with answers of several people, each kept apart under a name: 1."
        ]
        told = export([document], "doccano")
        told.data()
        assert told.problems[0].message == (
            "Only the labels that count are written of documents that several people answered: 1."
        )

    def test_a_list_of_labels_is_no_text(self):
        said = error({"id": 4, "text": "Dog", "suffix_key": "a", "background_color": "#FF0000"})
        assert said.startswith("This is doccano's list of labels, and no text to label;")

    def test_a_blank_text_is_left_out_with_a_warning(self):
        found = read({"text": " \n"}, {"text": "a"})
        assert (found.documents, found.problems[0].line) == (1, 1)


class TestOffsets:
    # As doccano's interface writes them: 😀 counts two.
    UTF16 = ({"text": "😀 in Rome now", "label": [[6, 10, "LOC"]]}, {"text": "x", "label": []})

    def test_utf16_offsets_are_recognised_converted_and_reported(self):
        found = read(*self.UTF16)
        assert found.documents_to_add[0].spans == (Span(5, 9, "LOC"),)
        assert "counted in UTF-16 units and were converted" in found.problems[0].message

    def test_code_points_after_an_emoji_are_left_alone(self):
        found = read({"text": "😀 in Rome now", "label": [[5, 9, "LOC"]]})
        assert found.documents_to_add[0].spans == (Span(5, 9, "LOC"),)
        assert found.problems == ()

    def test_the_unit_can_be_chosen(self):
        found = read(*self.UTF16, options={"offsets": "codepoints"})
        assert found.documents_to_add[0].spans == (Span(6, 10, "LOC"),)
        found = read({"text": "😀a", "label": [[0, 2, "X"]]}, options={"offsets": "utf16"})
        assert found.documents_to_add[0].spans == (Span(0, 1, "X"),)

    @pytest.mark.parametrize(
        ("span", "message"),
        [
            ([0, 8, "X"], "The span 0–8 (X) is impossible: the text has 7 characters; "),
            ([-1, 3, "X"], "The span -1–3 (X) is impossible: the text has 7 characters; "),
            ([3, 3, "X"], "The span 3–3 (X) is impossible: it is empty; "),
            ([5, 2, "X"], "The span 5–2 (X) is impossible: it is empty; "),
            ([0.0, 2, "X"], 'The span [0.0, 2, "X"] needs whole numbers as offsets; '),
            ([True, 2, "X"], 'The span [true, 2, "X"] needs whole numbers as offsets; '),
            ([0, 2, ""], "The span 0–2 has no label of printable characters; "),
            ([0, 2, "a\nb"], "The span 0–2 has no label of printable characters; "),
            ([0, 2], "[0, 2] is not a span [start, end, label]; "),
            ("positive", '"positive" labels the whole text, not a span of it; '),
            ({"label": 15, "user": 1}, '{"label": 15, "user": 1} labels the whole text'),
        ],
    )
    def test_an_impossible_span_is_refused_with_its_line(self, span, message):
        assert error({"text": "a"}, {"text": "in Rome", "label": [span]}).startswith(message)

    def test_an_offset_inside_a_surrogate_pair_is_refused(self):
        record = {"text": "😀a", "label": [[1, 3, "X"]]}
        found = read(record, options={"offsets": "utf16"})
        assert "inside a character of several units" in found.errors[0].message


class TestStrictJson:
    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ('{"text": NaN}', "NaN is not a JSON value"),
            ('{"text": "a", "x": -Infinity}', "-Infinity is not a JSON value"),
            ('{"text": "a", "text": "b"}', 'The key "text" is there twice'),
            ('{"text": "\\ud83d"}', "half of a surrogate pair"),
            ('{"text": "a\\u0000"}', "NUL"),
            ('{"text": "a"', "The JSON is broken at column 13"),
            ('["a"]', "not a JSON object"),
            ('{"x": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
            ('{"text": "a", "x": ' + "9" * 5000 + "}", "a number that is too long"),
            ('{"label": []}', 'The line has no "text"'),
            ('{"text": 5}', 'The line has no "text"'),
            ('{"text": "a", "label": "x"}', '"label" is not a list of spans'),
        ],
    )
    def test_a_bad_line_is_refused_with_its_number_and_can_be_skipped(self, line, message):
        good = {"text": "good"}
        assert message in error(good, line)
        found = read(good, line, good, skip_bad=True)
        assert (found.refused, found.documents, found.problems[0].line) == (False, 2, 2)

    def test_only_line_feeds_end_a_record(self):
        found = read('{"text": "a\u2028b\x85c"}')
        assert found.documents_to_add[0].text == "a\u2028b\x85c"

    @pytest.mark.parametrize(
        "text",
        ['[{"text": "a"}, {"text": "b"}]', '[\n{"text":\n"a"},{"text": "b"}\n]\n']
        + ['{\n "text": "a"\n}\n{\n"text": "b"}'],
    )
    def test_a_list_and_objects_over_many_lines_are_read(self, text):
        found = plan([("x.json", text.encode())])
        assert [document.text for document in found.documents_to_add] == ["a", "b"]

    def test_a_list_of_texts_each_with_what_is_said_of_it_is_read(self):
        spans = [["Ada met Bob", {"entities": [[0, 3, "PER"], [8, 11, "PER"]]}]]
        (document,) = plan([("x.json", json.dumps(spans).encode())]).documents_to_add
        assert [document.text[s.start : s.end] for s in document.spans] == ["Ada", "Bob"]
        classes = [["fine", {"cats": {"POS": 1.0, "NEG": 0.0}}], ["bad", {"cats": {"NEG": 1}}]]
        found = plan([("x.json", json.dumps(classes).encode())], task="classes")
        assert [d.spans[0].label for d in found.documents_to_add] == ["POS", "NEG"]

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ('[\n{"text": "a"},\n{"text": b}\n]', 3, "JSON is broken"),
            ('[\n{"text": "a"}\n', 3, "not closed"),
            ('[{"text": "a"}]\n{"text": "b"}', 2, "behind the list's end"),
            ('[{"text": "a", "n": NaN}]', 1, "NaN is not a JSON value"),
            ("[" * 100_000, 1, "nested too deeply"),
        ],
    )
    def test_a_list_that_is_broken_is_refused_with_its_line(self, text, line, said):
        problem = plan([("x.json", text.encode())]).errors[0]
        assert said in problem.message
        assert problem.line == line


class TestWriting:
    @pytest.mark.parametrize("status", Status)
    @pytest.mark.parametrize("spans", [(Span(0, 1, "A"),), ()])
    def test_how_far_people_are_comes_back(self, status, spans):
        given = Document("ab", spans=spans, status=status)
        (again,) = read(*written(given)).documents_to_add
        assert (again.status, again.spans) == (status, spans)
        assert "status" not in again.layout["record"]

    def test_a_status_of_another_kind_stays_what_it_is(self):
        line = '{"id": 1, "text": "a", "status": "published", "label": []}'
        (document,) = read(line).documents_to_add
        assert (document.status, document.layout["record"]["status"]) == (Status.DONE, "published")
        (again,) = read(*written(replace(document, status=Status.SKIPPED))).documents_to_add
        assert again.layout["record"]["status"] == "published"

    def test_spans_go_out_sorted_in_code_points_and_readable_utf8(self):
        document = Document(
            "北京 😀", spans=(Span(3, 4, "B"), Span(0, 2, "A")), id=7, status=Status.DONE
        )
        assert export([document], "doccano").data().decode() == (
            '{"id": 7, "text": "北京 😀", "label": [[0, 2, "A"], [3, 4, "B"]], '
            '"offsets": "codepoints"}\n'
        )

    def test_what_came_with_a_record_goes_out_with_it(self):
        record = {"id": 42, "text": "a b", "meta": {"k": 1}, "title": "a b", "Comments": ["c"]}
        (document,) = read(record | {"labels": [[0, 1, "X"]]}).documents_to_add
        assert written(document) == [record | {"label": [[0, 1, "X"]]}]

    def test_untouched_stays_untouched_and_empty_stays_done(self):
        untouched, done = Document("a"), Document("b", status=Status.DONE)
        assert [list(row) for row in written(untouched, done)] == [
            ["id", "text"],
            ["id", "text", "label"],
        ]


@given(st.lists(documents.documents(statuses=tuple(Status)), min_size=1, max_size=4))
def test_any_text_with_any_spans_comes_back_equal(given_documents):
    data = export(given_documents, "doccano").data()
    again = plan([("x.jsonl", data)], format="doccano").documents_to_add
    assert documents.shown(again) == documents.shown(given_documents)


@pytest.mark.parametrize(
    ("path", "documents", "spans", "bad"),
    [
        ("samples/doccano/sequence_labeling/example.jsonl", 2, 1, [3]),
        ("samples/doccano/sequence_labeling/example_overlapping.jsonl", 1, 1, []),
        ("samples/doccano/labeling/labeling.jsonl", 2, 11, []),
        ("samples/doccano/labeling/labeling_text_label.jsonl", 2, 11, []),
        ("samples/doccano/intent/example.jsonl", 4, 2, [5]),
        ("samples/doccano/text_classification/example.jsonl", 1, 0, [1, 2]),
    ],
)
def test_real_files_are_read_and_their_bad_lines_listed(path, documents, spans, bad):
    found = plan([shared(path)])
    assert (found.documents, found.spans) == (documents, spans)
    assert [problem.line for problem in found.errors] == bad


class TestCluener:
    LINE = {
        "text": "浙商银行企业信贷部叶老桂博士😀叶老桂",
        "label": {
            "name": {"叶老桂": [[9, 11], [15, 17]]},
            "company": {"浙商银行": [[0, 3]]},
        },
    }

    def test_labels_with_words_and_inclusive_ends_are_read(self):
        (document,) = read(json.dumps(self.LINE)).documents_to_add
        (again,) = written(document)
        assert again == self.LINE
        assert [(document.text[s.start : s.end], s.label) for s in document.spans] == [
            ("浙商银行", "company"),
            ("叶老桂", "name"),
            ("叶老桂", "name"),
        ]
        assert document.status is Status.DONE

    def test_no_labels_are_done_and_empty(self):
        (document,) = read(json.dumps({"text": "无", "label": {}})).documents_to_add
        assert (document.status, document.spans) == (Status.DONE, ())

    @pytest.mark.parametrize(
        ("label", "message"),
        [
            (
                {"name": {"叶老桂": [[8, 10]]}},
                'The span 8–11 (name) should be "叶老桂", and "部叶老" stands there',
            ),
            ({"name": {"叶老桂": [9, 11]}}, '"叶老桂" does not stand at 9'),
            (
                {"name": [[9, 11]]},
                '"name" does not hold words with their places',
            ),
        ],
    )
    def test_words_that_stand_elsewhere_are_refused_with_the_line(self, label, message):
        lines = [json.dumps(self.LINE), json.dumps(self.LINE | {"label": label})]
        (problem,) = read("\n".join(lines)).errors
        assert (problem.line, problem.message) == (2, f"{message}; correct the line.")


@pytest.mark.parametrize("name", ["x.jsonl", "x.json", "x"])
def test_what_python_prints_is_no_json_and_no_plain_text(name):
    (problem,) = plan([(name, b"{'text': 'a'}\n")]).errors
    assert problem.line == 1
    assert problem.message.startswith("The JSON is broken at column 2")
