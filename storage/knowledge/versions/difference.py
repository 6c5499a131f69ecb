"""What two versions of a guideline say differently. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from storage.knowledge.versions.said import Said, Shown, Version

FIELDS = ("What it is", "For example", "But not")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text: in both (" "), only in the older one ("-"), only in the newer one ("+")."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A label of which something else is said: each field before and after, sentences."""

    name: str
    words: tuple[tuple[str, str, str], ...]
    """(field, before, after) of those that differ."""
    added: tuple[Shown, ...]
    removed: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a newer version says differently than an older one."""

    lines: tuple[Line, ...]
    """All lines of the texts; none where they are the same."""
    labels: tuple[Changed, ...]

    @property
    def is_none(self) -> bool:
        return not self.lines and not self.labels


def between(older: Version, newer: Version) -> Difference:
    """Return what one version says differently than an older one."""
    before = {label.id: label for label in older.labels}
    after = {label.id: label for label in newer.labels}
    pairs = ((before.get(id), after.get(id)) for id in [*after, *(before.keys() - after.keys())])
    found = (_changed(old, new) for old, new in pairs)
    return Difference(lines(older.text, newer.text), tuple(each for each in found if each))


def lines(before: str, after: str) -> tuple[Line, ...]:
    """Return the lines of two texts, those that differ as such; none where the texts are equal."""
    if before == after:
        return ()
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found += _lines(" ", old[a:b])
        else:
            found += [*_lines("-", old[a:b]), *_lines("+", new[c:d])]
    return tuple(found)


def of_label(history: Sequence[Version], label_id: int) -> list[Version]:
    """Return the versions that say something else of a label than the one before, newest first.

    ``history`` has the newest first; the oldest one counts where it says anything.
    """
    nothing = Said(label_id, "")
    told = [each.label(label_id) or nothing for each in history] + [nothing]
    return [
        version
        for version, now, earlier in zip(history, told, told[1:], strict=False)
        if now.content != earlier.content
    ]


def _lines(sign: str, texts: Iterable[str]) -> list[Line]:
    return [Line(sign, text) for text in texts]


def _changed(old: Said | None, new: Said | None) -> Changed | None:
    named = new or old
    assert named, "a label is in one of the versions"
    old, new = old or Said(named.id, named.name), new or Said(named.id, named.name)
    if old.content == new.content:
        return None
    words = zip(FIELDS, old.words, new.words, strict=True)
    return Changed(
        named.name,
        tuple(each for each in words if each[1] != each[2]),
        tuple(each for each in new.examples if each not in old.examples),
        tuple(each for each in old.examples if each not in new.examples),
    )
