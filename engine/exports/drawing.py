"""The confusion table as a picture: SVG that needs nothing else, on light and dark pages.

The numbers stand in the cells as far as they fit, and in each cell's tooltip. Colour follows
the share of a row (see ``Confusion.shares``), green where both sides agree and orange elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.evaluation import ordering
from engine.evaluation.confusion import Confusion
from engine.exports import contents, styles
from engine.exports.markup import text as escaped
from engine.exports.subject import Subject
from storage.cells import Only

# The width of a letter and of a digit as a part of the font's size, so that nothing is measured.
LETTER, CAPITAL, WIDE, DIGIT = 0.6, 0.72, 1.05, 0.58
LONGEST = 170
GOLD, PREDICTED = "gold ↓", "predicted →"
GAP = 7
# With more labels the names stand on all four sides, and every tenth line is stronger.
MANY, TENTH = 24, 10
TOLD = 5
_SIZE = re.compile(r'width="(\d+)" height="(\d+)"')


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large things are drawn, in pixels."""

    width: int
    height: int
    names: float
    numbers: float
    line: float


# From so many labels on; the last that fits holds.
SIZES = {
    0: Sizes(84, 46, 13, 15, 2.5),
    9: Sizes(44, 30, 12, 12, 2),
    17: Sizes(26, 21, 11, 10, 1.5),
    41: Sizes(16, 15, 10, 7.5, 1),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand. The names take ``left`` and ``top``; ``lies``: beside each other."""

    table: Confusion
    sizes: Sizes
    left: float
    top: float
    lies: bool

    @classmethod
    def of(cls, table: Confusion) -> Layout:
        """Choose the sizes for so many labels, and make room for their names."""
        sizes = [sizes for most, sizes in SIZES.items() if len(table.labels) >= most][-1]
        left = max(_wide(name, sizes) for name in [*table.rows, PREDICTED])
        top = max(_wide(name, sizes) for name in table.columns)
        lies = top <= sizes.width - 6
        return cls(table, sizes, left + 10, max(0 if lies else top, sizes.names * 2.4) + 12, lies)

    @property
    def many(self) -> bool:
        return len(self.table.labels) > MANY

    @property
    def right(self) -> float:
        return self.x(len(self.table.labels) + 1)

    @property
    def bottom(self) -> float:
        return self.y(len(self.table.labels) + 1)

    def x(self, column: int) -> float:
        return self.left + column * self.sizes.width + GAP * (column >= len(self.table.labels))

    def y(self, row: int) -> float:
        return self.top + row * self.sizes.height + GAP * (row >= len(self.table.labels))


def render(subject: Subject, style: str = "") -> str:
    """Return the picture of the first split that is told of, as a file of its own."""
    (split, scores), *_ = subject.scores.items()
    title = f"Confusion table: {contents.title(subject)}, {split}"
    table = ordering.grouped(Confusion.of(scores))
    return draw(table, title, split, style=style or styles.written_out()) + "\n"


def draw(table: Confusion, title: str, key: str, *, style: str = "") -> str:
    """Draw the table; ``key`` tells the pictures of one page apart.

    With a ``style`` it is a file of its own, on paper; else part of a page.
    """
    at = Layout.of(table)
    more = at.left if at.many else 8
    width, height = round(at.right + more), round(at.bottom + (at.top if at.many else 8))
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cm" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="{key}-t {key}-d">',
            f'<title id="{key}-t">{escaped(title)}</title>',
            f'<desc id="{key}-d">{escaped(describe(table))}</desc>',
            f"<style>{style or styles.with_variables()}</style>",
            f'<rect class="cm-paper" width="{width}" height="{height}"/>' if style else "",
            *_paper(at),
            *_cells(at),
            *_grid(at),
            *_numbers(at),
            *_names(at),
            "</svg>",
        ]
    )


def size(svg: str) -> tuple[int, int]:
    """Return the width and height of a picture that was drawn here, in pixels."""
    found = _SIZE.search(svg)
    assert found, "every picture says its size"
    return int(found[1]), int(found[2])


def describe(table: Confusion) -> str:
    """Say in words what the picture shows, for those who do not see it."""
    count = len(table.labels)
    right = sum(table.counts[i][i] for i in range(count))
    gold = sum(map(sum, table.counts[:-1]))
    beside = [mistake for mistake in table.mistakes() if mistake.only is Only.ALL][:TOLD]
    wrong = "; ".join(f"{each.gold} → {each.predicted} {each.count:,}" for each in beside)
    most = f" The most frequent mistakes: {wrong}." if wrong else ""
    return (
        f"Gold labels are rows, predicted labels are columns; {count:,} labels. On the diagonal "
        f"both agree: {right:,} of {gold:,}. The last column was missed, the last row was found "
        f"where nothing is labelled.{most}"
    )


def _paper(at: Layout) -> Iterator[str]:
    """Draw what lies under the cells: the labels, and apart what is missed and spurious."""
    size = len(at.table.labels)
    for row, high in ((0, size), (size, 1)):
        for column, wide in ((0, size), (size, 1)):
            if wide and high:
                place = _place(at.x(column), at.y(row), wide * at.sizes.width)
                yield f'<rect class="cm-empty" {place} height="{high * at.sizes.height}"/>'


def _cells(at: Layout) -> Iterator[str]:
    """Draw the cells that hold something, each with its tooltip."""
    shares = at.table.shares()
    rows, columns = at.table.rows, at.table.columns
    for i, j, count in _filled(at.table):
        gold, predicted = rows[i], columns[j]
        about = f"{gold} → {predicted}: {count:,} ({shares[i][j]:.0%})"
        if i == j:
            about += f", {at.table.exact[i]:,} with the same borders"
        yield (
            f'<rect class="{"cm-right" if i == j else "cm-wrong"}" '
            f'{_place(at.x(j), at.y(i), at.sizes.width)} height="{at.sizes.height}" '
            f'fill-opacity="{0.14 + 0.46 * shares[i][j]:.2f}">'
            f"<title>{escaped(about)}</title></rect>"
        )


def _filled(table: Confusion) -> Iterator[tuple[int, int, int]]:
    for i, counts in enumerate(table.counts):
        yield from ((i, j, count) for j, count in enumerate(counts) if count)


def _grid(at: Layout) -> Iterator[str]:
    """Draw the lines between the cells in the colour of the paper."""
    size, (width, height) = len(at.table.labels), (at.sizes.width, at.sizes.height)
    for name, lines in (("cm-grid", range(1, size)), ("cm-tenth", range(TENTH, size, TENTH))):
        if name == "cm-tenth" and not at.many:
            continue
        across = (f"M{at.left:.1f} {at.top + n * height:.1f}H{at.right:.1f}" for n in lines)
        down = (f"M{at.left + n * width:.1f} {at.top:.1f}V{at.bottom:.1f}" for n in lines)
        path = "".join([*across, *down])
        if path:
            yield f'<path class="{name}" stroke-width="{at.sizes.line}" d="{path}"/>'


def _numbers(at: Layout) -> Iterator[str]:
    """Write the counts; those that do not fit are shortened, or left to the tooltip."""
    sizes = at.sizes
    yield f'<g class="cm-number" font-size="{sizes.numbers}">'
    for i, j, count in _filled(at.table):
        room = (sizes.width - 2) / (sizes.numbers * DIGIT)
        shown = next((each for each in (f"{count:,}", _short(count)) if len(each) <= room), "")
        if shown:
            x, y = at.x(j) + sizes.width / 2, at.y(i) + sizes.height / 2 + sizes.numbers * 0.35
            yield f'<text x="{x:.1f}" y="{y:.1f}">{shown}</text>'
    yield "</g>"


def _short(count: int) -> str:
    """Return a large number in few letters: 12k, 3M."""
    for limit, letter in ((1_000_000, "M"), (1_000, "k")):
        if count >= limit:
            return f"{count // limit}{letter}"
    return str(count)


def _names(at: Layout) -> Iterator[str]:
    """Write the labels beside and above the cells, of many also on the other sides."""
    sizes = at.sizes
    yield f'<g class="cm-name" font-size="{sizes.names}">'
    for line, side in enumerate((GOLD, PREDICTED)):
        y = at.top - 8 - line * 1.25 * sizes.names
        yield _text(at.left - 8, y, side, "cm-side cm-end")
    yield from _rows(at, at.left - 8, "cm-end")
    yield from _columns(at, at.top - 8, "")
    if at.many:
        yield from _rows(at, at.right + 8, "")
        yield from _columns(at, at.bottom + 8, "cm-end")
    yield "</g>"


def _rows(at: Layout, x: float, anchor: str) -> Iterator[str]:
    middle = at.sizes.height / 2 + at.sizes.names * 0.35
    for row, name in enumerate(at.table.rows):
        side = " cm-side" if row == len(at.table.labels) else ""
        yield _text(x, at.y(row) + middle, name, anchor + side, at.sizes.names)


def _columns(at: Layout, y: float, anchor: str) -> Iterator[str]:
    for column, name in enumerate(at.table.columns):
        side = " cm-side" if column == len(at.table.labels) else ""
        middle = at.x(column) + at.sizes.width / 2
        if at.lies:
            yield _text(middle, y, name, "cm-middle" + side, at.sizes.names)
        else:
            x = middle + at.sizes.names * 0.35
            yield _text(x, y, name, anchor + side, at.sizes.names, turned=True)


def _text(
    x: float, y: float, name: str, style: str, size: float = 0, *, turned: bool = False
) -> str:
    """Write a name, cut where it is too long and then whole in its tooltip."""
    shown = _cut(name, LONGEST / size) if size else name
    whole = "" if shown == name else f"<title>{escaped(name)}</title>"
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    kind = f' class="{style.strip()}"' if style.strip() else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{kind}{turn}>{whole}{escaped(shown)}</text>'


def _place(x: float, y: float, width: float) -> str:
    return f'x="{x:.1f}" y="{y:.1f}" width="{width}"'


def _wide(name: str, sizes: Sizes) -> float:
    """Return how wide a name is drawn, cut where it is too long."""
    return min(LONGEST, _letters(name) * sizes.names)


def _cut(name: str, most: float) -> str:
    if _letters(name) <= most:
        return name
    kept = len(name)
    while kept and _letters(name[:kept]) > most - 1:
        kept -= 1
    return name[:kept] + "…"


def _letters(name: Sequence[str]) -> float:
    """Return how wide a text is as a multiple of the font's size; letters of CJK are square."""
    return sum(map(_letter, name))


def _letter(sign: str) -> float:
    if unicodedata.east_asian_width(sign) in "WF":
        return WIDE
    return CAPITAL if sign.isupper() else LETTER
