"""The frozen documents of a split: a sequence that holds no more than a group of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.runs import snapshot, tables
from storage.errors import RunFolderError
from storage.types import Split
from tests.engine import tiny


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> list:
    monkeypatch.setattr(tables, "GROUP", 4)
    found = tiny.corpus(23)
    return [replace(d, split=Split.DEV if n % 3 == 0 else Split.TRAIN) for n, d in enumerate(found)]


def test_train_is_read_when_it_is_asked_for_and_dev_is_there(
    tmp_path: Path, documents: list
) -> None:
    snapshot.write(tmp_path, documents)
    parts = snapshot.parts(tmp_path)
    train = [document for document in documents if document.split is Split.TRAIN]
    found = parts[Split.TRAIN]
    assert len(found) == len(train) == 15
    assert list(found) == list(found) == train
    assert [found[at] for at in range(-15, 15)] == train * 2
    assert found[3:11:2] == train[3:11:2]
    assert parts[Split.DEV] == [d for d in documents if d.split is Split.DEV]
    assert parts[Split.TEST] == []
    with pytest.raises(IndexError):
        found[15]


def test_documents_pass_on_while_they_are_frozen(tmp_path: Path, documents: list) -> None:
    """Who counts them needs no second reading; a file that is not whole is none."""
    passing = snapshot.writing(tmp_path, iter(documents))
    assert next(passing) == documents[0]
    with pytest.raises(RunFolderError):
        snapshot.count(tmp_path)
    assert list(passing) == documents[1:]
    assert snapshot.read(tmp_path) == documents


def test_without_a_file_there_are_no_parts(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError):
        snapshot.parts(tmp_path)
