"""The unit of a file's offsets: told by the words at them, asked for where they disagree."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.formats.common import offsets
from engine.formats.common.offsets import Claim, Claims, Ruler, Unit
from engine.formats.common.problems import Problems
from storage.errors import InputError
from storage.types import Document, Span
from tests.engine.formats import documents

FAMILY = "👨\u200d👩\u200d👧"


def detect(*found: Claims, **options) -> tuple[Unit | None, list[str]]:
    problems = Problems("x")
    unit = offsets.unit_of(options, found, problems)
    return unit, [each.message for each in problems.found]


def of(text: str, *spans: tuple[int, int, str | None], line: int = 1) -> Claims:
    return Claims(line, text, [Claim(start, end, "X", words) for start, end, words in spans])


class TestDetection:
    @pytest.mark.parametrize(
        ("text", "start", "end", "unit"),
        [
            ("😀 Rome", 2, 6, Unit.CODEPOINTS),
            ("😀 Rome", 3, 7, Unit.UTF16),
            (f"{FAMILY} Rome", 2, 6, Unit.GRAPHEMES),
            ("e\u0301 Rome", 2, 6, Unit.GRAPHEMES),
            ("a\r\nb Rome", 4, 8, Unit.CODEPOINTS_LF),
            ("😀😀\r\nb Rome", 7, 11, Unit.UTF16_LF),
            ("a\nb Rome", 5, 9, Unit.CODEPOINTS_CRLF),
            ("😀\nb Rome", 6, 10, Unit.UTF16_CRLF),
            ("é Rome", 3, 7, Unit.UTF8),
        ],
    )
    def test_the_unit_is_taken_under_which_the_words_stand_there(self, text, start, end, unit):
        claims = of(text, (start, end, "Rome"))
        found, messages = detect(claims)
        assert found is unit
        assert bool(messages) == (unit is not Unit.CODEPOINTS)
        ((start, end, _),) = offsets.placed(claims, unit)
        assert text[start:end] == "Rome"

    def test_one_unit_must_fit_the_whole_file(self):
        utf16 = of("😀 Rome", (3, 7, "Rome"), line=7)
        assert detect(of("in Rome", (3, 7, "Rome")), utf16)[0] is Unit.UTF16
        unit, (message,) = detect(utf16, of("😀 Rome", (2, 6, "Rome"), line=9))
        assert unit is None
        assert message == (
            'No one way of counting offsets fits all spans of the file: "Rome" at 3–7 (line 7) in '
            'UTF-16 units or UTF-16 units, with each line end counted as one; "Rome" at 2–6 '
            "(line 9) in characters as a reader sees them or code points. Correct the file, or "
            "choose what the offsets count."
        )

    def test_what_somebody_chose_is_taken(self):
        utf16 = of("😀 Rome", (3, 7, "Rome"))
        assert detect(utf16, offsets="codepoints") == (Unit.CODEPOINTS, [])
        with pytest.raises(InputError, match="Offsets are auto, codepoints, utf16"):
            detect(utf16, offsets="inches")

    def test_words_that_stand_nowhere_are_a_bad_row_and_no_reason_to_doubt_the_others(self):
        bad = of("in Rome", (0, 2, "Rome"))
        unit, messages = detect(of("😀 Rome", (3, 7, "Rome")), of("a Rome", (2, 6, "Rome")), bad)
        assert unit is Unit.UTF16
        with pytest.raises(InputError, match='should be "Rome", and "in" stands there'):
            offsets.placed(bad, unit)

    def test_a_file_of_such_words_is_refused_with_examples(self):
        unit, (message,) = detect(*(of("in Rome", (at, at + 4, "Rome"), line=at) for at in (0, 1)))
        assert unit is None
        assert '"Rome" at 0–4 (line 0); "Rome" at 1–5 (line 1).' in message

    @pytest.mark.parametrize("words", ["a\\nb", "a b", "a\nb", "a\r\nb"])
    def test_line_ends_inside_of_words_may_be_written_in_any_way(self, words):
        assert detect(of("xa\r\nb", (1, 5, words)))[0] is Unit.CODEPOINTS

    def test_without_words_the_borders_of_tokens_decide(self):
        unit, (message,) = detect(of("😀 in Rome now", (6, 10, None)))
        assert unit is Unit.UTF16
        assert "2 span borders fall between words this way, 0 otherwise" in message
        assert detect(of(f"{FAMILY} in Rome now", (5, 9, None)))[0] is Unit.GRAPHEMES
        assert detect(of("😀 in Rome now", (5, 9, None))) == (Unit.CODEPOINTS, [])

    def test_two_units_that_fit_different_places_are_said(self):
        unit, (message,) = detect(of("😀aa", (2, 3, "a")))
        assert unit is Unit.CODEPOINTS
        assert message.startswith("The words of the spans fit offsets in code points and in")


@example(Document("😀0\r\n", spans=(Span(0, 3, "X"),)), Unit.CODEPOINTS_LF)
@given(documents.documents(), st.sampled_from(Unit))
def test_offsets_of_any_unit_come_back_as_the_same_words(document, unit):
    ruler = Ruler(document.text, unit)
    spans = []
    for span in document.spans:
        words = document.text[span.start : span.end]
        try:
            spans.append(Claim(ruler.offset(span.start), ruler.offset(span.end), "X", words))
        except InputError:
            # A border inside of what this unit counts as one cannot be written in it.
            continue
    claims = Claims(1, document.text, spans)
    found, _ = detect(claims)
    assert found
    for taken in (unit, found):
        for (start, end, _), claim in zip(offsets.placed(claims, taken), spans, strict=True):
            assert offsets.same(claim.words, document.text[start:end])


@given(documents.TEXTS, st.sampled_from(Unit))
def test_every_border_that_can_be_written_comes_back(text, unit):
    ruler = Ruler(text, unit)
    for point in range(len(text) + 1):
        try:
            offset = ruler.offset(point)
        except InputError:
            continue
        assert ruler.point(offset) == point


@pytest.mark.parametrize("unit", Unit)
def test_an_offset_beyond_the_text_stays_beyond_it(unit):
    assert Ruler("😀\r\né", unit).point(99) > 4
    assert Ruler("😀\r\né", unit).point(-1) == -1


def test_an_offset_inside_of_a_character_is_refused():
    with pytest.raises(InputError, match="inside a character"):
        Ruler("😀", Unit.UTF16).point(1)
