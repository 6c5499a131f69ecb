"""Left texts: which documents have one, in which order, and what is still open."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from storage.corpus import documents, projects
from storage.finding import left_texts
from storage.finding.left_texts import LeftTexts
from storage.finding.sets import bit_sets
from storage.types import Document


def pairs(db, name: str, *lefts: str) -> tuple[int, list[int]]:
    project = projects.create_project(db, name, "pairs").id
    made = [Document(left, second_text=f"{n}") for n, left in enumerate(lefts)]
    documents.add_documents(db, project, made, "ada")
    return project, documents.list_ids(db, project)


def test_pairs_stand_together_by_their_left_text(db):
    other, _ = pairs(db, "Other", "a", "b")
    project, ids = pairs(db, "Answers", "a", "b", "a", "c", "b")
    found = left_texts.of(db, project)
    assert [list(each) for each in found.members] == [ids[0:3:2], [ids[1], ids[4]], [ids[3]]]
    assert [len(each) for each in left_texts.of(db, other).members] == [1, 1]


def test_a_document_that_comes_is_heard_of(db):
    project, ids = pairs(db, "Answers", "a", "b")
    assert len(left_texts.of(db, project).members) == 2
    documents.add_documents(db, project, [Document("a", second_text="new")], "ada")
    new = documents.list_ids(db, project)[-1]
    assert list(left_texts.of(db, project).members[0]) == [ids[0], new]


@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=20).flatmap(
        lambda lefts: st.tuples(st.just(lefts), st.permutations(range(len(lefts))))
    ),
    st.sets(st.integers(0, 19)),
)
def test_the_order_of_pairs_orders_their_left_texts(
    made: tuple[list[int], Sequence[int]], open_ones: set[int]
) -> None:
    lefts, order = made
    names = list(dict.fromkeys(lefts))
    places = {id: names.index(left) for id, left in enumerate(lefts)}
    found = LeftTexts([[n for n in places if places[n] == at] for at in range(len(names))], places)
    firsts = [min(order.index(id) for id in members) for members in found.members]
    assert found.in_order(order) == sorted(range(len(names)), key=firsts.__getitem__)
    known = {places[id] for id in open_ones if id in places}
    assert set(found.among(bit_sets.of(open_ones))) == known
