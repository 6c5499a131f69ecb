"""A package that pip installs and ``spacy.load`` finds: around a model on onnxruntime."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.packaging import sources
from engine.tasks.base import Task

LANGUAGE = "xx"
CONFIG = """[nlp]
lang = "{language}"
pipeline = ["{name}"]
batch_size = 64
disabled = []
before_creation = null
after_creation = null
after_pipeline_creation = null

[nlp.tokenizer]
@tokenizers = "{name}"

[components]

[components.{name}]
factory = "{name}"
"""
PROJECT = """[build-system]
requires = ["setuptools>=70"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.10"
dependencies = [{needed}]

[project.entry-points.spacy_models]
{name} = "{name}"

[project.entry-points.spacy_factories]
{name} = "{name}:marks_of"

[project.entry-points.spacy_tokenizers]
{name} = "{name}:words_of"

[tool.setuptools]
packages = ["{name}"]

[tool.setuptools.package-data]
{name} = ["**/*"]
"""


@dataclass(frozen=True, slots=True)
class Package:
    """Where the parts of a package lie."""

    name: str
    version: str
    code: Path
    """What Python imports."""
    data: Path
    """What spaCy loads."""

    @property
    def model(self) -> Path:
        """What the component loads."""
        return self.data / self.name


def lay_out(folder: Path, name: str, number: int, needed: Sequence[str]) -> Package:
    """Make a package's folders, and say to pip what it is."""
    called, version = f"{LANGUAGE}_{name}", f"1.0.{number}"
    code = folder / called
    package = Package(called, version, code, code / f"{called}-{version}")
    package.model.mkdir(parents=True)
    names = ", ".join(f'"{each}"' for each in (*needed, "spacy>=3.7,<4"))
    told = PROJECT.format(name=called, version=version, needed=names)
    (folder / "pyproject.toml").write_text(told, encoding="utf-8")
    return package


def fill(package: Package, task: Task, labels: Sequence[str]) -> None:
    """Write the package's code and what spaCy reads, around the model that lies there."""
    code = sources.component(task, package.name)
    (package.code / "__init__.py").write_text(code, encoding="utf-8")
    # The component is the code that asks the model here.
    (package.model / "predict.py").unlink()
    (package.model / "requirements.txt").unlink()
    config = CONFIG.format(language=LANGUAGE, name=package.name)
    (package.data / "config.cfg").write_text(config, encoding="utf-8")
    meta = {
        "lang": LANGUAGE,
        "name": package.name.removeprefix(f"{LANGUAGE}_"),
        "version": package.version,
        "spacy_version": ">=3.7,<4",
        "description": "A model trained with Whetstone.",
        "pipeline": [package.name],
        "labels": {package.name: list(labels)},
    }
    for folder in (package.code, package.data):
        path = folder / "meta.json"
        path.write_text(json.dumps(meta, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
