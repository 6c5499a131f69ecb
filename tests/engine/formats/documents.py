"""Documents for round trips through any format: nasty texts, spans anywhere, odd labels."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from storage.types import Document, Span, Status

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
# What real texts have and tools get wrong: characters of several units, marks that join or turn
# what stands around them, all kinds of line ends, and what formats use as their own marks.
NASTY = (
    *("👨\u200d👩\u200d👧", "😀", "🇩🇪", "e\u0301", "ก็", "नि", "\u200d", "\ufeff", "𝔘"),
    *("א", "عربي", "\u202eabc\u202c", "北京", "한국", "ﬁ", "İ"),
    *(
        " ",
        "  ",
        "\t",
        "\n",
        "\r\n",
        "\n\n",
        "\r",
        "\u2028",
        "\u2029",
        "\x85",
        "\xa0",
        "\x0b",
        "\x0c",
    ),
    *(
        "\\n",
        "\\",
        '"',
        "'",
        "/",
        "|",
        "#",
        "[",
        "]",
        "_",
        "*",
        ";",
        ",",
        "->",
        "=1+1",
        "<b>",
        "&amp;",
    ),
    *("Rome", "a", "B-PER", "O", "-DOCSTART-", "T1", "..."),
)
TEXTS = st.lists(st.one_of(st.sampled_from(NASTY), CHARACTERS), min_size=1, max_size=16).map(
    lambda pieces: "a" + "".join(pieces)
)
LABELS = ("PER", "B-PER", "I-X-Y", "work of art", "a#b", "a|b", "#", "组", "é", "O", "x_y", "12")


@st.composite
def spans(draw: st.DrawFn, text: str, labels: Sequence[str] = LABELS, most: int = 5) -> tuple:
    """Spans of a text, overlapping or not, with blanks at their edges or not; none is empty."""
    borders = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    found = draw(st.lists(st.tuples(borders, st.sampled_from(labels)), max_size=most))
    made = {Span(min(pair), max(pair), label) for pair, label in found if pair[0] != pair[1]}
    return tuple(sorted(made))


@st.composite
def documents(
    draw: st.DrawFn,
    labels: Sequence[str] = LABELS,
    statuses: Sequence[Status] = (Status.DONE,),
    texts: st.SearchStrategy[str] = TEXTS,
) -> Document:
    """A document with spans; only one that is untouched or skipped has none."""
    text = draw(texts)
    status = draw(st.sampled_from(statuses))
    bare = status in (Status.UNTOUCHED, Status.SKIPPED)
    marks = () if bare else draw(spans(text, labels))
    return Document(text, spans=marks, status=status)


def shown(found: Sequence[Document]) -> list[tuple]:
    """Return what has to come back of documents, for a comparison that reads well."""
    return [(each.text, each.spans, each.status) for each in found]
