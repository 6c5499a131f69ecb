"""PNG: the picture of the confusion table as pixels, by resvg (https://github.com/linebender/resvg).

It brings its own typeface for Latin, Greek and Cyrillic letters, so that a machine without any
shows them too; other scripts are drawn in what the machine has.
"""

from __future__ import annotations

from pathlib import Path

from engine.exports import drawing, styles
from engine.exports.subject import Subject

FONT = Path(__file__).with_name("fonts") / "commissioner.ttf"
FAMILY = "Commissioner"
# Twice as fine as a screen of old, as print and slides want it; a huge table no finer than this.
ZOOM, MOST_PIXELS = 2.0, 12_000


def render(subject: Subject) -> bytes:
    """Return the PNG file of the first split that is told of, light."""
    # Loaded with the first picture: pages that list the formats need not wait for it.
    import resvg_py

    svg = drawing.render(subject, styles.still(FAMILY))
    longest = max(drawing.size(svg))
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=min(ZOOM, MOST_PIXELS / longest),
        font_files=[str(FONT)],
        sans_serif_family=FAMILY,
    )
