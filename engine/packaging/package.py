"""Packages of a run's model: a folder for transformers, for onnxruntime, or a package of spaCy's.

Each is written whole or not at all, with a manifest of all its files (see ``checkpoints``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import tasks
from engine.inference import pipeline
from engine.inference.pipeline import Predictor
from engine.packaging import for_spacy, graph, sources
from engine.packaging.checking import Checked, check
from engine.packaging.kinds import Kind
from engine.runs import checkpoints, spec
from engine.runs.files import MODEL
from engine.tasks.base import Task
from storage.errors import InputError

CHECKED = "checked.json"
NEEDED = ("numpy", "onnxruntime", "regex", "tokenizers")


@dataclass(frozen=True, slots=True)
class Order:
    """What is packed, and how."""

    run: Path
    """The run's folder."""
    name: str
    """Of letters, digits and underscores: what Python may call it."""
    number: int
    card: Callable[[str], str]
    """Returns the model card, in which a section says how the package is used."""
    int8: bool = False


def write(order: Order, kind: Kind, target: Path) -> Checked | None:
    """Write a package in the place of ``target``; return what was measured, where there is any.

    Raises ModelError where the run has no complete model or the package does not say the same,
    InputError where this kind cannot hold it.
    """
    task = tasks.get(spec.read(order.run).task)
    _refuse(task, kind, target)
    loaded = pipeline.load(order.run, "cpu")
    found: list[Checked] = []

    def fill(draft: Path) -> None:
        if kind is Kind.FOLDER:
            _copy(order.run / MODEL, draft)
            sources.equip(draft, task, loaded.length, loaded.stride)
            (draft / "README.md").write_text(order.card(""), encoding="utf-8")
        elif kind is Kind.ONNX:
            found.append(_fill_onnx(order, task, loaded, draft))
            use = ONNX.format(given=_example(task), needed=" ".join(NEEDED))
            (draft / "README.md").write_text(order.card(use), encoding="utf-8")
        else:
            package = for_spacy.lay_out(draft, order.name, order.number, NEEDED)
            found.append(_fill_onnx(order, task, loaded, package.model))
            for_spacy.fill(package, task, loaded.labels)
            use = SPACY.format(name=package.name)
            (draft / "README.md").write_text(order.card(use), encoding="utf-8")

    checkpoints.write_whole(target, fill)
    return found[0] if found else None


def _refuse(task: Task, kind: Kind, target: Path) -> None:
    if not task.portable:
        raise InputError(f"Models of {task.name} cannot be exported.")
    if kind is Kind.SPACY and task.fitting is not None:
        raise InputError("spaCy reads one text at a time, no pairs: export a folder, or onnx.")
    if target.exists() and not (target / checkpoints.MANIFEST).is_file():
        raise InputError(f"{target} is there already and no package; name another place by --out.")


def _copy(model: Path, draft: Path) -> None:
    for path in model.iterdir():
        if path.name != checkpoints.MANIFEST:
            shutil.copy(path, draft / path.name)


def _fill_onnx(order: Order, task: Task, predictor: Predictor, folder: Path) -> Checked:
    """Write what the model needs on onnxruntime, and see whether it says the same there."""
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(order.run / MODEL / name, folder / name)
    sources.equip(folder, task, predictor.length, predictor.stride)
    (folder / sources.PIPELINE).unlink()
    (folder / "predict.py").write_text(sources.predict(task), encoding="utf-8")
    (folder / "requirements.txt").write_text("\n".join(NEEDED) + "\n", encoding="utf-8")
    graph.convert(predictor.loaded, folder / graph.FILE)
    found = check(order.run, predictor, folder, order.int8)
    told: dict[str, Any] = found.to_json()
    (folder / CHECKED).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return found


def _example(task: Task) -> str:
    return '("A question.", "An answer.")' if task.fitting is not None else '"Some text."'


ONNX = """`pip install {needed}`, then, in this folder:

```python
from predict import Model

model = Model()
print(model.predict([{given}]))
```

`python predict.py "Some text."` prints the same as JSON. `checked.json` says how far its answers
are from those of the model that was trained, on the run's own documents."""
SPACY = """`pip install .` in this folder, then:

```python
import spacy

nlp = spacy.load("{name}")
doc = nlp("Some text.")
print([(mark.text, mark.label_) for mark in doc.ents], doc.cats)
```

It needs spaCy and onnxruntime, and no torch. As component of another pipeline:
`nlp.add_pipe("{name}", source=spacy.load("{name}"))`; what ends within that pipeline's words is in
`doc.spans["{name}"]` only. Of whole texts `doc.cats` has each label's probability, and
`doc.user_data["{name}"]` those labels that the model gives."""
