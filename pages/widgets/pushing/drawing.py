"""A text with each word as strongly coloured as it pushed: towards a label, or away from it.

The hue says which way, and so does the line under a word, for those who see no hues; the words
that pushed most are told beside it. What files and people say is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from engine.encoding.tokens import tokenize
from engine.inference.model_client import Pushes
from pages.widgets.common import colors
from storage.types import Document, Token

# Less of the strongest push than this is not drawn: it would only make the text harder to read.
LEAST = 0.08
NAMED = 6
STYLE = """
<style>
.ws-pushed { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext;
  line-height: 1.9; }
.ws-pushed + .ws-pushed { margin-top: .4rem; padding-inline-start: .7rem;
  border-inline-start: 3px solid color-mix(in srgb, currentColor 25%, transparent); }
.ws-pushed span { padding: .12em 0; border-radius: .25em; border-bottom: 2px solid transparent;
  background: color-mix(in srgb, var(--p) calc(var(--w) * 50%), transparent); }
.ws-pushed .ws-for { border-bottom-color: var(--p); }
.ws-pushed .ws-against { border-bottom: 2px dashed var(--p); }
</style>
"""


class Pushed(NamedTuple):
    """A word and its push, as a share of the strongest: below 0 away from the label."""

    word: str
    share: float


def shares(document: Document, pushes: Pushes) -> tuple[list[float], list[float]]:
    """Return the push of each token of both texts as a share of the strongest one."""
    strongest = max(map(abs, (*pushes.tokens, *pushes.second)), default=0.0)
    return (
        [push / strongest if strongest else 0.0 for push in pushes.tokens],
        [push / strongest if strongest else 0.0 for push in pushes.second],
    )


def draw(document: Document, pushes: Pushes) -> str:
    """Return the text as HTML, the second one below it; needs STYLE."""
    first, second = shares(document, pushes)
    parts = [_text(document.text, document.tokens, first)]
    if document.second_text:
        parts.append(_text(document.second_text, tokenize(document.second_text), second))
    return "".join(parts)


def most(document: Document, pushes: Pushes) -> tuple[list[Pushed], list[Pushed]]:
    """Return the words that pushed most towards the label, and away from it, strongest first.

    A word that stands in several places pushes with all of them.
    """
    first, second = shares(document, pushes)
    sums: dict[str, float] = {}
    for text, tokens, own in (
        (document.text, document.tokens, first),
        (document.second_text or "", tokenize(document.second_text or ""), second),
    ):
        for (start, end), share in zip(tokens, own, strict=False):
            word = text[start:end].casefold()
            if any(map(str.isalnum, word)):
                sums[word] = sums.get(word, 0.0) + share
    ranked = sorted((Pushed(*each) for each in sums.items()), key=lambda one: -one.share)
    towards = [one for one in ranked if one.share >= LEAST][:NAMED]
    return towards, [one for one in reversed(ranked) if one.share <= -LEAST][:NAMED]


def in_words(label: str, towards: Sequence[Pushed], away: Sequence[Pushed]) -> str:
    """Say which words pushed, for those who do not see the colours."""
    said = [
        f"{way} {label}: {', '.join(f'{one.word} {one.share:+.2f}' for one in words)}"
        for way, words in (("For", towards), ("Against", away))
        if words
    ]
    return (". ".join(said) or f"No word stands out for {label}").replace("-", "−") + "."


def _text(text: str, tokens: Sequence[Token], own: Sequence[float]) -> str:
    towards, against = colors.of_theme("blueColor"), colors.of_theme("orangeColor")
    pieces, at = [], 0
    for (start, end), share in zip(tokens, own, strict=False):
        if abs(share) < LEAST:
            continue
        kind, paint = ("ws-for", towards) if share > 0 else ("ws-against", against)
        pieces += [
            escape(text[at:start]),
            f'<span class="{kind}" style="--p:{escape(paint)};--w:{min(abs(share), 1):.2f}" '
            f'title="{share:+.2f}">{escape(text[start:end])}</span>',
        ]
        at = end
    return f'<div class="ws-pushed" dir="auto">{"".join(pieces)}{escape(text[at:])}</div>'
