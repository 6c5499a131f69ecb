"""What bit-equal results need is set before torch is loaded, pinned, and compared."""

from __future__ import annotations

import os

import pytest
import torch

from engine.system import environment


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo at the end what ``prepare`` sets in this process."""
    monkeypatch.setattr(os, "environ", dict(os.environ))


def test_at_least_one_core_is_counted() -> None:
    assert environment.cores() >= 1


def test_the_asked_threads_are_set_and_they_sleep_while_they_wait() -> None:
    assert environment.prepare(3, {}) == 3
    assert os.environ["OMP_NUM_THREADS"] == os.environ["MKL_NUM_THREADS"] == "3"
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    assert os.environ["MKL_DYNAMIC"] == "FALSE"


def test_processes_of_a_group_share_the_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "cores", lambda: 8)
    os.environ.pop("LOCAL_WORLD_SIZE", None)
    assert environment.prepare(0, {}) == 8
    os.environ["LOCAL_WORLD_SIZE"] = "4"
    assert environment.prepare(0, {}) == 2


def test_what_the_first_attempt_pinned_wins() -> None:
    assert environment.prepare(3, {"threads": 1, "cpu_capability": "AVX2"}) == 1
    assert os.environ["ATEN_CPU_CAPABILITY"] == "avx2"


def test_a_differing_environment_is_said_and_an_equal_one_is_not() -> None:
    pinned = environment.describe(2, "AVX2")
    assert environment.differences(pinned, environment.describe(2, "AVX2")) == []
    assert environment.differences({}, pinned) == []
    said = environment.differences(pinned, environment.describe(2, "AVX512"))
    assert said == [
        "This attempt has cpu capability AVX512, the first had AVX2: the last digits may differ."
    ]


def test_torch_is_loaded_after_the_tests_have_chosen_its_threads() -> None:
    """Whichever folder loads it first: two processes with spinning threads take twice as long."""
    assert torch.get_num_threads() == int(os.environ["OMP_NUM_THREADS"])
