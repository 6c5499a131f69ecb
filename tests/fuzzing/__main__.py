"""Fuzz readers one after the other, each for some seconds, and say what was found."""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.engine.formats.test_fuzzing import READERS
from tests.fuzzing.inputs import packing, seeds

# In seconds: an input that takes longer is as bad as a crash. In bytes: longer ones find no more.
MOST_SECONDS, MOST_BYTES, MOST_MB = 10, 20_000, 2_048
NAMES = [f"{task}/{name}" for task, name in READERS]


@dataclass(frozen=True)
class Outcome:
    """What came of a reader: how many files it was given, and what it said at the end."""

    reader: str
    runs: int
    branches: int
    slowest: int
    """The seconds that its slowest input took."""
    failed: bool
    said: str


def main(argv: list[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed, so nothing was fuzzed: pip install atheris.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        outcomes = [
            _told(run(each, options.seconds, options.keep or Path(folder)))
            for each in options.readers
        ]
    failed = [each for each in outcomes if each.failed]
    runs = sum(each.runs for each in outcomes)
    print(f"{runs:,} files to {len(outcomes)} readers; {len(failed)} of these failed.")
    for each in failed:
        print(f"\n{each.reader}:\n{each.said}")
    return bool(failed)


def run(reader: str, seconds: int, folder: Path) -> Outcome:
    """Fuzz one reader; its corpus, and the input that it failed at, stay in the folder."""
    corpus, crashes = folder / reader / "corpus", folder / reader / "crashes"
    for each in (corpus, crashes):
        each.mkdir(parents=True, exist_ok=True)
    for number, file in enumerate(seeds(*reader.split("/"))):
        (corpus / f"seed-{number}").write_bytes(packing(file).unpack(file))
    limits = {"max_total_time": seconds, "timeout": MOST_SECONDS, "max_len": MOST_BYTES}
    flags = {**limits, "rss_limit_mb": MOST_MB, "artifact_prefix": f"{crashes}/", "seed": 13}
    written = [f"-{name}={value}" for name, value in flags.items()]
    command = [sys.executable, "-m", "tests.fuzzing.reader", reader, str(corpus)]
    end = ["-print_final_stats=1"]
    done = subprocess.run(
        [*command, *written, *end], capture_output=True, text=True, errors="replace"
    )
    return _outcome(reader, done)


def _outcome(reader: str, done: subprocess.CompletedProcess[str]) -> Outcome:
    def stated(pattern: str) -> int:
        return int((re.findall(pattern, done.stderr) or ["0"])[-1])

    runs = stated(r"stat::number_of_executed_units: *(\d+)")
    slowest = stated(r"stat::slowest_unit_time_sec: *(\d+)")
    said = (done.stdout + done.stderr)[-4_000:]
    return Outcome(reader, runs, stated(r"cov: (\d+)"), slowest, done.returncode != 0, said)


def _told(found: Outcome) -> Outcome:
    verdict = "FAILED" if found.failed else "survived"
    line = f"{found.reader:<28}{found.runs:>9,} files {found.branches:>6,} branches"
    print(f"{line}  slowest {found.slowest} s  {verdict}", flush=True)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("--readers", nargs="+", choices=NAMES, default=NAMES, metavar="TASK/FORMAT")
    parser.add_argument("--seconds", type=int, default=10, help="for each reader (10)")
    parser.add_argument("--keep", type=Path, help="keep inputs that found something in this folder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
