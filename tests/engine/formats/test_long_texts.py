"""One text that is longer than any that people label is refused, in one sentence, by every reader.

The limit is lowered, so that no test writes 16 MB; what comes out of packed files is counted.
"""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.corpus.importing import plan
from engine.formats import Codec
from engine.formats.common import sources
from engine.formats.spacy.docbin import DocBin
from engine.formats.spans.conll.codec import Conll
from engine.formats.text import Text
from engine.formats.uima.cas import CasJson, Xmi
from engine.formats.uima.webanno import WebAnno
from storage.types import Document
from tests.engine.formats.codecs import read, written
from tests.engine.formats.uima.test_cas import xmi
from tests.engine.formats.whole.test_exports_of_tools import archive

SENTENCE = "A text in it is longer than 16 MB; split it."
LONG = "a word and " * 20


@pytest.fixture(autouse=True)
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_TEXT", 200)
    monkeypatch.setattr(sources, "_TOO_LONG", SENTENCE)


def parquet(**columns: pa.Array) -> bytes:
    data = io.BytesIO()
    pq.write_table(pa.table(columns), data)
    return data.getvalue()


WORDS = LONG.split()
NESTED = {
    "words": {"tokens": pa.array([WORDS * 2]), "ner_tags": pa.array([["O"] * 2 * len(WORDS)])},
    "objects": {
        "text": pa.array(["a"]),
        "spans": pa.array([[{"start": 0, "end": 1, "label": LONG}]]),
    },
    "repeated": {"text": pa.array([LONG]).dictionary_encode()},
    "a_map": {
        "text": pa.array(["a"]),
        "more": pa.array([[(LONG, 1)]], pa.map_(pa.string(), pa.int64())),
    },
}


@pytest.mark.parametrize("kind", NESTED)
def test_arrow_counts_what_is_inside_of_a_value(kind: str) -> None:
    found = plan([("x.parquet", parquet(**NESTED[kind]))])
    assert [each.message for each in found.problems] == [SENTENCE]


CAS = {
    "%FEATURE_STRUCTURES": [{"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaID": "v", "sofaString": LONG}]
}
WEBANNO = f"#FORMAT=WebAnno TSV 3.3\n\n\n#Text={LONG}\n1-1\t0-1\ta\t\n".encode()
ALONE: dict[str, tuple[Codec, bytes, dict[str, str]]] = {
    "xmi": (Xmi(), xmi(LONG), {}),
    "cas_json": (CasJson(), json.dumps(CAS).encode(), {}),
    "webanno": (WebAnno(), WEBANNO, {}),
    "docbin": (DocBin(), written(DocBin(), [Document(text=LONG.strip())])[0], {}),
    "paragraph": (Text(), f"{LONG}\n{LONG}\n\nb".encode(), {"by": "paragraph"}),
    "conll": (Conll(), b"word O\n" * 60, {}),
}


@pytest.mark.parametrize("kind", ALONE)
def test_so_do_the_readers_of_texts(kind: str) -> None:
    codec, data, options = ALONE[kind]
    assert read(codec, data, options=options).errors == [SENTENCE]


@pytest.mark.parametrize("task", ["spans", "classes"])
def test_and_those_of_a_file_for_each_text(task: str) -> None:
    ends = {"spans": ("ann", ""), "classes": ("txt", "b")}
    end, beside = ends[task]
    data = archive({"a/1.txt": LONG, f"b/1.{end}": beside, f"a/1.{end}": LONG, "b/1.txt": "b"})
    found = plan([("x.zip", data)], task=task)
    assert found.files[0].format == {"spans": "brat", "classes": "folders"}[task]
    assert [(each.file, each.message) for each in found.problems if each.severity == "error"] == [
        ({"spans": "a/1.ann", "classes": "a/1.txt"}[task], SENTENCE)
    ]
