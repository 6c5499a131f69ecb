"""Texts of nasty Unicode, the same ones from the same seed."""

from __future__ import annotations

import random

PARTS = (
    *(
        "Ada",
        "Paris",
        "met",
        "went to",
        "Grace",
        "Ulm",
        "3.14",
        "1,000",
        "foo_bar",
        "don't",
        "e-mail",
    ),
    *("👩‍👩‍👧", "👍🏽", "🇩🇪🇫🇷", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "❤️", "1️⃣"),
    *("שלום", "مرحبا بالعالم", "\u202eabc\u202c", "\u2067Ada\u2069", "\u200fParis"),
    *("e\u0301", "a\u0308\u0323", "Z" + "\u0300" * 40, "\u0301", "n\u0303o", "क्षि", "ก็", "ന്‍"),
    *(
        "漢字",
        "かな",
        "カタカナ",
        "東京でAdaが",
        "한국어",
        "\u1112\u1161\u11ab\u1100\u1173\u11af",
        "ﾊﾟ",
    ),
    *("𝔘𝔩𝔪", "𐐀𐐨", "𠀀𪚥", "🄰", "\U000e0041", "\U0010ffff"),
    *(
        "\x00",
        "\x01\x1f",
        "\x7f\x85",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u2060",
        "\u00ad",
        "so\u00adft",
    ),
    *("\u00a0", "\u202f", "\u3000", "\u2028", "\u2029"),
    *("ﬁne", "ﬀ", "ĳ", "İstanbul", "ılık", "Straße", "ẞ", "ſ", "ΣΊΣΥΦΟΣ", "Ǆ", "½", "①", "㍿", "ⅷ"),
    *(
        "x" * 300,
        "Ha" * 150,
        "\r\n",
        "\n",
        "\t",
        "\x0b\x0c",
        "...",
        "[SEP]",
        "[CLS]",
        "<pad>",
        "##a",
    ),
    *("<b>&amp;</b>", "https://example.org/a?b=c#d", "@ada", "#tag", "€5", "°C", "\\", '"', "'"),
)
REFUSED = ("\x00", "A\x00da", "\ud800", "a\udc00b", "\udfff\ud800")
"""What is no text to the service; a tenth of the texts hold some."""
BETWEEN = ("", "", " ", " ", " ", "  ", "\u00a0", "\n", ", ")


def texts(count: int, words: int = 5000, seed: int = 7) -> list[str]:
    """Return texts of up to thirty parts, and two of so many words."""
    draw = random.Random(seed)
    long = [_text(draw, words), " ".join(draw.choices(("Ada", "met", "Paris", "."), k=words))]
    fixed = ["", " ", "\u200b", *REFUSED, "x" * 5000, *PARTS]
    made = [*long, *fixed, *(_text(draw, draw.randint(1, 30)) for _ in range(count))]
    return [each + draw.choice(REFUSED) if at % 10 == 3 else each for at, each in enumerate(made)][
        :count
    ]


def is_refused(text: str) -> bool:
    """Tell whether the service takes it for no text."""
    return not text.strip() or any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in text)


def _text(draw: random.Random, parts: int) -> str:
    return "".join(draw.choice(PARTS) + draw.choice(BETWEEN) for _ in range(parts))
