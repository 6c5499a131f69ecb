"""Which column of a token file holds what: found in the content, and chosen against it."""

from dataclasses import replace

import pytest

from engine.corpus.exporting import export
from engine.corpus.importing import plan
from storage.types import Span

GERMEVAL = (
    "#\thttp://de.wikipedia.org/wiki/Manfred_Korfmann [2009-10-17]\n"
    "1\tAufgrund\tO\tO\n2\tseiner\tO\tO\n3\tTroja\tB-LOC\tO\n"
    "\n#\thttp://de.wikipedia.org/wiki/X\n"
    "1\tBayern\tB-ORG\tB-LOC\n2\tMünchen\tI-ORG\tB-LOC\n3\tsiegt\tO\tO\n"
)
UNER = (
    "# global.columns = ID FORM NER MISC WHO\n"
    "# sent_id = 1\n# text = Ada ging zum Haus\n"
    "1\tAda\tB-PER\t-\tx\n2\tging\tO\t-\tx\n3-4\tzum\t_\t-\tx\n"
    "3\tzu\tO\t-\tx\n4\tdem\tO\t-\tx\n4.1\tnull\t_\t-\tx\n5\tHaus\tO\t-\tx\n"
)


def read(text: str, **options):
    return plan([("x.tsv", text.encode())], options=options)


def roles(found) -> dict[str, str]:
    return {column.name: column.role for column in found.files[0].columns if column.role}


def texts(found) -> list[str]:
    return [document.text for document in found.documents_to_add]


def written(documents) -> str:
    return export(documents, "conll").data().decode()


class TestFound:
    def test_numbers_that_count_up_are_no_words_and_the_outer_tags_are_taken(self):
        found = read(GERMEVAL)
        assert found.files[0].format == "conll"
        assert texts(found) == ["Aufgrund seiner Troja", "Bayern München siegt"]
        assert found.labels == {"LOC": 1, "ORG": 1}
        assert roles(found) == {"1": "numbers", "2": "words", "3": "tags"}

    def test_what_was_taken_and_what_not_is_said(self):
        said = next(p for p in read(GERMEVAL).problems if p.option == "tag_column")
        assert said.message == (
            "The words are column 2, the tags column 3. Column 4 holds tags, too (B-LOC). "
            "Column 1 numbers the words."
        )

    def test_tags_may_stand_before_other_columns_whose_names_a_comment_tells(self):
        found = read(UNER)
        assert roles(found) == {"ID": "numbers", "FORM": "words", "NER": "tags"}
        assert texts(found) == ["Ada ging zu dem Haus"]
        assert found.labels == {"PER": 1}
        assert any("no words: 2." in problem.message for problem in found.problems)

    def test_a_row_of_titles_names_the_columns_and_is_no_word(self):
        found = read("word\tpos\tner\nAda\tNNP\tB-PER\nran\tVBD\tO\n")
        assert roles(found) == {"word": "words", "ner": "tags"}
        assert texts(found) == ["Ada ran"]

    def test_chunks_are_no_entities(self):
        found = read("EU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\nPeter NNP B-NP B-PER\n")
        assert roles(found) == {"1": "words", "4": "tags"}
        assert found.problems == ()
        assert read("Confidence NN B-NP\nin IN B-PP\n").labels == {"NP": 1, "PP": 1}

    def test_of_gold_and_predicted_tags_gold_is_taken(self):
        assert read("Ada NNP B-PER B-ORG\nran VBD O O\n").labels == {"PER": 1}

    def test_tags_may_come_first(self):
        found = read("B-PER\tAda\nO\tran\n")
        assert (texts(found), found.labels) == (["Ada ran"], {"PER": 1})

    def test_numbers_count_on_over_sentences_or_begin_at_0(self):
        for first, second in ((0, 0), (1, 3)):
            rows = "{0}\ta\tB-X\n{1}\tb\tO\n\n{2}\tc\tO\n{3}\td\tO\n"
            text = rows.format(first, first + 1, second, second + 1)
            assert texts(read(text)) == ["a b", "c d"]

    @pytest.mark.parametrize(
        "text",
        [
            "1 CD O\n7 CD O\n2 CD B-X\n",
            "1 O\n2 O\n3 B-X\n",
            "3 CD O\n\n4 CD B-X\n",
        ],
    )
    def test_numbers_may_be_words(self, text):
        assert roles(read(text))["1"] == "words"

    def test_a_column_of_one_word_alone_is_passed_over(self):
        rows = "".join(f"doc\tw{number}\t{'B-X' if number == 3 else 'O'}\n" for number in range(12))
        assert texts(read(rows))[0].startswith("w0 w1")


