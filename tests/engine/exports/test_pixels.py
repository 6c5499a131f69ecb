"""PNG: the picture of the confusion table as pixels, as fine as print wants it."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from engine.exports import drawing, pixels, styles
from tests.engine.exports.subjects import HOSTILE, subject

LABELS = ("LOC", "ORG", "PER")


def picture(labels: tuple[str, ...]) -> np.ndarray:
    """Return the colours of the pixels: uint8 of shape (height, width, 3)."""
    data = pixels.render(subject(labels, size=60))
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def test_cells_are_drawn_in_their_colours_and_names_beside_them() -> None:
    svg = drawing.render(subject(LABELS, size=60))
    found = picture(LABELS)
    width, height = drawing.size(svg)
    assert found.shape == (2 * height, 2 * width, 3)
    first = re.search(r'class="cm-right" x="([\d.]+)" y="([\d.]+)"', svg)
    x, y = (round(2 * float(part)) for part in first.groups())
    red, green, blue = map(int, found[y + 6, x + 6])
    assert green > red > blue, "what is right is green"
    names = found[y : y + 80, 4 : x - 8]
    assert names.min() < 60, "the first label's name is written in ink"
    assert tuple(found[1, 1]) == (0xFD, 0xFC, 0xF9), "on paper, not on nothing"


def test_a_huge_table_is_no_larger_than_a_machine_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "MOST_PIXELS", 500)
    assert max(picture(LABELS).shape) <= 501


def test_every_name_can_be_drawn() -> None:
    assert picture(HOSTILE).size


def test_what_knows_no_variables_is_told_every_colour() -> None:
    assert "var(" in styles.with_variables()
    for written in (styles.written_out(), styles.still("Any")):
        assert "var(" not in written and "--cm" not in written
        for name in ("cm-paper", "cm-right", "cm-number", "cm-side"):
            assert f".{name} " in written
    light, dark = styles.written_out().split(styles.DARK)
    assert "#fdfcf9" in light and "#14191c" in dark
    assert "hover" not in styles.still("Any")
