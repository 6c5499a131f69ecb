"""Words' shapes: what an uncased vocabulary loses, beside every piece of a text alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.encoding import shapes
from engine.encoding.examples import whole, windows
from engine.encoding.shapes import SHAPES, loses_case, shape
from engine.encoding.word_pieces import prepare
from tests.engine import tiny

SHAPED = {
    "other": ("paris", "l'été", "漢字", "かな", ".", "&", "👩‍👩‍👧", "ſ", "ß", "ª"),
    "capitalised": ("Paris", "A", "Élise", "İstanbul", "Ǆungla", "ǅungla", "O'neil"),
    "all capitals": ("NATO", "U.S.", "AT&T", "ÉTÉ", "ΑΘΗΝΑ"),
    "digits": ("1815", "3.14", "1,000", "٣", "²"),
    "mixed": ("iPhone", "McDonald", "4th", "A4", "covid19", "#Paris2024", "第1回"),
}


@pytest.mark.parametrize(("name", "word"), [(n, w) for n, some in SHAPED.items() for w in some])
def test_a_word_has_one_shape(name: str, word: str) -> None:
    assert SHAPES[shape(word)] == name


def test_every_piece_has_the_shape_of_its_word_and_special_pieces_their_own() -> None:
    pieces = replace(prepare(tiny.wordpiece()), shapes=True)
    document = tiny.document("Lovelace met NATO in 1815 , xxyyzz \u200b")
    (window,) = windows([document], pieces, 48, 16)
    named = [SHAPES[number] for number in window.segments]
    assert len(window.segments) == len(window.pieces)
    assert (named[0], named[-1]) == ("special", "special")
    at_words = [named[place] for place in window.places]
    wanted = ["capitalised", "other", "all capitals", "other", "digits", *["other"] * 3]
    assert at_words == wanted
    starts = [*window.places, len(named) - 1]
    for start, end in zip(starts, starts[1:], strict=False):
        assert len(set(named[start:end])) == 1


def test_windows_that_overlap_give_a_word_the_same_shape() -> None:
    pieces = replace(prepare(tiny.wordpiece()), shapes=True)
    document = tiny.document(" ".join(["Ulm", "went", "UN", "12"] * 20))
    cut = list(windows([document], pieces, 16, 4))
    assert len(cut) > 3
    for window in cut:
        assert len(window.segments) == len(window.pieces) <= 16
        for unit, place in zip(window.units, window.places, strict=True):
            wanted = shapes.shapes_of(document)[unit]
            assert window.segments[place] == wanted


def test_without_the_rule_and_for_whole_texts_there_are_no_shapes() -> None:
    pieces = prepare(tiny.wordpiece())
    document = tiny.document("Ulm went UN")
    assert not any(window.segments for window in windows([document], pieces, 48, 16))
    shaped = replace(pieces, shapes=True)
    assert not any(window.segments for window in whole([document], shaped, 48))


def test_a_tokenizer_tells_by_itself_whether_it_loses_case() -> None:
    assert {kind: loses_case(make()) for kind, make in tiny.KINDS.items()} == {
        "wordpiece": True,
        "bytelevel": False,
        "unigram": False,
    }
