"""Windows in arrays: each is what was put in, and figures of all come at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.encoding.examples import IGNORED, Window
from engine.encoding.packed import Windows
from engine.encoding.word_pieces import AT_ONCE, cut, prepare
from tests.engine import tiny

NUMBERS = st.lists(st.integers(0, 99), max_size=4).map(tuple)
TARGETS = st.lists(st.sampled_from([IGNORED, 0, 1]), max_size=3).map(tuple)
WINDOWS = st.lists(
    st.builds(
        Window,
        document=st.integers(0, 9),
        pieces=NUMBERS,
        units=NUMBERS,
        places=NUMBERS,
        targets=TARGETS,
        words=st.integers(0, 9),
        segments=NUMBERS,
        share=st.sampled_from([1.0, 0.5, 1 / 3]),
        background=st.booleans(),
    ),
    max_size=6,
)


@given(given_=WINDOWS, chosen=st.lists(st.booleans(), min_size=6, max_size=6))
def test_packed_windows_are_those_that_were_packed(given_: list[Window], chosen: list) -> None:
    packed = Windows.of(iter(given_))
    assert list(packed) == given_ == packed[:] and packed == given_
    mask = np.array(chosen[: len(given_)], dtype=bool)
    some = [window for window, kept in zip(given_, mask, strict=True) if kept]
    for found, plain in ((packed, given_), (packed.kept(mask), some)):
        assert list(found) == plain
        assert found.lengths.tolist() == [len(window.pieces) for window in plain]
        assert found.background.tolist() == [window.background for window in plain]
        assert found.pieces.tolist() == [piece for window in plain for piece in window.pieces]
        assert found.targets.tolist() == [one for window in plain for one in window.targets]
        assert found.shares.tolist() == [w.share for w in plain for _ in w.targets]
        known = [any(one != IGNORED for one in window.targets) for window in plain]
        assert found.asked.tolist() == known


def test_a_place_beyond_the_windows_is_none_of_them() -> None:
    packed = Windows.of([Window(0, (1, 2), (0,), (), (0,))])
    assert packed[-1] == packed[0]
    with pytest.raises(IndexError):
        packed[1]


def test_documents_are_read_some_at_a_time() -> None:
    """Else a corpus would be there once more, as what the tokenizer made of it."""
    read = 0

    def documents():
        nonlocal read
        for read in range(1, 2 * AT_ONCE + 1):  # noqa: B007
            yield tiny.document("Paris")

    words = cut(documents(), prepare(tiny.wordpiece()))
    assert next(words) and read == AT_ONCE
    assert sum(1 for _ in words) == 2 * AT_ONCE - 1
