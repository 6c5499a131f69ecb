"""CoNLL: what is read, what is refused, and the same bytes out again."""

from dataclasses import replace

import pytest

from engine.corpus.exporting import export
from engine.corpus.importing import plan
from storage.types import Document, Severity, Span, Status

SMALL = "Jane\tB-PER\nSmith\tI-PER\n\nin\tO\nBerlin\tB-LOC\n"


def read(content: str | bytes, name: str = "x.conll", **settings):
    data = content.encode("utf-8") if isinstance(content, str) else content
    return plan([(name, data)], format="conll", **settings)


def errors(content: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.message) for problem in read(content).errors]


def written(documents, **options) -> str:
    return export(documents, "conll", options).data().decode("utf-8")


class TestReading:
    def test_every_sentence_becomes_a_finished_document(self):
        found = read(SMALL)
        first, second = found.documents_to_add
        assert (first.text, first.tokens) == ("Jane Smith", ((0, 4), (5, 10)))
        assert first.spans == (Span(0, 10, "PER"),)
        assert second.spans == (Span(3, 9, "LOC"),)
        assert {first.status, second.status} == {Status.DONE}
        assert (first.name, second.name) == ("x.conll:1", "x.conll:4")
        assert (found.documents, found.tokens, found.spans) == (2, 4, 2)
        assert found.labels == {"LOC": 1, "PER": 1}

    def test_a_sentence_without_entities_is_done_and_empty(self):
        (document,) = read("no\tO\none\tO\n").documents_to_add
        assert (document.status, document.spans) == (Status.DONE, ())

    @pytest.mark.parametrize("blank", ["", "\t", "  ", " \t ", "\r", "\t\r"])
    def test_a_line_of_blanks_ends_a_sentence(self, blank):
        assert read(f"a\tO\n{blank}\nb\tO").documents == 2

    def test_columns_are_separated_by_runs_of_spaces_where_there_are_no_tabs(self):
        (document,) = read("Jane  NNP   B-PER\nran VBD O \n").documents_to_add
        assert document.text == "Jane ran"
        assert document.spans == (Span(0, 4, "PER"),)

    def test_odd_whitespace_and_line_separators_stay_inside_tokens(self):
        (document,) = read("a\u2028b\tO\nc\u00a0d\tB-X\n\x85\tO\n").documents_to_add
        assert document.text == "a\u2028b c\u00a0d \x85"
        (document,) = read("a\u00a0b O\nc\u3000d B-X\n").documents_to_add
        assert document.text == "a\u00a0b c\u3000d"

    def test_sections_become_groups_and_no_documents(self):
        text = "a O\n\n-DOCSTART- -X- O O\n\nb O\n\nc O\n-DOCSTART- O\nd O\n"
        assert [d.group for d in read(text).documents_to_add] == [
            "x.conll#0",
            "x.conll#1",
            "x.conll#1",
            "x.conll#2",
        ]
        assert [d.group for d in read(SMALL).documents_to_add] == ["", ""]

    def test_only_the_mark_itself_begins_a_section(self):
        found = read("-DOCSTART-foo\tB-PER\n-DOCSTART-\n\n-DOCSTART- \tO\na\tO\n")
        assert [d.text for d in found.documents_to_add] == ["-DOCSTART-foo", "a"]
        assert found.labels == {"PER": 1}
        assert [d.group for d in found.documents_to_add] == ["x.conll#0", "x.conll#2"]

    def test_a_hash_begins_a_comment_only_where_the_line_is_no_row(self):
        text = "# sent_id = 1\n#win\tO\n#\tB-X\n# note\n\n# text = a b\nb\tO\n"
        found = read(text)
        assert [d.text for d in found.documents_to_add] == ["#win #", "b"]
        assert [p.line for p in found.problems if "comments: 3" in p.message] == [1]
        assert written(found.documents_to_add) == text

    @pytest.mark.parametrize("scheme", ["IOB1", "IOB2", "IOBES", "BILOU", "BMES"])
    def test_the_scheme_is_found_whatever_the_name_says(self, scheme):
        tags = {
            "IOB1": "I-A I-A I-A O I-A",
            "IOB2": "B-A I-A I-A O B-A",
            "IOBES": "B-A I-A E-A O S-A",
            "BILOU": "B-A I-A L-A O U-A",
            "BMES": "B-A M-A E-A O S-A",
        }[scheme]
        rows = "".join(f"t\t{tag}\n" for tag in tags.split())
        found = plan([("x.bioes", rows.encode())])
        assert found.scheme == scheme
        assert [s.start for s in found.documents_to_add[0].spans] == [0, 8]

    def test_an_invalid_sequence_is_read_and_the_repair_reported(self):
        found = read("a\tB-X\nb\tI-Y\nc\tB-X\n")
        assert [(s.start, s.label) for s in found.documents_to_add[0].spans] == [
            (0, "X"),
            (2, "Y"),
            (4, "X"),
        ]
        (problem,) = found.problems
        assert (problem.severity, problem.line) == (Severity.WARNING, 2)
        assert problem.message == "An entity without its begin tag (I-Y) is read as one."

    def test_the_label_is_all_after_the_first_hyphen(self):
        assert read("a\tB-work-of-art\n").labels == {"work-of-art": 1}

    def test_chinese_tokens_are_joined_by_nothing(self):
        (document,) = read("北\tB-LOC\n京\tI-LOC\n。\tO\n").documents_to_add
        assert (document.text, document.spans) == ("北京。", (Span(0, 2, "LOC"),))

    def test_a_space_inside_a_token_is_reported(self):
        assert [p.line for p in read("a\tO\nke s\tO\n").problems] == [2]


