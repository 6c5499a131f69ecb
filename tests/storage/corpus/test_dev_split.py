"""The dev split: a share of train, whole groups, drawn by seed and recorded."""

import random
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from storage.corpus import dev_split, documents, projects, splits
from storage.database import settings as kept
from storage.finding import progress, search
from storage.journal import annotations
from storage.types import Document, Span, Split, Status
from tests.storage.conftest import sentence, stored


def split_of(db, project) -> dict[int, Split | None]:
    rows = search.rows(db, project.id, limit=10_000)
    return {row.id: row.split for row in rows}


def test_a_tenth_of_train_becomes_dev_and_the_choice_is_recorded(db, project):
    stored(db, project, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(200)))
    assert dev_split.assign(db, project.id, seed=7) == 20
    moved = [id for id, split in split_of(db, project).items() if split == Split.DEV]
    record = kept.get(db, f"dev_split:{project.id}")
    assert (record["seed"], record["share"], record["documents"]) == (7, 0.1, moved)
    assert dev_split.assign(db, project.id, seed=8) == 0, "dev is there now"


def test_the_same_seed_chooses_the_same_documents(db):
    def chosen(name: str, seed: int) -> list[int]:
        made = projects.create_project(db, name)
        stored(db, made, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(100)))
        dev_split.assign(db, made.id, seed)
        split = split_of(db, made).values()
        return [place for place, each in enumerate(split) if each == Split.DEV]

    assert chosen("A", 1) == chosen("B", 1) != chosen("C", 2)


def test_documents_of_one_group_or_one_text_stay_together(db, project):
    given = [
        sentence(f"Text {n % 40}", group=f"g{n // 4}" if n < 60 else "", status=Status.DONE)
        for n in range(120)
    ]
    stored(db, project, *given)
    assert 0 < dev_split.assign(db, project.id, seed=3) < 60
    splits_by_mark: dict[str, set] = {}
    for document in annotations.current(db, project.id):
        for mark in filter(None, [document.group, document.text]):
            splits_by_mark.setdefault(mark, set()).add(document.split)
    assert all(len(found) == 1 for found in splits_by_mark.values())


def test_labelled_documents_give_their_share_of_dev(db, project):
    stored(db, project, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(10)))
    stored(db, project, *(sentence(f"Raw {n}") for n in range(500)))
    assert dev_split.assign(db, project.id) == 1 + 50
    assert progress.of(db, project.id).done_by_split[Split.DEV] == 1


def test_a_dev_split_that_came_with_labels_is_left_alone(db, project):
    stored(db, project, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(50)))
    stored(db, project, sentence("Dev", status=Status.DONE, split=Split.DEV))
    assert dev_split.assign(db, project.id) == 0


def test_a_dev_split_without_labels_gets_labelled_documents_only(db, project):
    stored(db, project, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(50)))
    stored(db, project, *(sentence(f"Raw {n}") for n in range(50)))
    stored(db, project, sentence("Dev", split=Split.DEV))
    assert dev_split.assign(db, project.id) == 5


def test_test_documents_are_never_moved(db, project):
    stored(db, project, *(sentence(f"T {n}", split=Split.TEST) for n in range(50)))
    assert dev_split.assign(db, project.id) == 0
    assert set(split_of(db, project).values()) == {Split.TEST}


def test_a_single_group_stays_in_train(db, project):
    stored(db, project, *(sentence(f"Ada {n}", group="one") for n in range(50)))
    assert dev_split.assign(db, project.id) == 0


@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 30)), max_size=60),
    st.integers(0, 5),
)
def test_groups_are_whole_and_the_choice_is_near_the_share(marks, seed):
    documents_with_marks = [(n, [("g", g), ("t", t)]) for n, (g, t) in enumerate(marks)]
    groups = splits.gather(documents_with_marks)
    assert sorted(id for group in groups for id in group) == list(range(len(marks)))
    owner = {id: place for place, group in enumerate(groups) for id in group}
    for a, (g, t) in enumerate(marks):
        for b, (h, u) in enumerate(marks):
            assert not (g == h or t == u) or owner[a] == owner[b]
    chosen = set(splits.choose(groups, 0.1, seed))
    assert all(chosen.issuperset(group) or chosen.isdisjoint(group) for group in groups)
    if len(groups) > 1:
        smallest = min(map(len, groups))
        assert 0 < len(chosen) <= max(smallest, round(0.1 * len(marks)), 1)


