"""Sides measured by turns, each in a process that stays: a round of one, a round of the other.

What else runs, the processor's clock and its heat change from second to second. Rounds that
follow each other share most of that, so their ratio is told round by round: the median forgets
the rounds that something fell into, and the quartiles say how much did.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, redirect_stdout

from tests.benchmarks.parts.measuring import ROOT

Action = Callable[[], dict]


def take(module: str, jobs: Mapping[str, dict], rounds: int) -> dict[str, list[dict]]:
    """Let each job's side do its rounds in turn; the first is a warm-up that nobody counts."""
    found: dict[str, list[dict]] = {name: [] for name in jobs}
    with ExitStack() as stack:
        sides = {name: stack.enter_context(_start(module, job)) for name, job in jobs.items()}
        for number in range(rounds + 1):
            for name in sorted(sides, reverse=number % 2 == 1):
                row = _turn(sides[name], name)
                if number:
                    found[name].append(row)
    return found


def serve(prepare: Callable[[dict], Action]) -> None:
    """Do a side's rounds, one for each line that comes; only what was found goes to stdout."""
    told = sys.stdout
    with redirect_stdout(sys.stderr):
        action = prepare(json.loads(sys.stdin.readline()))
        for _ in sys.stdin:
            print(json.dumps(action()), file=told, flush=True)


def medians(rows: Sequence[dict]) -> dict[str, float]:
    """Return the median of every number that the rounds have."""
    return {name: statistics.median(row[name] for row in rows) for name in rows[0]}


def ratio(ours: Sequence[dict], peer: Sequence[dict], key: str) -> dict[str, float]:
    """Return the median and the quartiles of the rounds' ratios."""
    found = [one[key] / other[key] for one, other in zip(ours, peer, strict=True)]
    if len(found) < 2:
        return {"median": found[0], "low": found[0], "high": found[0]}
    low, _, high = statistics.quantiles(found, n=4, method="inclusive")
    return {"median": statistics.median(found), "low": low, "high": high}


def _start(module: str, job: dict) -> subprocess.Popen[str]:
    command, pipe = [sys.executable, "-m", module, "--turns"], subprocess.PIPE
    side = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    _send(side, json.dumps(job))
    return side


def _turn(side: subprocess.Popen[str], name: str) -> dict:
    _send(side, "")
    assert side.stdout
    line = side.stdout.readline()
    if not line:
        sys.exit(f"The part {name!r} of the benchmark failed; see above.")
    return json.loads(line)


def _send(side: subprocess.Popen[str], line: str) -> None:
    assert side.stdin
    side.stdin.write(f"{line}\n")
    side.stdin.flush()
