"""A file is what it was until it is what it shall be."""

from pathlib import Path

import pytest

from storage import atomic


def test_a_file_has_its_new_content_when_the_block_has_ended(tmp_path: Path) -> None:
    path, draft = tmp_path / "file", tmp_path / ".draft"
    path.write_bytes(b"old")
    with atomic.replacing(path, draft) as file:
        file.write(b"new")
        file.flush()
        assert (path.read_bytes(), draft.read_bytes()) == (b"old", b"new")
    assert path.read_bytes() == b"new" and not draft.exists()


def test_a_block_that_raises_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path, draft = tmp_path / "file", tmp_path / ".draft"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), atomic.replacing(path, draft) as file:
        file.write(b"half of")
        raise ZeroDivisionError
    assert (path.read_bytes(), draft.read_bytes()) == (b"old", b"half of")
