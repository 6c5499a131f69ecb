"""Commands run in this process with --json, on tiny projects and a tiny base model."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.commands import main
from tests.engine import tiny

SENTENCES = b"Ada B-PER\nsleeps O\n\nOslo B-LOC\n. O\n\n"
SIZES = {"train": 24, "dev": 24, "test": 24}


@dataclass(frozen=True)
class Answer:
    code: int
    payload: dict
    error: str


Command = Callable[..., Answer]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], new_home: Path, forking: None) -> Command:
    """Run a command with --json in this process and return what it answered."""

    def run(*arguments: object) -> Answer:
        capsys.readouterr()
        code = main([*map(str, arguments), "--json"])
        out, err = capsys.readouterr()
        assert out.count("\n") == 1, "exactly one line with one JSON object"
        return Answer(code, json.loads(out), err)

    return run


@pytest.fixture
def sentences(tmp_path: Path) -> Path:
    path = tmp_path / "train.conll"
    path.write_bytes(SENTENCES)
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Tiny sentences of each split as CoNLL files."""
    for seed, (split, size) in enumerate(SIZES.items()):
        (tmp_path / f"{split}.conll").write_text(as_conll(size, seed))
    return {split: tmp_path / f"{split}.conll" for split in SIZES}


@pytest.fixture
def project(run: Command, files: dict[str, Path]) -> str:
    """A project of tiny sentences, all done."""
    run("import", *files.values(), "--project", "p")
    return "p"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A tiny base model that trains in a second."""
    return tiny.save_base(tmp_path / "base")


def assert_fails(answer: Answer, *words: str) -> None:
    assert answer.code == 1
    assert set(answer.payload) == {"error"}
    assert answer.error.count("\n") == 1, "one sentence on stderr"
    for word in words:
        assert word in answer.payload["error"]


def as_conll(count: int, seed: int) -> str:
    """Write tiny sentences as CoNLL, each once."""
    blocks = dict.fromkeys(conll_block(d) for d in tiny.corpus(count, seed))
    return "\n".join([*blocks, *("filler O\n" for _ in range(count - len(blocks)))]) + "\n"


def conll_block(document) -> str:
    lines = []
    for start, end in document.tokens:
        span = next((s for s in document.spans if s.start <= start < s.end), None)
        tag = "O" if span is None else f"{'B' if span.start == start else 'I'}-{span.label}"
        lines.append(f"{document.text[start:end]} {tag}\n")
    return "".join(lines)
