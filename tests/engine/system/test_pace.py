"""How fast each of many asks."""

from __future__ import annotations

import pytest

from engine.system.pace import Pace


def test_each_asks_so_often_at_once_and_so_often_a_second() -> None:
    pace = Pace(per_second=2, at_once=10)
    assert [pace.wait("ada", at=0) for _ in range(12)] == [0.0] * 10 + [0.5] * 2
    assert not pace.wait("bob", at=0)
    assert [pace.wait("ada", at=1) for _ in range(3)] == [0.0, 0.0, 0.5]
    assert not any(pace.wait("ada", at=100) for _ in range(10))


def test_it_says_how_long_to_wait() -> None:
    pace = Pace(per_second=0.5, at_once=1)
    assert pace.wait("ada", at=0) == 0
    assert pace.wait("ada", at=0.5) == pytest.approx(1.5)
    assert pace.wait("ada", at=2.0) == 0
