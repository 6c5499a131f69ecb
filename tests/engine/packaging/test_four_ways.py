"""The same marks four ways: over HTTP, by transformers, by spaCy, on onnxruntime."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from itertools import compress
from pathlib import Path
from types import ModuleType

import pytest
from starlette.testclient import TestClient

from engine.configuration import bases
from engine.inference.pipeline import predict
from engine.packaging.kinds import Kind
from engine.serving.application import build
from engine.serving.http.limits import Limits
from engine.serving.models.local import Local
from engine.serving.models.process import Order
from engine.serving.models.switching import Fixed
from storage.types import Document
from tests.engine.packaging import nasty, packed
from tests.engine.serving import runs

Marks = list[list[tuple[int, int, str]]]
LIMITS = Limits(body=50_000_000, texts=2_000, length=2_000_000)


def module(path: Path, name: str) -> ModuleType:
    """Import a file as whoever was given it does."""
    spec = importlib.util.spec_from_file_location(name, path)
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


def by_http(run: Path, texts: Sequence[str]) -> Marks:
    models = Fixed(Local(Order(run), runs.describe(7, "spans"), lanes=2))
    with TestClient(build(models, limits=LIMITS)) as client:
        told = client.post("/predict", json={"texts": list(texts)})
    assert told.status_code == 200, told.text
    return marks(each["spans"] for each in told.json()["results"])


def by_transformers(run: Path, out: Path) -> Callable[[Sequence[str]], Marks]:
    from transformers import pipeline

    packed.pack(run, Kind.FOLDER, out)
    own = module(out / "pipeline.py", f"pipeline_{out.parent.name}").Pipeline
    model = pipeline("token-classification", model=str(out), pipeline_class=own)
    return lambda texts: marks(model(list(texts)), "entity_group")


def by_onnx(run: Path, out: Path) -> Callable[[Sequence[str]], Marks]:
    packed.pack(run, Kind.ONNX, out)
    model = module(out / "predict.py", f"predict_{out.parent.name}").Model()
    return lambda texts: marks(model.predict(texts))


def by_spacy(run: Path, out: Path) -> Callable[[Sequence[str]], Marks]:
    import spacy

    packed.pack(run, Kind.SPACY, out)
    (code,) = out.glob("xx_*")
    module(code / "__init__.py", code.name)
    (data,) = code.glob("xx_*")
    nlp = spacy.load(data)

    def ask(texts: Sequence[str]) -> Marks:
        docs = list(nlp.pipe(texts))
        assert [len(doc.text) for doc in docs] == list(map(len, texts))
        return [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in docs]

    return ask


def marks(answers, label: str = "label") -> Marks:
    return [[(m["start"], m["end"], m[label]) for m in each] for each in answers]


WAYS = {"transformers": by_transformers, "spacy": by_spacy, "onnx": by_onnx}


def test_nasty_texts_have_the_same_spans_four_ways(bert: Path, tmp_path: Path) -> None:
    compare(packed.run(tmp_path / "run", bert, shapes=True), tmp_path, nasty.texts(150, words=500))


@pytest.mark.long
@pytest.mark.parametrize("shapes", [False, True], ids=["plain", "shapes"])
def test_a_thousand_nasty_texts_have_the_same_spans_four_ways(tmp_path: Path, shapes) -> None:
    base = bases.fetch(bases.BUNDLED)
    compare(packed.run(tmp_path / "run", base, shapes=shapes), tmp_path, nasty.texts(1000))


def compare(run: Path, folder: Path, texts: list[str]) -> None:
    """Ask all ways about texts; the service only about those that it takes for such."""
    found = [document.spans for document in predict(run, map(Document, texts))]
    wanted = [[(span.start, span.end, span.label) for span in spans] for spans in found]
    assert sum(map(len, wanted)) > len(texts)
    taken = [not nasty.is_refused(text) for text in texts]
    assert by_http(run, list(compress(texts, taken))) == list(compress(wanted, taken))
    for name, way in WAYS.items():
        answers = way(run, folder / name / folder.name)(texts)
        for text, one, other in zip(texts, wanted, answers, strict=True):
            assert one == other, (name, text[:200])
