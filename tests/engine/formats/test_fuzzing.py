"""Every reader, given valid files with a few bytes changed: refused in sentences, never a crash.

The files are what our own writers make, so each format is read past its first lines.
"""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import formats
from engine.corpus.importing import plan
from engine.formats import Shape
from engine.formats.common.problems import Problems
from storage.types import Document, Span, Split, Status

TASKS = {
    "spans": Shape(),
    "classes": Shape(True),
    "multilabel": Shape(True, True),
    "pairs": Shape(True, False, True),
}
READERS = [(task, each.name) for task, shape in TASKS.items() for each in formats.codecs(shape)]
# What formats have as their own marks, and numbers at the edges of what they may be.
_TOKENS = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\xbd", b"\n", b"\r", b"\t", b'"', b"'", b"\\"),
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"<",
        b"&",
        b"|",
        b"_",
        b"#",
        b"-",
        b"*",
        b"null",
        b"NaN",
    ),
    *(
        b"-1",
        b"99999999999999999999",
        b"1e999",
        b"\\ud800",
        b"\\u0000",
        b"B-",
        b"I-X",
        b"-DOCSTART-",
    ),
    *(b"PK\x03\x04", b"\x78\x9c", b"PAR1", b"<!DOCTYPE x>", b"=1+1", b"[" * 2_000),
)


@cache
def seed(task: str, name: str) -> tuple[str, bytes]:
    """Return a valid file of a format and its extension; plain text where it is only read."""
    shape = TASKS[task]
    marks = (Span(0, 0, "b"),) if shape.whole else (Span(3, 7, "LOC"), Span(8, 10, "P-x"))
    second = "other text" if shape.second else None
    found = [
        Document("in Rome 😀 é", spans=marks, status=Status.DONE, second_text=second, name="a"),
        Document("not\nlabelled", second_text=second, split=Split.DEV, name="b"),
        Document("second one here", spans=marks[:1], status=Status.DONE, second_text=second),
    ]
    codec = formats.codec(name, shape)
    if not isinstance(codec, formats.Writer):
        return codec.extensions[0], b"in\tO\nRome\tB-LOC\n\ntext,label\nin Rome,a\n"
    grade = {"grade": lambda label: 1}
    return codec.extensions[0], b"".join(codec.write(found, grade, Problems("x")))


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """A file with some bytes flipped, cut out, doubled, put in or cut off."""
    found = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(found)))
        end = min(len(found), at + draw(st.integers(1, 40)))
        match draw(st.sampled_from(["flip", "cut", "double", "put", "put", "end"])):
            case "flip" if at < len(found):
                found[at] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del found[at:end]
            case "double":
                found[at:at] = found[at:end]
            case "put":
                found[at:at] = draw(st.sampled_from(_TOKENS))
            case "end":
                del found[at:]
    return bytes(found)


def survives(task: str, name: str, data: bytes) -> None:
    """Import a file; whatever is wrong with it is said, and what comes in is whole."""
    extension, _ = seed(task, name)
    for format in (name, "auto"):
        found = plan([(f"x{extension}", data)], task=task, format=format, skip_bad=True)
        assert all(each.message for each in found.problems)
        assert found.documents or found.errors, "nothing came in, and nobody said why"
        if found.refused:
            continue
        for document in found.documents_to_add:
            assert document.text
            assert "\0" not in document.text
            for span in document.spans:
                assert span.whole or 0 <= span.start < span.end <= len(document.text)


def fuzz(task: str, name: str, examples: int) -> None:
    _, data = seed(task, name)

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(damaged(data))
    def check(found: bytes) -> None:
        survives(task, name, found)

    check()


@pytest.mark.parametrize(("task", "name"), READERS)
def test_a_valid_file_comes_in(task, name):
    survives(task, name, seed(task, name)[1])


@pytest.mark.parametrize("task", TASKS)
def test_a_few_damaged_files_of_each_format_are_survived(task):
    for each, name in READERS:
        if each == task:
            fuzz(task, name, 3)


@pytest.mark.long
@pytest.mark.parametrize(("task", "name"), READERS)
def test_many_damaged_files_are_survived(task, name):
    fuzz(task, name, 400)
