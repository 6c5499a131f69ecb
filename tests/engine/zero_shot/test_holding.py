"""What a model claims is held to the text: nothing is suggested that does not stand there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.zero_shot import answers, holding
from engine.zero_shot.answers import Claim

LABELS = ("PER", "LOC", "loc")


def quotes(text: str, *claims: tuple[str, str], overlaps: bool = False) -> list[tuple[str, str]]:
    held = holding.hold_spans(
        text, [Claim(label, quote) for quote, label in claims], LABELS, overlaps
    )
    assert all(span.source == "model" and span.score for span in held.spans)
    return [(text[span.start : span.end], span.label) for span in held.spans]


def dropped(text: str, *claims: tuple[str, str]) -> dict[str, int]:
    claimed = [Claim(label, quote) for quote, label in claims]
    return dict(holding.hold_spans(text, claimed, LABELS, False).dropped)


def test_a_quote_is_found_by_code_points_next_case_spacing_and_whole_words() -> None:
    text = "😀 Ada met ada in RUSSIA, not the US;\nAda  Lovelace slept"
    assert quotes(text, ("Ada", "PER"), ("ada", "PER")) == [("Ada", "PER"), ("ada", "PER")]
    held = holding.hold_spans(text, [Claim("PER", "Ada")] * 2, LABELS, False)
    assert [span.start for span in held.spans] == [2, text.rindex("Ada")]
    assert quotes(text, ("US", "LOC")) == [("US", "LOC")]
    held = holding.hold_spans(text, [Claim("LOC", "US")], LABELS, False)
    assert held.spans[0].start == text.index("US;")
    assert quotes(text, ("russia", "PER")) == [("RUSSIA", "PER")]
    assert quotes(text, ("Ada Lovelace", "PER")) == [("Ada  Lovelace", "PER")]
    assert quotes("我在北京大学", ("北京", "LOC")) == [("北京", "LOC")]


def test_what_does_not_occur_is_dropped_and_counted_by_its_reason() -> None:
    text = "Ada met Grace Hopper"
    assert dropped(text, ("Alan", "PER"), ("", "PER"), ("Ada", "ORG")) == {
        holding.ABSENT: 2,
        holding.UNKNOWN: 1,
    }
    assert dropped(text, ("Ada", "PER"), ("Ada", "PER")) == {holding.REPEATED: 1}
    assert dropped(text, ("Grace", "PER"), ("Grace Hopper", "PER")) == {holding.OVERLAPPING: 1}
    assert quotes(text, ("Grace", "PER"), ("Grace Hopper", "PER")) == [("Grace Hopper", "PER")]
    both = [("Grace Hopper", "PER"), ("Grace", "PER")]
    assert len(quotes(text, *both, overlaps=True)) == 2
    # In another case a label is the one that is meant, unless that could be two.
    assert quotes(text, ("Ada", "per")) == [("Ada", "PER")]
    assert dropped(text, ("Ada", "Loc")) == {holding.UNKNOWN: 1}
    assert quotes(text, ("Ada", "loc")) == [("Ada", "loc")]


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.text(max_size=8), st.sampled_from([*LABELS, "x"])), max_size=12),
    st.booleans(),
)
def test_whatever_is_claimed_only_places_of_the_text_are_left(
    text: str, claims: list[tuple[str, str]], overlaps: bool
) -> None:
    found = holding.hold_spans(
        text, [Claim(label, quote) for quote, label in claims], LABELS, overlaps
    )
    assert len(found.spans) + found.dropped.total() == len(claims)
    assert len(set(found.spans)) == len(found.spans)
    said = {(" ".join(q.split()).casefold()) for q, _ in claims}
    for span in found.spans:
        assert 0 <= span.start < span.end <= len(text)
        quoted = " ".join(text[span.start : span.end].split()).casefold()
        # Ignoring case, the expressions fold a little more than str.casefold does.
        assert quoted in said or any(len(each) == len(quoted) for each in said)
    if not overlaps:
        ends = [0, *(span.end for span in found.spans)]
        assert all(s.start >= end for s, end in zip(found.spans, ends, strict=False))


def test_labels_of_whole_texts_are_those_that_there_are() -> None:
    claims = [Claim("PER"), Claim("per"), Claim("x"), Claim("LOC")]
    one = holding.hold_whole(claims, ("PER", "LOC"), several=False)
    assert [(span.label, span.whole) for span in one.spans] == [("PER", True)]
    assert one.dropped == {holding.REPEATED: 1, holding.UNKNOWN: 1, holding.OVERLAPPING: 1}
    several = holding.hold_whole(claims, ("PER", "LOC"), several=True)
    assert [span.label for span in several.spans] == ["PER", "LOC"]


@pytest.mark.parametrize(
    ("text", "claims", "broken"),
    [
        ('{"spans": [{"quote": "Ada", "label": "PER"}]}', [("Ada", "PER")], 0),
        ('Sure!\n```json\n{"spans": [{"text": "Ada", "type": "PER"}]}\n```', [("Ada", "PER")], 0),
        (
            '<think>{"spans": []} or [1]?</think>[{"quote": "Ada", "label": "PER"}]',
            [("Ada", "PER")],
            0,
        ),
        ('{"spans": [{"quote": 1, "label": "PER"}, "Ada", null, {"quote": "Ada"}]}', [], 4),
        ('{"entities": []}', [], 0),
        ("I cannot do that.", None, 0),
        ('{"spans": [{"quote": "Ada", "la', None, 0),
        ("[" * 100_000, None, 0),
        ("", None, 0),
    ],
)
def test_an_answer_is_read_as_far_as_it_can_be(text: str, claims: list | None, broken: int) -> None:
    found = answers.read(text, whole=False)
    if claims is None:
        assert found is None
    else:
        assert ([(each.quote, each.label) for each in found.claims], found.broken) == (
            claims,
            broken,
        )


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ('{"labels": ["a", "b"]}', ["a", "b"]),
        ('{"label": "a"}', ["a"]),
        ('{"labels": [{"label": "a"}, 3, "", null]}', ["a"]),
        ('["a"]', ["a"]),
    ],
)
def test_so_is_one_about_a_whole_text(text: str, labels: list[str]) -> None:
    assert [claim.label for claim in answers.read(text, whole=True).claims] == labels
