"""What train knows of dev and test: of a pair both sides are looked at."""

from engine.corpus import leaks
from engine.evaluation import folds
from storage.types import Document, Split


def pair(left: str, right: str, group: str = "") -> Document:
    return Document(left, second_text=right, group=group)


def test_a_text_that_stands_in_train_is_a_copy():
    found = leaks.find([Document("a"), Document("b")], [Document("b"), Document("c")])
    assert (found.copies, found.known) == ((Document("b"),), 1)
    assert found.sentences(Split.DEV, 2) == ["1 of 2 dev documents are also in train."]


def test_of_a_pair_the_first_text_leaks_and_the_second_is_told_only():
    train = [pair("q", "x"), pair("r", "y", "thread")]
    others = [
        pair("q", "x"),
        pair("q", "z"),
        pair("s", "z", "thread"),
        pair("t", "y"),
        pair("u", "w"),
    ]
    found = leaks.find(train, others)
    assert found.copies == (others[0],)
    assert found.firsts == (others[1], others[2])
    assert found.seconds == (others[3],)
    assert (found.known, len(found.sentences(Split.TEST, 5))) == (3, 3)


def test_a_first_text_lies_in_one_fold():
    documents = [pair(f"q{n // 4}", f"answer {n}") for n in range(40)]
    dealt = folds.assign(documents, 5)
    assert all(len(set(dealt[n : n + 4])) == 1 for n in range(0, 40, 4))
