"""What words' shapes are to the bundled encoder, learned from the shipped sample.

    python -m tests.benchmarks.shapes OUT

Writes ``OUT``, which the program has as ``engine/models/shapes.safetensors``: the token types that
a training with the recipe balanced, which learns them, ends with. Runs half done go on with the
ones that they began with, so a new file must not take the old one's name.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import worker  # noqa: E402
from engine.configuration import bases
from engine.configuration.settings import LEARNED
from storage.types import Split
from tests.benchmarks.parts import measuring, sides


def learn(folder: Path) -> None:
    """Train on the sample's train split in a run folder; dev says which epoch is the best."""
    files = [measuring.SAMPLE / f"{split}.jsonl" for split in Split]
    documents = [d for d in measuring.read_corpus(files, None) if d.split is not Split.TEST]
    settings = sides.fit_settings(documents, bases.BUNDLED, "balanced")
    settings = replace(settings, word_shapes=LEARNED, recipe="", threads=1)
    sides.write_run(folder, documents, bases.BUNDLED, settings)
    if worker.work(folder):
        sys.exit((folder / worker.LOG).read_text(encoding="utf-8"))


def write(trained: Path, into: Path) -> None:
    """Write the token types of a trained model, and what they were at first."""
    from safetensors.torch import load_file, save_file

    def rows(model: Path):
        tensors = load_file(model / "model.safetensors")
        return next(t for name, t in tensors.items() if "token_type_embeddings" in name)

    first = rows(bases.fetch(bases.BUNDLED))[0].clone()
    save_file({"rows": rows(trained).contiguous(), "first": first}, into)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    chosen = parser.parse_args()
    measuring.set_threads(1, ours=True)
    with tempfile.TemporaryDirectory() as name:
        learn(Path(name))
        write(Path(name) / "model", chosen.out)


if __name__ == "__main__":
    main()
