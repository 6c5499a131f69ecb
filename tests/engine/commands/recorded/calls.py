"""Calls of all commands, one after the other in one home, and what each of them answers.

The home is that of version 0.4 in ``tests/fixtures/homes``: run 1 trained, 2 was cancelled, 3
made suggestions, 4 searched for settings, 5 failed, 6 waits. Beside it lies a tiny base model.
"""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

TRAVEL = ("--project", "Travel 旅行")
NEW = ("--project", "new")
TINY = (*TRAVEL, "--base", "HERE/base", "--seed", "1", "--device", "cpu", "--set", "threads=1")
GOLD = (
    "Ada B-PER|Lovelace I-PER|saw O|Ulm B-LOC||Nobody O|came O||"
    "Kurt B-PER|left O|New B-LOC|York I-LOC|. O|"
)
# A border, a spurious one, another label, a missed one.
PREDICTED = (
    "Ada B-PER|Lovelace O|saw O|Ulm B-LOC||Nobody O|came B-LOC||Kurt B-LOC|left O|New O|York O|. O|"
)
EMMY = {"text": "Emmy taught 数学 in 東京 .", "label": [[0, 4, "PER"], [18, 20, "LOC"]]}
FILES = {
    "gold.conll": GOLD.replace("|", "\n"),
    "predicted.conll": PREDICTED.replace("|", "\n"),
    "other.conll": "Else O\n",
    "bad.conll": "Ada B-PER\nsaw O O O\n\nUlm B-LOC\nand X-LOC\n\nBob B-PER\n",
    "doccano.jsonl": f"{json.dumps(EMMY)}\n" + '{"text": "Nothing .", "label": []}\n',
    "table.csv": 'text,split\nGrace flew,train\n"Alan, too",test\n',
    "notes.txt": "Ada Lovelace went to Paris yesterday .\nNothing happened at all today .\n",
}


@dataclass(frozen=True)
class Call:
    """One call; ``values``: whether every value must be the same again, or only keys and types.

    ``output`` names a file that it writes, whose text is recorded, too.
    """

    arguments: tuple[str, ...]
    values: bool = True
    output: str = ""

    @property
    def name(self) -> str:
        return " ".join(self.arguments)


def call(*arguments: str, output: str = "") -> Call:
    return Call(arguments, output=output)


def varies(*arguments: str) -> Call:
    """Make a call whose answer has times, new names or numbers that were learned."""
    return Call(arguments, values=False)


# First of all where something is trained: the queue is served in its order.
CANCEL = varies("cancel", "6")
READING = (
    call("runs"),
    *(call("report", "1", "--split", s, "--level", level) for s in ("dev", "test")
      for level in ("entity", "token")),
    call("report", "1"),
    varies("report", "3"),
    varies("report", "4"),
    varies("report", "5"),
    varies("report", "99"),
    varies("report", "one"),
    varies("report", "1", "--level", "word"),
    call("train", "--resume", "1"),
    call("train", "--resume", "4"),
    call("train", "--resume", "3"),
    call("export", *TRAVEL, "all.conll", output="all.conll"),
    call("export", *TRAVEL, "test.jsonl", "--format", "doccano", "--split", "test",
         output="test.jsonl"),
    varies("export", "--project", "none", "none.conll"),
    call("score", "gold.conll", "predicted.conll"),
    varies("score", "gold.conll", "other.conll"),
    varies("predict", "1", "notes.txt", "notes.jsonl"),
    varies("predict", "1", "notes.txt", "notes.pdf"),
    varies("predict", "4", "notes.txt", "notes.conll"),
    varies("cancel", "1"),
    CANCEL,
)  # fmt: skip
WRITING = (
    call("import", "gold.conll", *NEW, "--dry-run"),
    call("import", "gold.conll", *NEW, "--split", "train"),
    varies("import", "gold.conll", *NEW),
    call("import", "gold.conll", *NEW, "--allow-duplicates", "--dry-run"),
    call("import", "doccano.jsonl", *NEW, "--format", "doccano"),
    call("import", "table.csv", *NEW, "--text-column", "text", "--split-column", "split"),
    call("import", "notes.txt", *NEW, "--by", "paragraph", "--split", "dev"),
    varies("import", "bad.conll", *NEW),
    call("import", "bad.conll", *NEW, "--dry-run"),
    call("import", "bad.conll", *NEW, "--skip-bad"),
    varies("import", "none.conll", *NEW),
    call("export", *NEW, "new.jsonl", "--format", "doccano", output="new.jsonl"),
    varies("train"),
    varies("train", *TINY, "--set", "speed=2"),
    varies("train", "--resume", "1", "--epochs", "3"),
    varies("suggest", "--project", "none"),
    varies("search", *TINY),
    varies("nonsense"),
    varies("backup"),
    varies("backup", "--list"),
    varies("restore"),
    varies("restore", "--yes"),
    varies("restore", "--anew"),
)
TRAINING = (varies("train", *TINY, "--epochs", "1", "--seeds", "2"),)
LONG = (
    varies("suggest", *TRAVEL, "--run", "1"),
    varies("search", *TINY, "--trials", "1", "--set", "epochs=1"),
)

# Commands that came after the version whose answers are recorded: nothing of before is to be kept.
NEWER = frozenset(
    {"monitor", "compare", "curve", "health", "match", "suspects", "users", "archive", "unarchive"}
    | {"duplicates", "labels", "coach", "zero-shot", "notebook", "guideline", "card", "agreement"}
    | {"threads", "ledger", "promote", "rollback", "versions", "serve", "runner", "machines"}
    | {"export-model"}
)


def prepare() -> None:
    """Write the files that the calls read into the current folder."""
    for name, text in FILES.items():
        Path(name).write_text(text, encoding="utf-8")


def answer(asked: Call) -> dict:
    """Make a call in the current folder, where the home is, and return what it answers."""
    here = str(Path.cwd())
    code, out = ask(*(part.replace("HERE", here) for part in asked.arguments))
    assert out.count("\n") == 1, f"{asked.name}: exactly one line with one JSON object"
    # Where this happens to be is no part of an answer.
    found = {"code": code, "answer": json.loads(out.replace(here, "HERE"))}
    if asked.output:
        found["output"] = Path(asked.output).read_text(encoding="utf-8")
    return found


def ask(*arguments: str) -> tuple[int, str]:
    """Run ``python -m engine … --json`` in this process; return its exit code and output."""
    out, argv = io.StringIO(), ["engine", *arguments, "--json"]
    with contextlib.redirect_stdout(out), mock.patch.object(sys, "argv", argv):
        try:
            runpy.run_module("engine", run_name="__main__", alter_sys=False)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()
    raise AssertionError("python -m engine did not exit")
