"""Sentences with their spans, drawn as text: everything a file or a person typed is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from storage.types import Source, Span

CONTEXT = 160

STYLE = """
<style>
.ws-row { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .2rem .75rem;
  line-height: 1.85; font-size: 1rem; }
.ws-who { font-size: .75rem; opacity: .75; line-height: 2.45; }
.ws-text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.ws-span { padding: .1em .3em; border-radius: .3em; color: inherit;
  background: color-mix(in srgb, var(--c) 22%, transparent);
  border-bottom: 2px solid var(--c); }
.ws-span.ws-focus { outline: 2px solid var(--c); }
.ws-span.ws-quiet { background: transparent; border-bottom-style: dotted; }
.ws-found { background: transparent; color: inherit; font-weight: 700;
  text-decoration: underline 2px; }
.ws-span.ws-whole { padding: .1em .45em; margin-inline-end: .6em; }
.ws-span.ws-made { background: transparent; border: 1px dashed var(--c); }
.ws-whole small { margin-inline-start: 0; font-size: .8em; }
.ws-second { display: block; margin-top: .35rem; unicode-bidi: plaintext;
  padding-inline-start: .7rem;
  border-inline-start: 3px solid color-mix(in srgb, currentColor 25%, transparent); }
.ws-span small { font-size: .7em; font-weight: 600; margin-inline-start: .4em; opacity: .85;
  display: inline-block; max-width: 100%; line-height: 1.2; }
</style>
"""


def draw_rows(
    text: str,
    rows: Sequence[tuple[str, Sequence[Span], Span | None]],
    colors: Mapping[str, str],
    second_text: str | None = None,
) -> str:
    """Return HTML for one text, drawn once per row (who, marks, mark in focus); needs STYLE.

    A second text stands below the first row.
    """
    start, end = window(text, [focus for _, _, focus in rows if focus])
    lines = [
        f'<div class="ws-who">{escape(who)}</div>'
        f'<div class="ws-text" dir="auto">{draw_line(text, spans, focus, colors, start, end)}'
        f"{second('' if at else second_text)}</div>"
        for at, (who, spans, focus) in enumerate(rows)
    ]
    return f'<div class="ws-row">{"".join(lines)}</div>'


def second(text: str | None) -> str:
    """Return HTML for the second text of a pair, cut where it is long; nothing without one."""
    if not text:
        return ""
    cut = text[: 4 * CONTEXT] + ("…" if len(text) > 4 * CONTEXT else "")
    return f'<span class="ws-second" dir="auto">{escape(cut)}</span>'


def window(text: str, focuses: Sequence[Span]) -> tuple[int, int]:
    """Choose the part of a long text to show: what surrounds the spans in focus."""
    if len(text) <= 4 * CONTEXT or not focuses:
        return 0, min(len(text), 4 * CONTEXT)
    first = min(span.start for span in focuses)
    last = max(span.end for span in focuses)
    return max(0, first - CONTEXT), min(len(text), last + CONTEXT)


def draw(
    text: str,
    spans: Sequence[Span],
    colors: Mapping[str, str],
    most: int = 0,
    *,
    start: int = 0,
    found: tuple[int, int] = (0, 0),
) -> str:
    """Return ``most`` characters (0: all) from ``start`` with their spans in colour; needs STYLE.

    What was ``found`` by a search is marked, also where it is part of a span.
    """
    end = min(len(text), start + most if most else len(text))
    kept = _without_overlaps(spans, None)
    return _drawn(text, [(span, "ws-span") for span in kept], colors, start, end, found)


def draw_line(
    text: str,
    spans: Sequence[Span],
    focus: Span | None,
    colors: Mapping[str, str],
    start: int,
    end: int,
) -> str:
    """Return the HTML of ``text[start:end]`` with its spans; overlapping ones are drawn once."""
    marks = [
        (span, "ws-span ws-focus" if span == focus else "ws-span ws-quiet")
        for span in _without_overlaps(spans, focus)
    ]
    return _drawn(text, marks, colors, start, end)


def _drawn(
    text: str,
    marks: Sequence[tuple[Span, str]],
    colors: Mapping[str, str],
    start: int,
    end: int,
    found: tuple[int, int] = (0, 0),
) -> str:
    pieces = ["…"] if start else []
    at = start
    for span, kind in marks:
        if span.whole:
            pieces.insert(0, _mark("", span, kind, colors))
            continue
        if span.start < at or span.end > end:
            continue
        words = _words(text, span.start, span.end, found)
        pieces += [_words(text, at, span.start, found), _mark(words, span, kind, colors)]
        at = span.end
    pieces.append(_words(text, at, end, found))
    return "".join(pieces) + ("…" if end < len(text) else "")


def _without_overlaps(spans: Sequence[Span], focus: Span | None) -> list[Span]:
    """Keep what can be drawn on one line: the span in focus, then from left to right."""
    kept: list[Span] = [focus] if focus in spans else []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept)


def _words(text: str, start: int, end: int, found: tuple[int, int]) -> str:
    """Return a part of a text as HTML, what of it was found marked."""
    first, last = max(start, found[0]), min(end, found[1])
    if first >= last:
        return escape(text[start:end])
    parts = (text[start:first], text[first:last], text[last:end])
    before, inside, behind = map(escape, parts)
    return f'{before}<mark class="ws-found">{inside}</mark>{behind}'


def _mark(words: str, span: Span, kind: str, colors: Mapping[str, str]) -> str:
    color = colors.get(span.label, "#808080")
    score = "" if span.score is None else f" {span.score:.2f}"
    kind = f"{kind} ws-whole" if span.whole else kind
    made = span.source in (Source.SAMPLED, Source.MINED)
    if made:
        kind = f"{kind} ws-made"
    return (
        f'<span class="{kind}" style="--c:{escape(color)}">{words}'
        f"<small>{escape(span.label)}{score}{f' · {span.source}' if made else ''}</small></span>"
    )


def read(text: str, spans: Sequence[Span], colors: Mapping[str, str]) -> str:
    """Return HTML for a text that is read, not scanned: larger, in the typeface of headings."""
    return (
        f'{STYLE}<div class="ws-text" dir="auto" style="font-family:Literata,serif;'
        f'font-size:1.2rem;line-height:2.1">{draw(text, spans, colors)}</div>'
    )
