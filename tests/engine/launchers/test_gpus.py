"""Counting GPUs: from what nvidia-smi lists and what CUDA_VISIBLE_DEVICES allows."""

from __future__ import annotations

import pytest

from engine.system import gpus

LISTED = """\
GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-1aa5e0a4-0001)
GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-1aa5e0a4-0002)
  MIG 3g.40gb     Device  0: (UUID: MIG-77)
  MIG 3g.40gb     Device  1: (UUID: MIG-78)
GPU 2: NVIDIA RTX 4090 (UUID: GPU-1aa5e0a4-0003)
"""


def test_a_gpu_is_named_by_its_uuid_and_a_divided_one_by_its_parts() -> None:
    found = gpus.parse(LISTED)
    assert found == ("GPU-1aa5e0a4-0001", "MIG-77", "MIG-78", "GPU-1aa5e0a4-0003")
    assert gpus.parse("No devices found.\n") == ()


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ("", ()),
        ("0", ("0",)),
        ("2, 0", ("2", "0")),
        ("GPU-1aa5e0a4,MIG-77", ("GPU-1aa5e0a4", "MIG-77")),
        ("1,-1,0", ("1",)),
        ("NoDevFiles", ()),
    ],
)
def test_the_variable_is_read_as_cuda_reads_it(chosen: str, names: tuple[str, ...]) -> None:
    assert gpus.visible(chosen) == names


def test_the_variable_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(gpus.VARIABLE, "5")
    assert gpus.present() == ("5",)


def test_without_the_program_the_drivers_folder_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    monkeypatch.delenv(gpus.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(gpus, "DRIVER", tmp_path / "gpus")
    assert gpus.present() == ()
    for name in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / "gpus" / name).mkdir(parents=True)
    assert gpus.present() == ("0", "1")
