"""The label of texts that are outside of all others: one rule for its name. Standard library."""

from __future__ import annotations

import re
from collections.abc import Iterable

from storage.types import Document

NAMES = frozenset(("oos", "out of scope", "out of domain", "none of these"))
_BETWEEN = re.compile(r"[\s_\-]+")


def is_outside(label: str) -> bool:
    """Tell whether a label says that none of the others fits: "oos", "Out-of-scope"."""
    return _BETWEEN.sub(" ", label.strip().casefold()) in NAMES


def label_of(labels: Iterable[str]) -> str | None:
    """Return the label of what is outside, the first by name; None where there is none."""
    return min(filter(is_outside, labels), default=None)


def outside(document: Document) -> bool:
    """Tell whether people say that no class fits: by that label, or done without any."""
    return all(is_outside(span.label) for span in document.spans)
