"""Folds: what belongs together stays together, labels are spread, the seed decides."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation import folds
from storage.errors import InputError
from storage.types import Document, Span

texts = st.text("ab", max_size=3)
labels = st.lists(st.sampled_from(["PER", "LOC", "ORG"]), max_size=3)
documents = st.builds(
    lambda text, group, names, second: Document(
        text,
        spans=tuple(Span(n, n + 1, name) for n, name in enumerate(names)),
        group=group,
        second_text=second,
    ),
    texts,
    st.sampled_from(["", "", "", "one", "two"]),
    labels,
    st.none() | texts,
)


def numbered(count: int, *names: str) -> list[Document]:
    spans = tuple(Span(n, n + 1, name) for n, name in enumerate(names))
    return [Document(f"{names} {number}", spans=spans) for number in range(count)]


@given(st.lists(documents, max_size=30), st.integers(2, 5), st.integers(0, 9))
def test_what_belongs_together_is_never_parted(given: list[Document], count: int, seed: int):
    try:
        found = folds.assign(given, count, seed)
    except InputError:
        return
    assert set(found) == set(range(count)), "no fold is empty"
    for key in ((lambda d: (d.text, d.second_text)), (lambda d: d.group or id(d))):
        places: dict = {}
        for document, fold in zip(given, found, strict=True):
            assert places.setdefault(key(document), fold) == fold


# One with as many marks of a label as five others is even with these five.
@given(st.lists(st.sets(st.sampled_from(["PER", "LOC", "ORG"])), min_size=12, max_size=60))
def test_folds_are_equally_large_where_each_label_is_marked_once_at_most(given: list):
    made = [
        Document(str(n), spans=tuple(Span(i, i + 1, name) for i, name in enumerate(sorted(names))))
        for n, names in enumerate(given)
    ]
    sizes = Counter(folds.assign(made, 3)).values()
    assert max(sizes) - min(sizes) <= max(3, len(made) // 4)


def test_the_seed_decides() -> None:
    made = numbered(40, "PER")
    assert folds.assign(made, 5, 1) == folds.assign(made, 5, 1)
    assert folds.assign(made, 5, 1) != folds.assign(made, 5, 2)


def test_a_rare_label_is_in_every_fold_that_it_can_be_in() -> None:
    made = numbered(95, "PER") + numbered(5, "PER", "RARE")
    found = folds.assign(made, 5, 3)
    assert sorted(found[95:]) == [0, 1, 2, 3, 4]
    assert set(Counter(found).values()) == {20}


def test_documents_without_a_mark_fill_the_folds_up() -> None:
    made = numbered(7, "PER", "PER", "PER") + numbered(93)
    found = folds.assign(made, 4)
    assert set(Counter(found).values()) == {25}
    assert sorted(Counter(found[:7]).values()) == [1, 2, 2, 2]


def test_equal_texts_and_groups_make_chains() -> None:
    chain = [Document("a", group="x"), Document("a", group="y"), Document("b", group="y")]
    found = folds.assign([*chain, *numbered(5)], 3)
    assert len(set(found[:3])) == 1
