"""A large file is read by a process of its own: the same comes in, and the same is said."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from engine.corpus import importing
from engine.corpus.readers import apart
from engine.corpus.readers.reader import Reader
from engine.formats.common.problems import MAX_WARNINGS, Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from storage.corpus.drafting import Drafts
from storage.errors import InputError
from storage.types import Split

ROWS = [f"{n},Ada met {n} 😀,{'good' if n % 3 else 'bad'}\n" for n in range(1_200)]
HEAD = "id,text,label\n"
FILES = {
    "plain.csv": HEAD + "".join(ROWS),
    "twice.csv": HEAD + "".join(ROWS + ROWS[:2] * MAX_WARNINGS),
    "ragged.csv": HEAD + "".join(ROWS[:700] + ["1,2\n", "7, ,x\n", *ROWS[700:], 'x,"y\n']),
    "lines.jsonl": "".join(f'{{"text": "Eve {n}", "label": "L{n % 7}"}}\n' for n in range(999))
    + '{"text": "a", "text": "b"}\n{"text": NaN}\n{"text": "\\ud800"}\n{"text": "c\u2028d"}\r\n',
    "empty.jsonl": '{"text": " "}\n',
}
BYTES = {name: text.encode() for name, text in FILES.items()}
BYTES["bytes.csv"] = BYTES["plain.csv"] + "9,Zoë,x\n".encode("latin-1")


def planned(folder: Path, names, **options):
    paths = [folder / name for name in names]
    plan = importing.plan(paths, task="classes", **options)
    with_stage = list(plan.stage.placed()), plan.stage.labels, plan.stage.label_counts
    told = plan, plan.summary(), with_stage, plan.stage.repeated, plan.stage.leaking
    plan.stage.close()
    return told


@pytest.fixture
def folder(tmp_path):
    for name, content in BYTES.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.fixture
def always(monkeypatch):
    """Read files of any size apart, on a machine with one core, too."""
    monkeypatch.setattr(apart, "LEAST", 0)
    monkeypatch.setattr(apart, "cores", lambda: 2)


@pytest.mark.parametrize(
    ("names", "options"),
    [
        (("twice.csv", "ragged.csv", "lines.jsonl", "bytes.csv"), {}),
        (("ragged.csv", "lines.jsonl"), {"skip_bad": True}),
    ],
    ids=["strict", "lenient"],
)
def test_the_same_comes_in_and_the_same_is_said(folder, monkeypatch, request, names, options):
    here = planned(folder, names, **options)
    request.getfixturevalue("always")
    monkeypatch.chdir(folder)
    assert planned(Path(), names, **options) == here


def test_what_is_raised_there_is_raised_here(folder, always):
    with pytest.raises(InputError, match="Offsets are"):
        importing.plan([folder / "lines.jsonl"], options={"offsets": "ells"})


def readers():
    """Return the processes that read a file for this one; a tester has others."""
    name = "engine.corpus.readers.process"
    children = psutil.Process().children()
    # One that has ended and was not waited for says nothing.
    return [each for each in children if name in (each.as_dict(["cmdline"])["cmdline"] or ())]


@pytest.mark.long
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_nothing_is_left_of_a_process_that_ends_early(folder, always, monkeypatch, how):
    monkeypatch.setattr(importing, "_TOLD", 100)
    (folder / "long.csv").write_text(HEAD + "".join(ROWS) * 40)
    seen = []

    def stop(at):
        seen.extend(readers())
        if how == "stopped":
            raise InterruptedError("enough")
        os.kill(seen[0].pid, signal.SIGKILL)

    expected = InterruptedError if how == "stopped" else InputError
    with pytest.raises(expected, match="enough|ended from outside"):
        importing.plan([folder / "long.csv"], task="classes", progress=stop)
    assert seen
    assert not any(each.is_running() for each in seen)


def test_a_process_ends_with_whoever_started_it(folder):
    source, report = InputFile("plain.csv", folder / "plain.csv"), Problems("plain.csv")
    reader = Reader(source, "auto", Shape(whole=True), {}, report, 0, Split.TRAIN)
    process = apart.Process(reader, Drafts("classes", True))
    assert next(iter(process))
    process._connection.close()
    assert process._process.wait(20) == 1
