"""Whether a tokenizer makes very much of little text, as one that is an attack does.

A rule of its normalizer can write thousands of signs for one, and rules multiply: a plain corpus
then fills the memory. So it is tried, rule by rule, on single signs of many scripts and on what its
own rules look for, before it reads a text. What a regular expression looks for is not known; what
it is replaced by is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.normalizers import NFC, Normalizer

from engine.system.failures import is_failure
from storage.errors import ModelError

# Unicode's own rules make 18 signs of one (U+FDFA), of four bytes each at most.
MOST = 72
# First and last sign of what is tried: Latin, Greek and Cyrillic, Hebrew, Arabic, Devanagari,
# signs of punctuation, kana, Han, Hangul, Arabic ligatures, wide signs, emoji.
_SCRIPTS = (
    *((0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x45F), (0x5D0, 0x5EA), (0x600, 0x66F)),
    *((0x900, 0x96F), (0x2000, 0x206F), (0x3000, 0x30FF), (0x4E00, 0x4E3F), (0xAC00, 0xAC3F)),
    *((0xFDF0, 0xFDFC), (0xFF01, 0xFF5E), (0x1F600, 0x1F64F)),
)


def check(tokenizer: Tokenizer, folder: Path) -> None:
    """Raise ModelError where a tokenizer makes more of a text than any writing needs, or fails."""
    try:
        grown = _grown(tokenizer)
    except BaseException as problem:
        # The library raises nothing narrower.
        if not is_failure(problem):
            raise
        raise ModelError(
            f"The tokenizer in {folder} fails on a short text ({problem}); save the model again "
            "with its own tokenizer."
        ) from problem
    if grown is not None:
        raise ModelError(
            f"The tokenizer in {folder} makes more than {MOST} signs of one ({ascii(grown)[:40]}), "
            "as an attack does that is to fill the memory; save the model again with its own "
            "tokenizer, or choose another base model."
        )


def _grown(tokenizer: Tokenizer) -> str | None:
    """Return what becomes too long; None where nothing that is tried does."""
    # Some pad every text to the length of a window.
    if sum(tokenizer.encode("").attention_mask) > MOST:
        return ""
    rules = _rules(tokenizer)
    written = [rule["content"] for rule in rules if rule["type"] == "Replace"]
    long = next((text for text in written if len(text) > MOST), None)
    if long is not None:
        return long
    steps = [_built(rule) for rule in rules]
    return next((text for text in _tried(rules, written) if _grows(text, steps)), None)


def _rules(tokenizer: Tokenizer) -> list[dict]:
    if tokenizer.normalizer is None:
        return []
    told = json.loads(tokenizer.normalizer.__getstate__())
    return told["normalizers"] if told["type"] == "Sequence" else [told]


def _built(rule: dict) -> Normalizer:
    made = NFC()
    made.__setstate__(json.dumps(rule).encode())
    return made


def _tried(rules: list[dict], written: list[str]) -> Iterator[str]:
    for first, last in _SCRIPTS:
        yield from map(chr, range(first, last + 1))
    patterns = (rule.get("pattern", {}).get("String") for rule in rules)
    yield from filter(None, (*patterns, *written))


def _grows(text: str, steps: list[Normalizer]) -> bool:
    """Tell whether a text becomes too long; rule by rule, so that it is noticed in time."""
    found = text
    for step in steps:
        found = step.normalize_str(found)
        if len(found) > MOST * len(text):
            return True
    return False
