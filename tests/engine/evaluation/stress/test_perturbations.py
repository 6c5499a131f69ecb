"""Changed texts: each change does what it says, and the marks go with their words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.tokens import tokenize
from engine.evaluation.stress.perturbations import BY_NAME, PERTURBATIONS, Known, of_task
from storage.types import Document, Span

CHANGES_MARKS = {"lower", "upper", "title", "typo inside", "mention", "number"}


def marked(text: str, *labels: str, id: int = 1) -> Document:
    """Make a document of a text in which the marks are in square brackets."""
    spans, parts, at = [], [], 0
    for number, piece in enumerate(text.replace("[", "|").replace("]", "|").split("|")):
        if number % 2:
            spans.append(Span(at, at + len(piece), labels[number // 2]))
        parts.append(piece)
        at += len(piece)
    whole = "".join(parts)
    return Document(whole, tokenize(whole), tuple(spans), id=id)


def changed(name: str, document: Document, *train: Document, seed: int = 0) -> str | None:
    """Return the changed text with its marks in brackets."""
    found = BY_NAME[name].change(document, Known.of(train), seed)
    if found is None:
        return None
    text = found.text
    for span in reversed(found.spans):
        parts = text[: span.start], text[span.start : span.end], text[span.end :]
        text = "[".join(parts[:1]) + "[" + parts[1] + "]" + parts[2]
    return text


TRAIN = (
    marked("[Grace Hopper] of [Ulm] knows [格蕾丝]。", "PER", "LOC", "PER", id=7),
    marked("Nobody came at all .", id=8),
    marked("今天天气很好。", id=9),
)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("lower", "[Ada] of ULM, ΟΔΟΣ", "[ada] of ulm, οδος"),
        ("upper", "[Weiß] und Ada", "[WEISS] UND ADA"),
        ("title", "the [new house] of it", "The [New House] Of It"),
        ("full stop", "[Ada] left", "[Ada] left."),
        ("full stop", "[Ada] left .", "[Ada] left"),
        ("full stop", "So , [Ada] left", "So , [Ada] left ."),
        ("full stop", "[艾达] 走了", "[艾达] 走了。"),
        ("full stop", "by [Ada Inc.]", None),
        ("full stop", "who is [Ada]?", None),
        ("commas", "Then , [Ada] , left,right 1,000", "Then [Ada] left right 1,000"),
        ("commas", "昨天，[艾达]走了", "昨天[艾达]走了"),
        ("contractions", "I do not see [Ada]", "I don't see [Ada]"),
        ("contractions", "Can’t be [Ada], I 'm sure", "Cannot be [Ada], I am sure"),
        ("contractions", "[Ada]'s house", None),
        ("mention", "[Ada] of [Bonn]", "[Grace Hopper] of [Ulm]"),
        ("mention", "[艾达] here", "[格蕾丝] here"),
        ("mention", "[grace hopper] here", None),
        ("after", "[Ada] left", "[Ada] left. Nobody came at all ."),
        ("before", "[Ada] left", "Nobody came at all . [Ada] left"),
        ("after", "[艾达]走了。", "[艾达]走了。今天天气很好。"),
        ("number", "no digit in [Ada]", None),
    ],
)
def test_each_change_does_what_it_says(name: str, before: str, after: str | None) -> None:
    labels = ("PER", "LOC")
    assert changed(name, marked(before, *labels), *TRAIN) == after


def test_a_number_gets_another_last_digit_and_is_one_still() -> None:
    text = changed("number", marked("In 1984 at 10:30 [A4] had 7 ٣", "X"))
    assert text.startswith("In 198") and text[6] != "4" and "[A4]" in text
    assert len(text) == len("In 1984 at 10:30 [A4] had 7 ٣")
    assert "0" != text[-3] != "7" and text[-1] in "١٢٤٥٦٧٨٩"


def test_typing_errors_are_in_long_words_beside_the_marks_or_in_them() -> None:
    document = marked("somebody visited [Constance] in may", "LOC")
    for seed in range(20):
        text = changed("typo", document, seed=seed)
        assert "[Constance] in may" in text and text != "somebody visited [Constance] in may"
        text = changed("typo inside", document, seed=seed)
        start, _, rest = text.partition("[")
        assert start == "somebody visited " and rest[0] == "C" and rest.endswith("] in may")
    assert changed("typo", marked("[艾达] 北京大学", "PER")) is None


def test_a_sentence_of_nobody_is_known_for_many_scripts() -> None:
    for text in ("[Ада] ушла", "[אדה] עזבה", "[에이다] 갔다"):
        assert changed("after", marked(text, "PER")).startswith(text)
    assert changed("after", marked("[123]", "NUM")) is None


def test_the_same_seed_changes_the_same_text_in_the_same_way() -> None:
    document = marked("somebody visited [Constance] and [Rome]", "LOC", "LOC")
    train = [marked(f"[{name}] x", "LOC", id=n) for n, name in enumerate("ABCDEFGHIJ")]
    assert changed("mention", document, *train) == changed("mention", document, *train)
    assert len({changed("mention", document, *train, seed=seed) for seed in range(9)}) > 3


def test_marks_of_whole_documents_have_no_words_to_change() -> None:
    names = {each.name for each in of_task(marks_whole=True)}
    assert {each.name for each in of_task(marks_whole=False)} - names == {"typo inside", "mention"}
    document = Document("Nobody left", tokenize("Nobody left"), (Span(0, 0, "odd"),), id=1)
    assert BY_NAME["upper"].change(document, Known()).spans == document.spans


WORDS = st.sampled_from(
    [
        "Ada",
        "don't",
        "I",
        "am",
        "1,000",
        ",",
        ".",
        "漢字",
        "ǅ",
        "İstanbul",
        "e\u0301t",
        "👩‍👩‍👧",
        "ﬁn",
        "cannot",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A text of words that make trouble, with marks anywhere: within words, on each other."""
    gaps = st.sampled_from([" ", "", "\n", "  "])
    text = "".join(draw(WORDS) + draw(gaps) for _ in range(draw(st.integers(1, 8))))
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)), st.sampled_from("XY"))
    drawn = draw(st.lists(ends, max_size=3))
    spans = {Span(min(one, other), max(one, other), label) for one, other, label in drawn}
    return Document(text, tokenize(text), tuple(s for s in sorted(spans) if s.start < s.end), id=1)


@given(document=documents(), train=st.lists(documents(), max_size=2), seed=st.integers(0, 9))
def test_whatever_the_text_marks_stay_on_their_words(document, train, seed) -> None:
    known = Known.of(train)
    for perturbation in PERTURBATIONS:
        found = perturbation.change(document, known, seed)
        if found is None:
            continue
        assert found.text != document.text and len(found.spans) == len(document.spans)
        assert all(0 <= start < end <= len(found.text) for start, end in found.tokens)
        assert list(found.tokens) == sorted(found.tokens)
        for before, after in zip(document.spans, found.spans, strict=True):
            was = document.text[before.start : before.end]
            now = found.text[after.start : after.end]
            assert now == was or perturbation.name in CHANGES_MARKS
            if perturbation.name in ("lower", "upper"):
                assert now.casefold() == was.casefold()
