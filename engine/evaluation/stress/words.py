"""What changed texts are made of: contractions, neutral sentences, scripts, spellings of words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from random import Random

from engine.encoding.tokens import tokenize
from storage.types import Document, Token

CJK = "CJK"
_ONE_SCRIPT = {"HIRAGANA": CJK, "KATAKANA": CJK, "BOPOMOFO": CJK, "IDEOGRAPHIC": CJK}
# Where train has no sentence without a mark. They name nobody and nothing.
NEUTRAL = {
    "LATIN": "That is all there is to say about it.",
    CJK: "以上就是全部内容。",
    "CYRILLIC": "Это всё, что можно об этом сказать.",
    "GREEK": "Αυτά είναι όλα όσα μπορούν να ειπωθούν.",
    "ARABIC": "هذا كل ما يمكن قوله عن ذلك.",
    "HEBREW": "זה כל מה שאפשר לומר על כך.",
    "DEVANAGARI": "इसके बारे में बस इतना ही कहना है।",
    "HANGUL": "이것이 전부입니다.",
}
FULL_STOPS = {CJK: "。", "DEVANAGARI": "।"}
ENDS = frozenset(".。।．｡۔")
COMMAS = frozenset(",，、،､")

# English only; what 's stands for cannot be told, so nothing is made of it.
_LONG = ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "would", "could")
_NOT = (*_LONG, "should", "must")
_WITH = {"am": "'m", "are": "'re", "have": "'ve", "will": "'ll"}
_PAIRS = {
    **{f"{verb} not": f"{verb}n't" for verb in _NOT},
    **{"cannot": "can't", "can not": "can't", "will not": "won't"},
    **{
        f"{who} {verb}": f"{who}{short}"
        for who in ("i", "you", "we", "they")
        for verb, short in _WITH.items()
        if (who == "i") == (verb == "am") or verb in ("have", "will")
    },
}
CONTRACTED = _PAIRS
EXPANDED = {short: long for long, short in reversed(_PAIRS.items())} | {"can't": "cannot"}
_APOSTROPHE = "['’ʼ]"


def _long(form: str) -> str:
    return re.escape(form).replace(r"\ ", r"\s+")


def _short(form: str) -> str:
    """Return a pattern that also finds what a token file makes of it: "do n't", "I 'm"."""
    return re.sub("(n?')", lambda found: rf"\s?{found[1][:-1]}{_APOSTROPHE}", form)


def _any(forms: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE)


LONG_FORMS, SHORT_FORMS = _any(map(_long, CONTRACTED)), _any(map(_short, EXPANDED))


def other_form(found: str) -> str:
    """Return "don't" for "do not" and the other way, in capitals or beginning with one as it is."""
    plain = " ".join(re.sub(_APOSTROPHE, "'", found.lower()).split())
    plain = re.sub(r"\s(n?')", r"\1", plain)
    form = CONTRACTED.get(plain) or EXPANDED[plain]
    if len(plain) > 3 and found.isupper():
        return form.upper()
    if found[0].isupper():
        return form[0].upper() + form[1:]
    return form


def script(text: str) -> str:
    """Return the script of most of a text's letters, as Unicode names it; "" without letters."""
    counted = Counter(_script(sign) for sign in text if sign.isalpha())
    return counted.most_common(1)[0][0] if counted else ""


def stands_apart(document: Document) -> bool:
    """Tell whether a stop or comma has white space before it, as in the texts of token files."""
    text = document.text
    return any(
        text[start:end] in ENDS | COMMAS and start and text[start - 1].isspace()
        for start, end in document.tokens
    )


def _script(sign: str) -> str:
    first = unicodedata.name(sign, "").split(" ")[0].split("-")[0]
    return _ONE_SCRIPT.get(first, first)


def tokens_like(document: Document, text: str) -> tuple[Token, ...]:
    """Return the tokens of a new piece of text, cut as the document's own are.

    Those of a token file are what white space separates, unless the script has none.
    """
    if script(text) == CJK or document.tokens == tokenize(document.text):
        return tokenize(text)
    return tuple(match.span() for match in re.finditer(r"\S+", text))


def misspelt(word: str, random: Random) -> tuple[int, int, str] | None:
    """Return one typing error as start, end and new letters; None where a word is too short.

    Two letters change places, one is left out or comes twice: "natural noise" that people make
    and read over (Belinkov and Bisk 2018, "Synthetic and Natural Noise Both Break Neural Machine
    Translation"). The first letter stays.
    """
    pairs = [
        at
        for at in range(1, len(word) - 1)
        if word[at : at + 2].isalpha() and word[at] != word[at + 1]
    ]
    plain = re.sub("['’-]", "", word).isalpha()
    if len(word) < 4 or not pairs or not plain or script(word) in (CJK, "HANGUL"):
        return None
    at = random.choice(pairs)
    return random.choice(
        [
            (at, at + 2, word[at + 1] + word[at]),
            (at, at + 1, ""),
            (at, at + 1, word[at] * 2),
        ]
    )
