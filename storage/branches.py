"""Labels of two levels: a branch is all labels with the same words before their first "/".

Spaces before that "/" are no part of the words: "card / lost" and "card/stolen" are of one branch.
A branch may stand where a label does: as a row or column of a table that is folded, in the name
of a part of it. No label is called as one is, for none ends in a space. Standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence

SIGN = "/"
_END = "/ "


def upper(label: str) -> str:
    """Return the upper level of a label: "card" of "card/lost"; the label where there is none."""
    return label.partition(SIGN)[0].rstrip(" ") or label


def of(label: str) -> str:
    """Return the branch of a label; the label itself where it is in none."""
    name = upper(label)
    return label if name == label else f"{name}{_END}"


def named(name: str) -> str:
    """Return the branch of the labels below a name, and of that name."""
    return f"{name}{_END}"


def stem(side: str) -> str | None:
    """Return what stands before the "/" of a branch's labels; None for what is no branch."""
    return side.removesuffix(_END) if side.endswith(_END) else None


def within(side: str, label: str) -> bool:
    """Tell whether a label is the one that a side names, or in the branch that it names."""
    name = stem(side)
    if name is None:
        return side == label
    return upper(label) == name


def spoken(side: str) -> str:
    """Return what people call a label or a branch: "travel/…"."""
    name = stem(side)
    return side if name is None else f"{name}{SIGN}…"


def groups(labels: Sequence[str]) -> dict[str, list[int]]:
    """Return the branches of two labels or more, each with its labels' places in order."""
    found: dict[str, list[int]] = {}
    for label in labels:
        if (branch := of(label)) != label and branch not in found:
            found[branch] = [at for at, one in enumerate(labels) if within(branch, one)]
    return {branch: places for branch, places in found.items() if len(places) > 1}