def test_hundreds_of_ids_go_into_a_query_in_chunks(db, project):
    given = [sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(1300)]
    stored(db, project, *given)
    assert dev_split.assign(db, project.id, share=0.9) == 1170
    done = annotations.current(db, project.id, split=Split.DEV, statuses=[Status.DONE])
    assert sum(len(document.spans) for document in done) == 1170


def test_pairs_of_one_first_text_stay_together(db):
    made = projects.create_project(db, "Pairs", "pairs")
    given = [
        Document(f"Question {n // 5}", second_text=f"Answer {n}", status=Status.DONE)
        for n in range(100)
    ]
    documents.add_documents(db, made.id, given, "ada")
    assert dev_split.assign(db, made.id) == 10
    by_question: dict[str, set] = {}
    for document in annotations.current(db, made.id):
        by_question.setdefault(document.text, set()).add(document.split)
    assert all(len(found) == 1 for found in by_question.values())


def test_a_large_part_is_moved_in_turns_and_one_that_was_killed_over_it_is_finished(
    db, project, monkeypatch
):
    """Nothing is chosen anew: the next one moves what the first one recorded, and no more."""
    monkeypatch.setattr(dev_split, "AT_ONCE", 3)
    stored(db, project, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(100)))
    with monkeypatch.context() as power:
        power.setattr(dev_split, "_finish", lambda *_: None)
        assert dev_split.assign(db, project.id) == 10
    assert list(split_of(db, project).values()).count(Split.DEV) == 3
    assert dev_split.assign(db, project.id) == 0, "dev has labelled documents by now"
    moved = [id for id, split in split_of(db, project).items() if split == Split.DEV]
    record = kept.get(db, f"dev_split:{project.id}")
    assert record["documents"] == moved and len(moved) == 10
    assert "moving" not in record


def test_train_is_looked_at_without_keeping_others_from_writing(db, project, monkeypatch):
    stored(db, project, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(20)))
    choose = splits.choose

    def meanwhile(*given):
        # Another thread: this one would be let in where it already is.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(kept.put, db, "saved", True).result()
        return choose(*given)

    monkeypatch.setattr(splits, "choose", meanwhile)
    assert dev_split.assign(db, project.id) == 2
    assert kept.get(db, "saved") is True


def test_documents_that_came_meanwhile_are_looked_at_before_any_is_moved(db, project, monkeypatch):
    stored(db, project, *(sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(20)))
    choose, more = splits.choose, [sentence(f"Ada {n}", Span(0, 3, "PER")) for n in range(20)]

    def meanwhile(*given):
        if more:
            stored(db, project, *more)
            more.clear()
        return choose(*given)

    monkeypatch.setattr(splits, "choose", meanwhile)
    assert dev_split.assign(db, project.id) == 4
    texts: dict[str, set] = {}
    for document in annotations.current(db, project.id):
        texts.setdefault(document.text, set()).add(document.split)
    assert all(len(found) == 1 for found in texts.values())


def test_groups_are_gone_when_all_of_them_is():
    groups = splits.Groups([[1, 2], [3, 4]])
    for id in (5, 6):
        groups.add_alone(id)
    assert list(groups.without([1, 3, 4, 6])) == [[1, 2], (5,)]


@given(st.integers(0, 400), st.integers())
def test_groups_are_drawn_in_the_order_of_a_sample_of_all(count, seed):
    all_at_once = random.Random(seed).sample(range(count), count)
    assert list(splits.drawn(count, seed)) == all_at_once


@given(st.lists(st.integers(1, 9), min_size=2, max_size=60), st.floats(0, 1), st.integers())
def test_what_is_chosen_is_what_a_look_at_all_groups_chooses(sizes, share, seed):
    groups = [[place] * size for place, size in enumerate(sizes)]
    wanted, plain = max(1, round(share * sum(sizes))), list[int]()
    for group in random.Random(seed).sample(groups, len(groups)):
        plain += group if len(plain) + len(group) <= wanted else []
    smallest = [sizes.index(min(sizes))] * min(sizes)
    assert splits.choose(groups, share, seed) == (sorted(plain) or smallest)
