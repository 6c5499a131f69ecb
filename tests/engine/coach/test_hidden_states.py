"""The cache of hidden states: what was put is found, in any order, and nothing else is believed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.coach import hidden_states
from engine.coach.hidden_states import HiddenStates, key_of
from storage.types import Document

WIDTH = 3


def rows(number: int, count: int = 2) -> np.ndarray:
    return np.full((count, WIDTH), number, np.float16)


def test_a_text_is_another_one_with_other_tokens_or_a_second_text():
    known = [
        Document("ab c", ((0, 2), (3, 4))),
        Document("ab c", ((0, 1), (1, 2), (3, 4))),
        Document("ab c", ((0, 2), (3, 4)), second_text=""),
        Document("ab c", ((0, 2), (3, 4)), second_text="d"),
    ]
    assert len({key_of(each) for each in known}) == 4


@given(sizes=some.lists(some.integers(0, 5), min_size=1, max_size=12))
def test_what_was_put_is_found_also_by_the_next_process(tmp_path_factory, sizes):
    folder = tmp_path_factory.mktemp("states")
    states = HiddenStates(folder, WIDTH)
    for number, size in enumerate(sizes):
        states.put(b"%016d" % number, rows(number, size))
    for known in (states, HiddenStates(folder, WIDTH)):
        for number, size in enumerate(sizes):
            found = known.get(b"%016d" % number)
            assert found is not None and (found == rows(number, size)).all()
            assert found.shape == (size, WIDTH)
        known.close()


def test_two_processes_share_a_folder(tmp_path):
    first, second = HiddenStates(tmp_path, WIDTH), HiddenStates(tmp_path, WIDTH)
    first.put(b"a" * 16, rows(1))
    second.put(b"b" * 16, rows(2))
    assert second.get(b"a" * 16) is None
    assert len(HiddenStates(tmp_path, WIDTH)) == 2


@pytest.mark.parametrize("ending", [".rows", ".index"])
def test_what_a_power_cut_left_of_it_is_not_believed(tmp_path, ending):
    states = HiddenStates(tmp_path, WIDTH)
    states.put(b"a" * 16, rows(1))
    states.put(b"b" * 16, rows(2))
    states.close()
    (file,) = tmp_path.glob(f"*{ending}")
    file.write_bytes(file.read_bytes()[:-5])
    cut = HiddenStates(tmp_path, WIDTH)
    assert cut.get(b"b" * 16) is None
    assert (cut.get(b"a" * 16) == rows(1)).all()


def test_a_byte_that_changed_is_noticed(tmp_path):
    states = HiddenStates(tmp_path, WIDTH)
    states.put(b"a" * 16, rows(1))
    states.close()
    (file,) = tmp_path.glob("*.rows")
    file.write_bytes(b"\1" + file.read_bytes()[1:])
    assert HiddenStates(tmp_path, WIDTH).get(b"a" * 16) is None


def test_the_disk_is_bounded_and_what_was_read_last_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(hidden_states, "SEGMENT", 10 * rows(0).nbytes)
    bound = 5 * hidden_states.SEGMENT
    states = HiddenStates(tmp_path, WIDTH, bound)
    for number in range(200):
        states.put(b"%016d" % number, rows(number))
    held = sum(path.stat().st_size for path in tmp_path.glob("*.rows"))
    assert held <= bound
    assert states.get(b"%016d" % 0) is None
    assert (states.get(b"%016d" % 199) == rows(199)).all()
    assert len(list(tmp_path.glob("*.index"))) == len(list(tmp_path.glob("*.rows"))) <= 5


def test_a_segment_that_somebody_deleted_is_missing_and_nothing_worse(tmp_path):
    states = HiddenStates(tmp_path, WIDTH)
    states.put(b"a" * 16, rows(1))
    states.close()
    known = HiddenStates(tmp_path, WIDTH)
    for path in tmp_path.iterdir():
        path.unlink()
    assert known.get(b"a" * 16) is None
    known.put(b"a" * 16, rows(3))
    assert (known.get(b"a" * 16) == rows(3)).all()
