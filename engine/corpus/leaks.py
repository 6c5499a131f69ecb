"""What stands in train and again in dev or test: a model knows it, and its figures flatter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storage.hashing import document_hash
from storage.types import Document


@dataclass(frozen=True, slots=True)
class Leaks:
    """Documents of dev or test that train has something of; each is in the first that fits."""

    copies: tuple[Document, ...] = ()
    """The very same text, or pair of texts."""
    firsts: tuple[Document, ...] = ()
    """Pairs whose first text, or its group, has another second text in train."""
    seconds: tuple[Document, ...] = ()
    """Pairs whose second text stands in train with other first ones: usual in a catalogue."""

    @property
    def known(self) -> int:
        """How many documents figures are too good for: not those that share a second text."""
        return len(self.copies) + len(self.firsts)

    def sentences(self, split: str, total: int) -> list[str]:
        """Say it, as far as there is something to say."""
        said = []
        if self.copies:
            said.append(f"{len(self.copies)} of {total} {split} documents are also in train.")
        if self.firsts:
            said.append(
                f"{len(self.firsts)} of {total} {split} pairs have a first text that is in train "
                "with another second text: what was learned of it helps here."
            )
        if self.seconds:
            said.append(
                f"{len(self.seconds)} of {total} {split} pairs have a second text that is in "
                "train with other first texts; that is usual where all look into one catalogue."
            )
        return said


def find(train: Iterable[Document], others: Iterable[Document]) -> Leaks:
    """Return the documents among ``others`` that train has something of."""
    others = list(others)
    if not others:
        return Leaks()
    whole, firsts, seconds, groups = set(), set(), set(), set()
    for document in train:
        whole.add(document_hash(document))
        if document.second_text is not None:
            firsts.add(document.text)
            seconds.add(document.second_text)
            groups.add(document.group)
    found: tuple[list[Document], ...] = ([], [], [])
    for document in others:
        if document_hash(document) in whole:
            found[0].append(document)
        elif document.second_text is None:
            continue
        elif document.text in firsts or document.group in groups - {""}:
            found[1].append(document)
        elif document.second_text in seconds:
            found[2].append(document)
    return Leaks(*map(tuple, found))
