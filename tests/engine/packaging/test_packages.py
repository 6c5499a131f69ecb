"""Packages of all tasks: what they say, what they need, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.inference import precision
from engine.inference.pipeline import predict
from engine.packaging.kinds import Kind
from engine.runs import checkpoints, snapshot
from engine.serving.asking.questions import Question
from engine.serving.models import answering
from storage.errors import InputError
from storage.types import Document, Split
from tests.engine.packaging import packed
from tests.engine.packaging.test_four_ways import module

LONG = "Ada met Grace in Paris . " * 40
ALONE = """
import json, sys
sys.path.insert(0, {folder!r})
from predict import Model
found = Model().predict(json.loads({texts!r}))
print(json.dumps([found, sorted({{each.split(".")[0] for each in sys.modules}})]))
"""


# A graph takes seconds to write: one of each kind in make test.
LONG_ONES = [pytest.param(task, marks=pytest.mark.long) for task in ("classes", "multilabel")]


@pytest.fixture(params=["classes", "multilabel", "pairs"])
def run(request: pytest.FixtureRequest, bert: Path, tmp_path: Path) -> Path:
    return packed.run(tmp_path / "run", bert, task=request.param)


def documents(run: Path) -> list[Document]:
    two = "pairs" in (run / "spec.json").read_text("utf-8")
    texts = [*packed.dev(run), LONG, ""]
    return [Document(text, second_text="Ada in Paris" if two else None) for text in texts]


def test_whole_texts_have_the_same_labels_in_transformers(run: Path, tmp_path: Path) -> None:
    from transformers import pipeline

    packed.pack(run, Kind.FOLDER, tmp_path / "folder")
    own = module(tmp_path / "folder" / "pipeline.py", f"own_{tmp_path.name}").Pipeline
    folder = str(tmp_path / "folder")
    model = pipeline("text-classification", model=folder, pipeline_class=own)
    asked = documents(run)
    given = [
        {"text": d.text, "text_pair": d.second_text} if d.second_text else d.text for d in asked
    ]
    for document, found in zip(predict(run, asked), model(given), strict=True):
        wanted = [(span.label, pytest.approx(span.score, abs=1e-5)) for span in document.spans]
        assert [(each["label"], each["score"]) for each in found] == wanted


@pytest.mark.parametrize("run", [*LONG_ONES, "pairs"], indirect=True)
def test_a_package_says_the_same_where_there_is_neither_whetstone_nor_torch(
    run: Path, tmp_path: Path
) -> None:
    out = tmp_path / "onnx"
    checked = packed.pack(run, Kind.ONNX, out)
    assert checked.same == checked.documents > 0 and checked.farthest < 1e-4
    told = json.loads((out / "checked.json").read_text("utf-8"))
    assert told["documents_with_the_same_marks"] == checked.documents
    checkpoints.verify(out)
    asked = documents(run)
    given = [[d.text, d.second_text] if d.second_text else d.text for d in asked]
    code = ALONE.format(folder=str(out), texts=json.dumps(given))
    answered = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert answered.returncode == 0, answered.stderr
    found, loaded = json.loads(answered.stdout)
    assert not {"engine", "storage", "torch", "transformers"} & set(loaded)
    for document, marks in zip(predict(run, asked), found, strict=True):
        wanted = [(span.label, pytest.approx(span.score, abs=1e-4)) for span in document.spans]
        assert [(each["label"], each["score"]) for each in marks] == wanted


@pytest.mark.long
@pytest.mark.parametrize("run", ["classes", "multilabel"], indirect=True)
def test_in_spacy_every_label_has_its_probability(run: Path, tmp_path: Path) -> None:
    import spacy

    packed.pack(run, Kind.SPACY, tmp_path / "spacy")
    (code,) = (tmp_path / "spacy").glob("xx_*")
    module(code / "__init__.py", code.name)
    nlp = spacy.load(next(code.glob("xx_*")))
    texts = packed.dev(run)
    answers = answering.load(run).answer(list(map(Question, texts)))
    for doc, answer in zip(nlp.pipe(texts), answers, strict=True):
        assert doc.cats == pytest.approx(dict(answer.chances), abs=1e-4)
        given = [each["label"] for each in doc.user_data[code.name]]
        assert given == [label for _, _, label, _ in answer.marks]


@pytest.mark.long
def test_int8_is_taken_where_it_costs_little_enough(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = packed.run(tmp_path / "run", bert)
    monkeypatch.setattr(precision, "ALLOWED", 100.0)
    taken = packed.pack(run, Kind.ONNX, tmp_path / "taken", int8=True)
    assert taken.precision == "int8" and taken.int8.documents == taken.documents
    monkeypatch.setattr(precision, "ALLOWED", -101.0)
    left = packed.pack(run, Kind.ONNX, tmp_path / "left", int8=True)
    assert left.precision == "float32" and "may be lost" in left.to_text()
    sizes = [(tmp_path / name / "model.onnx").stat().st_size for name in ("taken", "left")]
    assert sizes[0] < sizes[1]
    assert len(list((tmp_path / "left").glob("*.onnx"))) == 1


def test_what_cannot_be_packed_is_refused_before_anything_is_written(
    bert: Path, tmp_path: Path
) -> None:
    pairs = packed.run(tmp_path / "run", bert, task="pairs")
    with pytest.raises(InputError, match="one text at a time"):
        packed.pack(pairs, Kind.SPACY, tmp_path / "spacy")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("Dear Ada")
    with pytest.raises(InputError, match="no package"):
        packed.pack(pairs, Kind.FOLDER, mine)
    assert [path.name for path in mine.iterdir()] == ["letter.txt"]


def test_a_package_replaces_an_older_one(bert: Path, tmp_path: Path) -> None:
    run, out = packed.run(tmp_path / "run", bert), tmp_path / "folder"
    packed.pack(run, Kind.FOLDER, out)
    (out / "more.txt").write_text("of before")
    packed.pack(run, Kind.FOLDER, out)
    assert not (out / "more.txt").exists()
    assert (out / "README.md").read_text("utf-8").startswith("# Letters")
    assert list(snapshot.stream(run, Split.DEV))


INSTALLED = """
import json, sys
sys.path.insert(0, {place!r})
import spacy
nlp = spacy.load({name!r})
docs = list(nlp.pipe(json.loads({texts!r})))
print(json.dumps([[[e.start_char, e.end_char, e.label_] for e in doc.ents] for doc in docs]))
"""


@pytest.mark.long
def test_spacy_finds_a_package_that_pip_has_installed(bert: Path, tmp_path: Path) -> None:
    run, out, place = packed.run(tmp_path / "run", bert), tmp_path / "spacy", tmp_path / "place"
    packed.pack(run, Kind.SPACY, out)
    (name,) = (path.name for path in out.glob("xx_*"))
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--target", place, out], check=True)
    texts = packed.dev(run)
    code = INSTALLED.format(place=str(place), name=name, texts=json.dumps(texts))
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=place)
    assert found.returncode == 0, found.stderr
    wanted = [
        [[span.start, span.end, span.label] for span in document.spans]
        for document in predict(run, map(Document, texts))
    ]
    assert json.loads(found.stdout) == wanted
