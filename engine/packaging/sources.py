"""The one file of Python that each package brings along, made of our own modules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.packaging.bundling.bundle import bundle
from engine.packaging.runners.reader import READING
from engine.tasks.base import Task

PIPELINE = "pipeline.py"
RUNNERS = "engine.packaging.runners."
MADE = "Made of Whetstone's own lines, which it does not need here. There is nothing to edit."
COMPONENT = '''
NAME = {name!r}
Language.factory(NAME, func=marks_of)
registry.tokenizers.register(NAME, func=words_of)


def load(**overrides):
    """Load the pipeline of this package."""
    return load_model_from_init_py(__file__, **overrides)
'''


def pipeline(task: Task) -> str:
    """Return a pipeline of transformers for a task's models."""
    told = f"A pipeline of transformers with the marks that Whetstone finds.\n\n{MADE}\n"
    return _source(task, [("hugging_face", "Pipeline")], told)


def predict(task: Task) -> str:
    """Return what asks a task's models on onnxruntime."""
    told = f"A trained model on onnxruntime; needs numpy, tokenizers and regex.\n\n{MADE}\n"
    last = 'if __name__ == "__main__":\n    main()'
    return _source(task, [("onnx_runtime", "Model"), ("onnx_runtime", "main")], told, last)


def component(task: Task, name: str) -> str:
    """Return a component of spaCy's, registered under a package's own name."""
    told = f"A trained model as a component of spaCy's.\n\n{MADE}\n"
    needed = ["marks_of", "words_of", "Language", "registry", "load_model_from_init_py"]
    roots = [("spacy_component", each) for each in needed]
    return _source(task, roots, told, COMPONENT.format(name=name).strip())


def equip(folder: Path, task: Task, length: int, stride: int) -> None:
    """Let a saved model's folder be read as Whetstone does: by its own file, in these windows."""
    path = folder / "config.json"
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    config[READING] = {"length": length, "stride": stride}
    path.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if task.portable:
        (folder / PIPELINE).write_text(pipeline(task), encoding="utf-8")


def _source(task: Task, roots: list[tuple[str, str]], told: str, last: str = "") -> str:
    module, _, name = task.portable.partition(":")
    needed = [*((f"{RUNNERS}{runner}", each) for runner, each in roots), (module, name)]
    return bundle(needed, told, f"Reader.task = {name}\n\n{last}".strip())