class TestRefusing:
    def test_a_row_needs_a_token_and_a_tag(self):
        assert errors("a\tO\nb\n\tO\n \tO\n") == [
            (
                2,
                "The row has one column where a token and a tag are needed; add what is missing.",
            ),
            (3, "The row has no token before its tag; add the token."),
            (4, "The row has no token before its tag; add the token."),
        ]

    def test_ragged_columns_are_found_by_what_most_rows_have(self):
        ((line, message),) = errors("a x O\nb O\nc x O\n")
        assert line == 2
        assert message.startswith("The row has 2 columns where the file has 3;")

    @pytest.mark.parametrize("tag", ["PER", "B-a,B-b", "X-PER", "b-per"])
    def test_a_tag_of_no_scheme_is_refused(self, tag):
        ((line, message),) = errors(f"a\tO\nb\t{tag}\nc\tB-PER\n")
        assert line == 2
        assert message.startswith(f'The tag "{tag}"')

    def test_a_tag_of_another_scheme_is_refused(self):
        ((line, message),) = errors("a\tB-X\nb\tI-X\n" * 3 + "c\tU-X\n")
        assert line == 7
        assert message.startswith('The tag "U-X" is outside the scheme IOB2 of the file;')

    def test_a_file_without_tags_is_refused_in_one_sentence(self):
        ((line, message),) = errors("one\ntwo\nthree\n")
        assert line == 1
        assert message == (
            "No row has a token and a tag such as O or B-PER; add a tag column, or import the "
            "file as text."
        )

    def test_skipping_drops_exactly_the_bad_rows_and_says_so(self):
        text = "a\tO\nb\n\nc\tB-X\n\td\n\tO\ne\tPER\n"
        found = read(text, skip_bad=True)
        assert not found.refused
        assert [d.text for d in found.documents_to_add] == ["a", "c"]
        assert [p.line for p in found.problems] == [2, 5, 6, 7]
        assert all(p.message.endswith("the row is left out.") for p in found.problems)
        assert written(found.documents_to_add) == "a\tO\n\nc\tB-X\n"

    def test_a_sentence_of_bad_rows_leaves_with_them(self):
        found = read("a\tO\n\n\tO\n\nb\tO\n", skip_bad=True)
        assert [d.text for d in found.documents_to_add] == ["a", "b"]
        assert written(found.documents_to_add) == "a\tO\n\n\nb\tO\n"

    def test_a_file_of_nothing_but_bad_rows_stays_refused(self):
        assert read("a\tPER\nb\tPER\n", skip_bad=True).refused

    def test_far_too_many_bad_rows_are_another_format(self):
        found = read("a\tO\n" + "a\tx\n" * 20_000, skip_bad=True)
        assert "More than 10,000 rows are bad" in found.errors[0].message
        assert len(found.problems) < 10_010


