"""The vectors of a catalogue in its run's folder: made in parts, so that a killed run goes on.

A part is a file that is there whole or not at all. Once all are, they become one file, which is
read without being loaded: only what a search weighs comes into memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from engine.runs import files
from storage import atomic
from storage.errors import RunFolderError

FILE, PARTS = "embeddings.npy", "parts"
# Texts of a part: a second or so of work for a GPU, ten for two cores.
PART = 2048

Embed = Callable[[Sequence[str]], np.ndarray]
Note = Callable[[int], None]


def make(folder: Path, texts: Iterator[str], rows: int, embed: Embed, note: Note) -> np.ndarray:
    """Embed all texts that no earlier attempt has, and return all vectors: (rows, width) float32.

    ``note`` is told after each part how many texts are done, and may raise.
    """
    if (folder / FILE).exists():
        return read(folder, rows)
    (folder / PARTS).mkdir(mode=0o700, exist_ok=True)
    done, paths = 0, []
    while part := list(islice(texts, PART)):
        path = folder / PARTS / f"{done:09d}.npy"
        if _rows(path) != len(part):
            _write(path, embed(part))
        paths.append(path)
        done += len(part)
        note(done)
    _join(folder, paths, rows)
    shutil.rmtree(folder / PARTS)
    return read(folder, rows)


def read(folder: Path, rows: int | None = None) -> np.ndarray:
    """Return the vectors, left on the disk until they are asked for.

    Raises RunFolderError where they are not there, or not as many as ``rows``.
    """
    path = folder / FILE
    with files.reading(path):
        found = np.load(path, mmap_mode="r")
    if found.ndim != 2 or (rows is not None and len(found) != rows):
        raise RunFolderError(f"The file {path} does not hold the catalogue's vectors.")
    return found


def _rows(path: Path) -> int:
    """Return how many rows an earlier attempt left there; -1 for a file that is no good."""
    if not path.exists():
        return -1
    try:
        return len(np.load(path, mmap_mode="r"))
    except (OSError, ValueError, EOFError):
        return -1


def _write(path: Path, vectors: np.ndarray) -> None:
    with atomic.replacing(path, path.with_suffix(".tmp")) as file:
        np.save(file, np.asarray(vectors, dtype=np.float32))


def _join(folder: Path, paths: Sequence[Path], rows: int) -> None:
    width = np.load(paths[0], mmap_mode="r").shape[1] if paths else 0
    draft = folder / f"{FILE}.tmp"
    whole = np.lib.format.open_memmap(draft, mode="w+", dtype=np.float32, shape=(rows, width))
    at = 0
    for path in paths:
        part = np.load(path)
        whole[at : at + len(part)] = part
        at += len(part)
    whole.flush()
    del whole
    atomic.publish(draft, folder / FILE)
