"""A round as HTML: its line with a small trend, and its lists. All of people's is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import quote

from engine.knowledge.telling import Outcome, Told
from pages.widgets.common import colors
from storage.knowledge.notebook import Entry, Round

Trend = Mapping[int, Sequence[float]]
"""The figures of all rounds up to each, by the round's id, the oldest first."""
SHADES = {
    **{Outcome.BETTER: "green", Outcome.FIRST: "blue", Outcome.OPEN: "blue"},
    **{Outcome.WORSE: "red", Outcome.FAILED: "red"},
}
WIDTH, HEIGHT, MOST = 96, 24, 24


def trend(found: Sequence[Entry]) -> Trend:
    """Return the figures that a round's small curve shows: of the rounds up to it."""
    values: list[float] = []
    curves: dict[int, Sequence[float]] = {}
    for entry in reversed(found):
        value = (entry.brought or {}).get("value")
        if entry.state is Round.DONE and value is not None:
            values.append(value)
            curves[entry.id] = tuple(values[-MOST:])
    return curves


def head(entry: Entry, told: Told, curves: Trend | None = None) -> str:
    """Return a round's line: goal, what came of it, figure, curve, when and whose."""
    shade = SHADES.get(told.outcome, "gray")
    curve = spark((curves or {}).get(entry.id, ()))
    figure = f"<span class='ws-figure'>{escape(told.figure)}</span>" if told.figure else ""
    when = " – ".join(
        dict.fromkeys(filter(None, (entry.opened_at[:10], (entry.closed_at or "")[:10])))
    )
    by = f" · {escape(entry.opened_by)}" if entry.opened_by else ""
    weakest = f"<p dir='auto'>{escape(told.weakest)}</p>" if told.weakest else ""
    return (
        f"<div class='ws-round'><div><b dir='auto'>{escape(told.goal)}</b>"
        f"<span class='ws-outcome ws-{shade}'>{escape(told.outcome)}</span>{figure}{curve}"
        f"<small>{escape(when)}{by}</small></div>{weakest}</div>"
    )


def spark(values: Sequence[float]) -> str:
    """Return a small curve with a dot at its end; nothing of fewer than two figures."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    wide, tall = (WIDTH - 8) / (len(values) - 1), HEIGHT - 8
    scale = tall / (high - low) if high > low else 0
    points = [
        (4 + at * wide, HEIGHT - 4 - (value - low) * scale) for at, value in enumerate(values)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    said = f"The figure of the last {len(values)} rounds: from {values[0]:.3f} to {values[-1]:.3f}"
    ink = colors.of_theme("primaryColor")
    drawn = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' "
        f"width='{WIDTH}' height='{HEIGHT}'><polyline points='{line}' fill='none' "
        f"stroke='{ink}' stroke-width='1.5'/><circle cx='{x:.1f}' cy='{y:.1f}' r='3' "
        f"fill='{ink}'/></svg>"
    )
    source = f"data:image/svg+xml,{quote(drawn)}"
    return f'<img class="ws-spark" src="{source}" alt="{said}" width="{WIDTH}" height="{HEIGHT}">'


def lists(told: Told, *, so_far: bool = False) -> str:
    """Return what was done, and what it brought, as lists."""
    done = told.done or (["Nothing yet."] if so_far else [])
    parts = [_list("Done so far" if so_far else "Done", done), _list("Brought", told.brought)]
    return f"<div class='ws-told'>{''.join(parts)}</div>"


def _list(title: str, sentences: Sequence[str]) -> str:
    items = "".join(f"<li dir='auto'>{escape(each)}</li>" for each in sentences)
    return f"<section><b>{title}</b><ul>{items}</ul></section>" if items else ""
