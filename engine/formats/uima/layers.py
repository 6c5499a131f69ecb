"""Layers of annotations, and which of them are what people label.

A CAS holds tokens, sentences, parts of speech and metadata beside entities, all of them
annotations. Named entities are taken where there are some, then layers that people made, then
those of linguistics; what is not taken is said, and can be chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.formats.common.columns import Column, place_of
from engine.formats.common.jsonl import triple_in
from engine.formats.common.offsets import Ruler, Unit
from engine.formats.common.problems import Problems, shorten
from storage.errors import InputError
from storage.types import Source, Span

NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
PLAIN = "uima.tcas.Annotation"
_NEVER = ("TagsetDescription", "TagDescription", "CASMetadata", "DocumentMetaData", "Paragraph")
_LINGUISTIC = (".lexmorph.", ".segmentation.", ".syntax.", ".metadata.", ".transform.")
_LABEL_FEATURES = ("value", "PosValue", "label", "category", "identifier", "name")
_RELATION = {"Governor", "Dependent"}
_LINK = {"role", "target"}
_CHAIN = {"referenceType", "referenceRelation", "next"}


@dataclass(frozen=True, slots=True)
class Annotation:
    """A range in UTF-16 units with its layer's full name and its features."""

    layer: str
    begin: int
    end: int
    features: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_range(self) -> bool:
        """Whether it labels a range by itself: relations and chains lead to others."""
        keys = self.features.keys()
        return not (keys >= _RELATION or keys >= _LINK or keys & _CHAIN)

    @property
    def label(self) -> str:
        """What its features say; one that says nothing has the name of its layer."""
        name = self._label_feature
        return self.features[name] if name else short(self.layer)

    @property
    def others(self) -> list[str]:
        """The names of the features that say something else than the label."""
        said = (name for name, value in self.features.items() if _is_word(value))
        return sorted(name for name in said if name != self._label_feature)

    @property
    def _label_feature(self) -> str:
        more = (name for name, value in sorted(self.features.items()) if _is_word(value))
        return next((name for name in (*_LABEL_FEATURES, *more) if self.features.get(name)), "")


def link(layer: str) -> Annotation:
    """Return a slot's link to another annotation, which has no place of its own."""
    return Annotation(layer, 0, 0, dict.fromkeys(_LINK, ""))


def is_link(features: Collection[str]) -> bool:
    """Tell a link by the names of its features."""
    return {name.removeprefix("@") for name in features} >= _LINK


def _is_word(value: str) -> bool:
    # Without a type system numbers may refer to other annotations.
    return bool(value) and not value.replace(" ", "").isdecimal() and value not in ("true", "false")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The layers that are taken, and all that there are as columns to choose among."""

    taken: frozenset[str]
    columns: tuple[Column, ...]


def short(layer: str) -> str:
    """Return a layer's name without its package."""
    return layer.rpartition(".")[2]


def choose(found: Sequence[Annotation], choice: object, problems: Problems) -> Chosen:
    """Choose the layers that hold labels; raise InputError for a choice that is not there."""
    counts = Counter(each.layer for each in found if rank(each.layer) and each.is_range)
    names = list(counts)
    titles = [short(name) if _is_only(name, names) else name for name in names]
    place = place_of(titles, choice)
    best = min(map(rank, names), default=0)
    taken = {n for n in names if rank(n) == best} if place is None else {names[place]}
    labels: dict[str, list[str]] = {name: [] for name in names}
    for each in found:
        if each.layer in labels and len(labels[each.layer]) < 3:
            labels[each.layer].append(each.label)
    columns = tuple(
        Column(title, "labels" if name in taken else "", tuple(dict.fromkeys(labels[name])))
        for title, name in zip(titles, names, strict=True)
    )
    rest = [f"{t} ({counts[n]:,})" for t, n in zip(titles, names, strict=True) if n not in taken]
    if rest:
        used = ", ".join(t for t, n in zip(titles, names, strict=True) if n in taken)
        message = f"The layer {used} was taken; others are not imported: {', '.join(rest)}."
        problems.warn(0, message, option="tag_column")
    return Chosen(frozenset(taken), columns)


def rank(layer: str) -> int:
    """Return how likely a layer holds what people label: 1 is best, 0 never does."""
    if layer in (TOKEN, SENTENCE, "uima.tcas.DocumentAnnotation") or short(layer) in _NEVER:
        return 0
    if layer == NAMED_ENTITY:
        return 1
    if layer == PLAIN:
        return 4
    dkpro = layer.startswith("de.tudarmstadt.ukp.")
    return 3 if dkpro and any(each in layer for each in _LINGUISTIC) else 2


def _is_only(name: str, names: Iterable[str]) -> bool:
    return sum(short(name) == short(each) for each in names) == 1


def spans(
    text: str, found: Iterable[Annotation], chosen: Chosen, line: int, problems: Problems
) -> tuple[Span, ...]:
    """Return the spans of the chosen layers in code points, each once; raise InputError.

    What is no span, or holds nothing, is told.
    """
    triples = []
    lost: Counter[str] = Counter()
    for each in found:
        if not each.is_range:
            lost["Relations, links and chains between annotations are not imported"] += 1
        elif each.layer not in chosen.taken:
            continue
        elif each.begin == each.end:
            lost["Annotations of no length are left out"] += 1
        elif not 0 <= each.begin < each.end:
            raise InputError(f"The annotation {each.begin}–{each.end} is impossible")
        else:
            triples.append(triple_in([each.begin, each.end, each.label]))
            for name in each.others:
                told = f"The feature {shorten(name)} of {short(each.layer)} is not imported"
                lost[told] += 1
    for message, count in lost.items():
        problems.warn(line, f"{message}: {count:,}.", message)
    ruler = Ruler(text, Unit.UTF16)
    marks = {
        Span(ruler.point(begin), ruler.point(end), label, source=Source.IMPORT)
        for begin, end, label in triples
    }
    beyond = next((mark for mark in marks if mark.end > len(text)), None)
    if beyond:
        quote = f"{beyond.start}–{beyond.end} ({shorten(beyond.label)})"
        raise InputError(f"The annotation {quote} leaves the text of {len(text)} characters")
    if again := len(triples) - len(marks):
        problems.warn(line, f"Spans given twice come in once: {again}.", "spans given twice")
    return tuple(sorted(marks))
