"""spaCy's strings: in a file each stands as a number of 64 bits, and the strings beside it.

The number is MurmurHash64A (Austin Appleby, public domain) of the UTF-8 with the seed 1; the
names of spaCy's own symbols have their place in the list instead (``spacy/symbols.pxd``, 3.8).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_FACTOR = 0xC6A4_A793_5BD1_E995
_SEED = 1

_OF_TOKENS = """
    IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_PUNCT IS_SPACE IS_TITLE IS_UPPER LIKE_URL LIKE_NUM
    LIKE_EMAIL IS_STOP IS_OOV_DEPRECATED IS_BRACKET IS_QUOTE IS_LEFT_PUNCT IS_RIGHT_PUNCT
    IS_CURRENCY
"""
_OF_ATTRIBUTES = """
    ID ORTH LOWER NORM SHAPE PREFIX SUFFIX LENGTH CLUSTER LEMMA POS TAG DEP ENT_IOB ENT_TYPE
    HEAD SENT_START SPACY PROB LANG ADJ ADP ADV AUX CONJ CCONJ DET INTJ NOUN NUM PART PRON
    PROPN PUNCT SCONJ SYM VERB X EOL SPACE
"""
_OF_LABELS = """
    PERSON NORP FACILITY ORG GPE LOC PRODUCT EVENT WORK_OF_ART LANGUAGE LAW DATE TIME PERCENT
    MONEY QUANTITY ORDINAL CARDINAL acomp advcl advmod agent amod appos attr aux auxpass cc
    ccomp complm conj cop csubj csubjpass dep det dobj expl hmod hyph infmod intj iobj mark
    meta neg nmod nn npadvmod nsubj nsubjpass num number oprd obj obl parataxis partmod pcomp
    pobj poss possessive preconj prep prt punct quantmod relcl rcmod root xcomp acl ENT_KB_ID
    MORPH ENT_ID IDX _
"""
_IN_ORDER = [
    *_OF_TOKENS.split(),
    *(f"FLAG{number}" for number in range(19, 64)),
    *_OF_ATTRIBUTES.split(),
    *(f"DEPRECATED{number:03}" for number in range(1, 277)),
    *_OF_LABELS.split(),
]
_SYMBOLS = {name: number for number, name in enumerate(_IN_ORDER, 1)}


def number_of(string: str) -> int:
    """Return the number under which spaCy knows a string, 0 for the empty one."""
    if not string:
        return 0
    known = _SYMBOLS.get(string)
    return murmur_hash(string.encode("utf-8")) if known is None else known


def by_number(strings: Iterable[str]) -> dict[int, str]:
    """Return strings, and spaCy's symbols, by their numbers."""
    symbols = {number: name for name, number in _SYMBOLS.items()}
    return symbols | {number_of(string): string for string in strings} | {0: ""}


def murmur_hash(data: bytes) -> int:
    """Return MurmurHash64A with spaCy's seed."""
    whole = len(data) & ~7
    value = _SEED ^ (len(data) * _FACTOR & _MASK)
    for (part,) in struct.iter_unpack("<Q", data[:whole]):
        part = part * _FACTOR & _MASK
        part ^= part >> 47
        value = (value ^ (part * _FACTOR & _MASK)) * _FACTOR & _MASK
    if rest := data[whole:]:
        value = (value ^ int.from_bytes(rest, "little")) * _FACTOR & _MASK
    value = (value ^ value >> 47) * _FACTOR & _MASK
    return value ^ value >> 47
