"""What is free: no more than a container leaves, and caches take a part of it in coarse steps."""

import platform
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from engine.system import memory

GIB = 1 << 30
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("free", "found"), [(64, 2.0), (8, 2.0), (7.9, 1.0), (4, 1.0), (1.5, 0.25), (0, 1 / GIB)]
)
def test_a_cache_takes_a_quarter_of_what_is_free_at_most(free: float, found: float) -> None:
    assert memory.room(2 * GIB, int(free * GIB)) == found * GIB


@pytest.mark.parametrize("files", memory.FILES)
def test_a_container_may_leave_less_than_the_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: tuple[str, str]
) -> None:
    monkeypatch.setattr(memory, "GROUPS", tmp_path)
    whole = psutil.virtual_memory().total
    assert GIB // 100 < memory.free() <= whole
    limit, used = (tmp_path / name for name in files)
    limit.parent.mkdir(exist_ok=True)
    limit.write_text("max\n")
    used.write_text("900\n")
    assert memory.free() > 1000
    limit.write_text("1000\n")
    assert memory.free() == 100
    used.write_text("1100\n")
    assert memory.free() == 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps it")
def test_what_is_large_goes_back_when_it_is_freed():
    code = """if True:
        import psutil
        from engine.system import memory
        held = lambda: psutil.Process().memory_info().rss >> 20
        before, large, small = held(), [], []
        with memory.giving_back(512 << 10):
            for _ in range(40):
                large = [bytes([1]) * (4 << 20)]
                small.append(bytes([1]) * 1000)
        large.clear()
        assert held() - before < 4, (before, held())"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc gives it back")
def test_what_is_freed_batch_after_batch_is_kept_for_the_next():
    code = """if True:
        import resource
        from engine.system import memory
        faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        batch = lambda: [bytes([1]) * (12 << 20) for _ in range(3)]
        memory.keep()
        batch()
        before = faults()
        for _ in range(5):
            batch()
        assert faults() - before < 1000, faults() - before"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