class TestChosen:
    def test_by_number_and_by_name(self):
        assert read(GERMEVAL, tag_column="4").labels == {"LOC": 2}
        assert read(GERMEVAL, tag_column=4, word_column="1").documents_to_add[0].text == "1 2 3"
        assert texts(read(UNER, word_column="WHO")) == ["x x x x x"]

    def test_a_choice_leaves_nothing_to_say_about_other_tags(self):
        said = [p.message for p in read(GERMEVAL, tag_column="4").problems]
        assert "The words are column 2, the tags column 4. Column 1 numbers the words." in said

    def test_an_empty_choice_is_no_choice(self):
        assert read(GERMEVAL, tag_column="", word_column=None) == read(GERMEVAL)

    @pytest.mark.parametrize("choice", ["9", "0", "NER", "9" * 5000, "²"])
    def test_a_column_that_is_not_there_is_refused_with_those_that_are(self, choice):
        found = read(GERMEVAL, tag_column=choice)
        assert found.errors[0].message.endswith("choose one of 1, 2, 3, 4.")
        assert len(found.files[0].columns) == 4

    def test_words_and_tags_are_two_columns(self):
        message = read(GERMEVAL, word_column="3", tag_column="3").errors[0].message
        assert message == "Column 3 cannot hold words and tags both; choose two columns."

    def test_a_column_without_tags_is_refused_with_what_to_do(self):
        (problem,) = read(GERMEVAL, tag_column="2", word_column="1").errors
        assert problem.message.startswith("Column 2 holds no tag such as O or B-PER; choose")


class TestWriting:
    @pytest.mark.parametrize("text", [GERMEVAL, UNER, "word ner\nAda B-PER\nran O\n"])
    def test_what_is_unedited_goes_out_as_it_came_in(self, text):
        assert written(read(text).documents_to_add) == text

    def test_an_edit_changes_the_tags_that_were_read_and_nothing_else(self):
        first, second = read(GERMEVAL).documents_to_add
        edited = replace(second, spans=(Span(7, 14, "LOC"),))
        assert written([first, edited]) == GERMEVAL.replace("Bayern\tB-ORG", "Bayern\tO").replace(
            "München\tI-ORG", "München\tB-LOC"
        )
        (named,) = read(UNER).documents_to_add
        assert written([replace(named, spans=())]) == UNER.replace("B-PER", "O")

    def test_runs_of_spaces_stay(self):
        (document,) = read("1  Ada   B-PER  x\n2  ran   O      x\n").documents_to_add
        assert written([replace(document, spans=(Span(4, 7, "V"),))]) == (
            "1  Ada   O  x\n2  ran   B-V      x\n"
        )


@pytest.mark.parametrize("name", ["x.conllu", "x.txt", "x"])
def test_numbered_words_without_a_tag_column_are_no_texts(name: str) -> None:
    untagged = GERMEVAL.replace("\tO", "\t_").replace("B-", "").replace("I-", "")
    found = plan([(name, untagged.encode())])
    assert not found.documents_to_add
    assert [problem.line for problem in found.errors] == [2]
    assert "holds no tag such as O or B-PER" in found.errors[0].message


class TestTagsWithoutAPrefix:
    """As in Few-NERD: a label where others write B- or I- before it."""

    FILE = "Ada\tO-X\tperson-actor\nLove\tx\tperson-actor\nmet\tx\tO\nBob\tx\tperson-actor\n\n" * 2

    def test_neighbours_of_one_label_are_one_span_and_it_is_said(self):
        found = read(self.FILE)
        first = found.documents_to_add[0]
        assert [(s.start, s.end, s.label) for s in first.spans] == [
            (0, 8, "person-actor"),
            (13, 16, "person-actor"),
        ]
        assert found.files[0].scheme == "IO"
        assert any("no B- or I-" in problem.message for problem in found.problems)

    def test_it_goes_out_as_it_came_and_edited_in_its_own_way(self):
        first, second = read(self.FILE).documents_to_add
        assert written([first, second]) == self.FILE
        edited = written([replace(first, spans=(Span(0, 3, "a"), Span(4, 8, "a")))])
        assert [row.split("\t")[2] for row in edited.split("\n")[:4]] == ["a", "a", "O", "O"]

    def test_a_column_of_many_words_or_of_parts_of_speech_is_none(self):
        words = "".join(f"w{n}\tv{n}\nso\tO\n" for n in range(40))
        assert read(words).files[0].format == "csv"
        speech = "she\tO\tO\nran\tV\tO\nhome\tN\tB-LOC\n" * 4
        assert read(speech).files[0].columns[2].role == "tags"
