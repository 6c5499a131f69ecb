"""How fast a million documents come in and go out, and how much memory and disk that takes.

    python -m tests.benchmarks.files [--documents N …] [--formats csv jsonl] [--json]

Writes a file of short texts (five to twenty words, a label each; in JSON Lines a span), then runs
the command line as a person does, each part in a process of its own: ``import`` (a dry run into
the stage, then one transaction), ``export`` (written, then read back and compared), and beside
them what pandas takes to read the same file into memory. Times are by the clock and by CPU, memory
is the largest resident size of the process and its children.

Several ``--documents`` tell whether memory grows with the file. ``--home FOLDER`` keeps the last
home, for ``in_use``.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GOAL_RATE, GOAL_MB = 20_000, 400
LABELS = ("praise", "complaint", "question", "other")
_SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
_PANDAS = (
    "import sys, pandas; path = sys.argv[1]\n"
    "print(len(pandas.read_csv(path) if path.endswith('.csv') "
    "else pandas.read_json(path, lines=True)))"
)


@dataclass(frozen=True)
class Part:
    """What one process took."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: int


@dataclass(frozen=True)
class Result:
    """One format at one size; ``ratio`` is the import's time by that of pandas' plain read."""

    format: str
    documents: int
    file_mb: float
    database_mb: float
    parts: tuple[Part, ...]

    def rate(self, name: str) -> float:
        """Return documents a second of one part."""
        return self.documents / self._part(name).seconds

    def ratio(self) -> float:
        return self._part("import").seconds / self._part("pandas").seconds

    def _part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)


def texts(count: int, seed: int = 13) -> Iterator[str]:
    """Yield texts of five to twenty invented words, hardly one of them twice."""
    drawing = random.Random(seed)
    words = ["".join(drawing.choices(_SYLLABLES, k=drawing.randint(1, 4))) for _ in range(20_000)]
    for _ in range(count):
        yield " ".join(drawing.choices(words, k=drawing.randint(5, 20))).capitalize() + "."


def write_csv(path: Path, count: int) -> None:
    drawing = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "text", "label", "source"])
        for number, text in enumerate(texts(count)):
            rows.writerow([number, text, drawing.choice(LABELS), "web"])


def write_jsonl(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(texts(count)):
            spans = [[0, text.index(" "), "NAME"]] if number % 2 else []
            file.write(json.dumps({"id": number, "text": text, "label": spans}) + "\n")


WRITERS: dict[str, tuple[str, Callable[[Path, int], None], Sequence[str]]] = {
    "csv": ("c.csv", write_csv, ["--task", "classes"]),
    "jsonl": ("j.jsonl", write_jsonl, []),
}


def run(name: str, command: Sequence[str], home: Path) -> Part:
    """Run a command to its end and measure it; raise RuntimeError where it fails."""
    environment = {**os.environ, "WHETSTONE_HOME": str(home)}
    begin = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=said, stderr=said
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{name}: {said.read().decode(errors='replace')[-2_000:]}")
    seconds = time.perf_counter() - begin
    # Linux counts in kilobytes, macOS in bytes.
    size = usage.ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)
    return Part(name, seconds, usage.ru_utime + usage.ru_stime, size)


def measure(format: str, count: int, folder: Path) -> Result:
    """Import and export a file of one format, in a home of its own."""
    name, write, options = WRITERS[format]
    path, home = folder / name, folder / "home"
    shutil.rmtree(home, ignore_errors=True)
    write(path, count)
    whetstone = ["-m", "engine"]
    imported = run("import", [*whetstone, "import", str(path), "--project", "P", *options], home)
    database = sum(each.stat().st_size for each in home.glob("whetstone.db*"))
    out = folder / f"out-{name}"
    export = [*whetstone, "export", "--project", "P", str(out)]
    export += [] if format == "csv" else ["--format", "doccano"]
    exported = run("export", export, home)
    pandas = run("pandas", ["-c", _PANDAS, str(path)], home)
    size = path.stat().st_size
    out.unlink()
    path.unlink()
    return Result(format, count, size / 1e6, database / 1e6, (imported, exported, pandas))


def table(results: Sequence[Result]) -> str:
    """Write the figures for people."""
    lines = ["format   documents  part      docs/s   seconds   CPU s   peak MB"]
    for result in results:
        for part in result.parts:
            lines.append(
                f"{result.format:7} {result.documents:10,}  {part.name:8}"
                f"{result.rate(part.name):8,.0f} {part.seconds:9.1f} {part.cpu_seconds:7.1f} "
                f"{part.peak_mb:9,}"
            )
        lines.append(
            f"        file {result.file_mb:,.0f} MB, database {result.database_mb:,.0f} MB; the "
            f"import takes {result.ratio():.1f} times as long as pandas' plain read"
        )
    return "\n".join([*lines, f"Goals: {GOAL_RATE:,} documents a second in, {GOAL_MB} MB."])


@contextmanager
def working_folder(kept: Path | None) -> Iterator[Path]:
    """Yield a folder for files and home; it is removed unless it is asked for."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--formats", nargs="+", choices=list(WRITERS), default=list(WRITERS))
    parser.add_argument("--home", type=Path, help="a folder that keeps the last home as home/")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    loads = [os.getloadavg()]
    with working_folder(asked.home) as folder:
        results = [measure(f, count, folder) for count in asked.documents for f in asked.formats]
    loads.append(os.getloadavg())
    if asked.json:
        said = [{**asdict(each), "ratio": each.ratio()} for each in results]
        print(json.dumps({"results": said, "load": loads}))
    else:
        print(table(results))
        print("Load averages before and after:", *loads)


if __name__ == "__main__":
    main()
