"""Compile what the tests import, each file once: ``python -m tests.compiled``.

All test processes read all tests before they begin with any. In a new checkout each of them
would compile every file, and rewrite its assertions, at the same time as the others.
"""

from __future__ import annotations

import compileall
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from _pytest.assertion import rewrite

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("engine", "pages", "storage", "tests")
# What pytest rewrites, and keeps under a name of its own; fixtures hold no modules of ours.
REWRITTEN = re.compile(r"/(test_[^/]*|conftest)\.py$")
OTHERS = re.compile(rf"{REWRITTEN.pattern}|/tests/fixtures/")


def rewritten(path: Path) -> Path:
    """Rewrite the assertions of a file, if it is new; return where the result is kept."""
    target = rewrite.get_cache_dir(path) / (path.stem + rewrite.PYC_TAIL)
    if rewrite._read_pyc(path, target) is None:
        target.parent.mkdir(parents=True, exist_ok=True)
        found, code = rewrite._rewrite_test(path, None)
        state: Any = SimpleNamespace(trace=sys.stderr.write)
        rewrite._write_pyc(state, code, found, target)
    return target


def main() -> None:
    for room in ROOMS:
        compileall.compile_dir(ROOT / room, quiet=2, workers=0, rx=OTHERS)
    tests = [path for path in (ROOT / "tests").rglob("*.py") if REWRITTEN.search(str(path))]
    with ProcessPoolExecutor() as several:
        list(several.map(rewritten, tests, chunksize=20))


if __name__ == "__main__":
    main()
