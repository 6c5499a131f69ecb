"""Every file beside the checkout, imported as a person would, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.corpus.importing import plan
from tests.engine.corpora import SHARED

TABLE = Path(__file__).with_name("conformance.txt")
_MULTILABEL = ("text_classification/example.json", "text_classification/example_fasttext.txt")
_CLASSES = (
    *("data/banking77/", "data/clinc150/", "doccano/text_classification/", "csv_test_history.json"),
    *("doccano/classification/", "adversarial/csv-spectrum/"),
)
_NO_CORPUS = ("README.md", "LICENSE", "categories.json", "domains.json")


@dataclass(frozen=True)
class Line:
    """A file, the task of the project that it goes into, and what came of it.

    ``bad`` rows refuse the file; the counts are those without them. ``reason`` is the beginning of
    the first sentence that refuses something.
    """

    path: str
    task: str
    format: str
    documents: int
    marks: int
    bad: int
    reason: str

    def written(self) -> str:
        return "\t".join(map(str, vars(self).values()))

    @classmethod
    def of(cls, written: str) -> Line:
        path, task, format, documents, marks, bad, reason = written.split("\t")
        return cls(path, task, format, int(documents), int(marks), int(bad), reason)


def files() -> list[str]:
    """Return every file that is there."""
    found = (path for name in ("data", "samples") for path in (SHARED / name).rglob("*"))
    return sorted(path.relative_to(SHARED).as_posix() for path in found if path.is_file())


def expected() -> list[Line]:
    """Return the table."""
    return [Line.of(line) for line in TABLE.read_text("utf-8").splitlines()]


def task_of(path: str) -> str:
    """Return the task of the project that a file is meant for, "" for what is no corpus."""
    if path.endswith(_NO_CORPUS):
        return ""
    if any(part in path for part in _MULTILABEL):
        return "multilabel"
    return "classes" if any(part in path for part in _CLASSES) else "spans"


def imported(path: str, task: str) -> Line:
    """Import a file, and once more without its bad rows where it is refused."""
    if not task:
        return Line(path, "", "", 0, 0, 0, "no corpus")
    found = plan([str(SHARED / path)], task=task)
    reason, bad = "", len(found.errors)
    if bad:
        reason = found.errors[0].message[:70].replace("\t", " ")
        found = plan([str(SHARED / path)], task=task, skip_bad=True)
    return Line(path, task, found.files[0].format, found.documents, found.spans, bad, reason)