class TestWriting:
    def test_an_edited_sentence_keeps_all_but_its_last_column(self):
        text = "-DOCSTART- -X- O\n\n# c\nJane  NNP  I-PER\r\nran\u00a0x VBD O  \n\nb c O"
        first, second = read(text).documents_to_add
        edited = replace(first, spans=(Span(5, 10, "LOC"),))
        assert written([edited, second]) == (
            "-DOCSTART- -X- O\n\n# c\nJane  NNP  O\r\nran\u00a0x VBD I-LOC  \n\nb c O"
        )

    @pytest.mark.parametrize(
        ("tags", "expected"),
        [
            ("B-A I-A O O", "B-A I-A B-A O"),
            ("I-A I-A O O", "I-A I-A B-A O"),
            ("B-A E-A S-B O", "B-A E-A S-A O"),
            ("B-A L-A U-B O", "B-A L-A U-A O"),
        ],
    )
    def test_an_edited_sentence_stays_in_the_scheme_of_its_file(self, tags, expected):
        rows = "".join(f"t\t{tag}\n" for tag in tags.split())
        (document,) = read(rows).documents_to_add
        edited = replace(document, spans=(Span(0, 3, "A"), Span(4, 5, "A")))
        found = written([edited])
        assert " ".join(line.split("\t")[1] for line in found.splitlines()) == expected

    def test_an_edit_undone_gives_the_old_bytes_even_of_an_invalid_sequence(self):
        (document,) = read("a\tI-X\nb\tB-X\nc\tB-Y\n").documents_to_add
        again = replace(document, spans=tuple(reversed(document.spans)))
        assert written([again]) == "a\tI-X\nb\tB-X\nc\tB-Y\n"

    def test_a_byte_order_mark_comes_back_at_the_start_only(self):
        first, second = read("\ufeff" + SMALL).documents_to_add
        assert first.text == "Jane Smith"
        assert written([first, second]) == "\ufeff" + SMALL
        assert "\ufeff" not in written([second, first])

    def test_files_without_a_final_newline_do_not_run_together(self):
        (one,) = read("a\tO").documents_to_add
        (two,) = read("-DOCSTART- O\nb\tO").documents_to_add
        assert written([one, one, two, one]) == ("a\tO\n\na\tO\n-DOCSTART- O\nb\tO\n\na\tO")

    def test_a_document_of_another_format_goes_out_as_tab_and_iob2(self):
        document = Document("Jane ran.", spans=(Span(0, 4, "PER"),))
        assert written([document]) == "Jane\tB-PER\nran\tO\n.\tO\n\n"

    def test_the_plain_layout_writes_all_documents_alike(self):
        (document,) = read("Jane NNP I-PER\n").documents_to_add
        other = Document("No.")
        mixed = export([document, other], "conll")
        assert mixed.data() == b"Jane NNP I-PER\n\nNo\tO\n.\tO\n\n"
        assert "choose the plain layout" in mixed.problems[0].message
        plain = export([document, other], "conll", {"layout": "plain"})
        assert plain.data() == b"Jane\tB-PER\n\nNo\tO\n.\tO\n\n"
        assert plain.problems == ()

    def test_what_tags_cannot_hold_is_listed_and_never_lost_in_silence(self):
        spans = (Span(0, 7, "B"), Span(5, 17, "A"), Span(19, 22, "C"), Span(25, 26, "D"))
        document = Document("Jane P. Fox-Smith, walked  home", spans=spans, name="d1")
        found = export([document], "conll")
        assert found.data().decode() == (
            "Jane\tO\nP\tB-A\n.\tI-A\nFox\tI-A\n-\tI-A\nSmith\tI-A\n,\tO\nwalked\tB-C\nhome\tO\n\n"
        )
        assert [problem.message for problem in found.problems] == [
            'In d1, the span "Jane P." (B) overlaps another span and is left out.',
            'In d1, the span "wal" (C) is written as the whole tokens "walked".',
            'In d1, the span " " (D) holds no token and is left out.',
        ]

    def test_a_label_that_would_cut_its_tag_is_rewritten_and_listed(self):
        (spaces,) = read("a x O\n").documents_to_add
        (tabs,) = read("a\tO\n").documents_to_add
        spans = (Span(0, 1, "work of art"),)
        found = export([replace(spaces, spans=spans)], "conll")
        assert found.data() == b"a x B-work_of_art\n"
        assert 'The label "work of art" is written as "work_of_art".' in [
            problem.message for problem in found.problems
        ]
        assert written([replace(tabs, spans=spans)]) == "a\tB-work of art\n"

    def test_tokens_that_are_line_breaks_are_no_rows(self):
        document = Document("a \n\nb", tokens=((0, 1), (2, 4), (4, 5)))
        assert written([document]) == "a\tO\nb\tO\n\n"
