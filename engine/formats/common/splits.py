"""Words for train, dev and test, as files, folders and columns name them."""

from __future__ import annotations

import re

from storage.types import Split

_WORDS = {
    **dict.fromkeys(("train", "training", "trn"), Split.TRAIN),
    **dict.fromkeys(("dev", "development", "valid", "validation", "val", "testa"), Split.DEV),
    **dict.fromkeys(("test", "testing", "tst", "testb"), Split.TEST),
}


def split_called(word: str) -> Split | None:
    """Return the split that a single word means, None where it means none."""
    return _WORDS.get(word.strip().lower())


def split_in(name: str) -> Split | None:
    """Return the split that a name's parts mean, None where they mean none or several."""
    words = re.findall("[a-z]+", name.lower())
    found = {_WORDS[word] for word in words if word in _WORDS}
    return found.pop() if len(found) == 1 else None
