"""What every writer makes of names that are paths, and of texts and labels that are formulas."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from engine import formats, tasks
from engine.corpus.exporting import export
from engine.formats.common import formulas
from engine.formats.common.shape import Shape
from storage.types import Document, Span, Split, Status

PATHS = [
    *("../../evil", "..\\..\\evil", "/etc/passwd", "C:\\evil", "\\\\host\\share\\evil", "CON"),
    *("nul.txt", "..", ".", "a/../../b", "~/evil", "data2/../x", "evil:stream", "end. ", "-rf"),
]
FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1+1"]
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
TASKS = ("spans", "classes", "pairs")
ALL = [(task, each.name) for task in TASKS for each in formats.writers(Shape.of(tasks.get(task)))]


def documents(task: str) -> list[Document]:
    whole, named = task != "spans", [*PATHS, *FORMULAS]
    labels = ["match", "no match"] if task == "pairs" else named
    return [
        Document(
            f"{name} text",
            tokens=() if whole else ((0, len(name)), (len(name) + 1, len(name) + 5)),
            second_text=f"{name} second" if task == "pairs" else None,
            spans=(Span(0, 0 if whole else len(name), labels[n % len(labels)]),),
            split=list(Split)[n % 3],
            status=Status.DONE,
            name=name,
            group=name,
        )
        for n, name in enumerate(named)
    ]


def written(task: str, name: str) -> tuple[str, bytes]:
    made = export(documents(task), name, task=task)
    return made.extension, made.data()


@pytest.mark.parametrize(("task", "name"), ALL)
def test_no_name_becomes_a_path_and_no_cell_a_formula(task: str, name: str) -> None:
    extension, data = written(task, name)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert [each for each in archive.namelist() if leads_out(each)] == []
            assert not any(b"<f>" in archive.read(each) for each in archive.namelist())
    elif extension in (".csv", ".tsv"):
        rows = csv.reader(
            io.StringIO(data.decode("utf-8-sig"), newline=""),
            delimiter="\t" if extension == ".tsv" else ",",
        )
        assert [cell for row in rows for cell in row if formulas.is_formula(cell)] == []


def leads_out(member: str) -> bool:
    """Tell whether a member of an archive would be written elsewhere, or not at all, somewhere."""
    windows = PureWindowsPath(member)
    parts = PurePosixPath(member).parts
    odd = any(part.strip(". ") == "" or RESERVED.fullmatch(part) for part in parts)
    return bool(member.startswith("/") or windows.drive or "\\" in member or ":" in member or odd)
