"""What is compiled before the tests is what pytest would have made of it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.compiled import rewritten

TEST = "def test_two():\n    one = 1\n    assert one == 2\n"


def test_pytest_takes_what_was_rewritten_before_it_began(tmp_path: Path) -> None:
    path = tmp_path / "test_one.py"
    path.write_text(TEST)
    kept = rewritten(path)
    inode = kept.stat().st_ino
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    writing = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=writing)
    assert "assert 1 == 2" in told.stdout
    # It writes a new file where it rewrites, under another name first.
    assert list(kept.parent.glob("test_one.*")) == [kept]
    assert kept.stat().st_ino == inode
