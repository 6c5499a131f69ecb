"""What every page asks of a PostgreSQL server, and how that grows: up to ten million documents.

    python -m tests.benchmarks.scale [--documents 10000 100000 1000000] [--runs 10000]
        [--annotators 200] [--rounds 3] [--json]

For each size a database is filled with rows that the server makes by itself (``scaling/rows.py``),
and every page of the application is run over it in a fresh process: first when nothing is known
of the project, then three times more. Milliseconds of the quickest by the clock and in the
database, the statements, and the exponent with which the time by the clock grows with documents: 0
is not at all, 1 is as the project does. A server of 512 MB shared buffers, everything else as it
comes; what it stored is dropped at the end.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psycopg

from storage.database import settings
from storage.database.connection import Database
from storage.database.store import database
from storage.finding import warming
from tests.benchmarks.scaling import asking, rows
from tests.benchmarks.scaling.rows import Size
from tests.storage.server import Server, installed

DOCUMENTS = (10_000, 100_000, 1_000_000)
ROUNDS = 3
SERVER = ("shared_buffers=512MB", "max_wal_size=8GB", "wal_level=minimal", "max_wal_senders=0")
# Below so many milliseconds a time is noise.
LEAST = 1.0


def measure(server: Server, size: Size, rounds: int) -> dict:
    """Fill a database, ask it, drop it."""
    name = f"scale_{size.documents}_{size.runs}_{size.annotators}"
    url = server.database(name)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            begun = time.perf_counter()
            db = Database.open(url)
            project = rows.build(db, url, size)
            settings.put(db, "last_project", project)
            db.close()
            built = time.perf_counter() - begun
            bytes = connection.execute("SELECT pg_database_size(%s)", [name]).fetchone()[0]
            print(f"{size}: {bytes / 2**20:,.0f} MB in {built:,.0f} s", file=sys.stderr)
            asked = [sys.executable, "-m", "tests.benchmarks.scale", "--ask", str(project)]
            asked += ["--rounds", str(rounds)]
            said = subprocess.run(
                asked, env={**os.environ, "WHETSTONE_DB": url}, stdout=subprocess.PIPE, check=True
            )
            found = json.loads(said.stdout)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    return {**vars_of(size), "megabytes": bytes // 2**20, "built_s": round(built), **found}


def vars_of(size: Size) -> dict[str, int]:
    return {"documents": size.documents, "runs": size.runs, "annotators": size.annotators}


def ask(project: int, rounds: int) -> dict:
    """Ask everything of the database in use, in this process, and return the times."""
    # Of what Streamlit would tell a browser nobody listens.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    db = database()
    listener, opened, before = asking.Listener(db), asking.Pages(), asking.memory()
    with listener.during() as warmed:
        warming.warm(db, project)
    found = {"what is kept in memory": [warmed.figures()]}
    questions = {title: partial(opened.open, *page) for title, page in asking.PAGES.items()}
    for title, question in (questions | asking.routes(db, project)).items():
        found[title] = list(_rounds(listener, question, rounds))
        told = [f"{each['ms']:,.0f}/{each['sql_ms']:,.0f}" for each in found[title]]
        print(title, *told, file=sys.stderr, flush=True)
    return {"asked": found, "memory_mb": asking.memory(), "memory_before_mb": before}


def _rounds(
    listener: asking.Listener, question: Callable[[], object], rounds: int
) -> Iterator[dict]:
    """Yield what a question takes the first time, and what it does so many times more."""
    for _ in range(rounds + 1):
        with listener.during() as asked:
            question()
        yield asked.figures()


def warm(found: dict, title: str, figure: str) -> float:
    """Return the least of the rounds but the first: what others did on the machine is not in it."""
    figures = [each[figure] for each in found["asked"][title]]
    return min(figures[1:] or figures)


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float | None:
    """Return p where a time grows as size ** p, by least squares of the logarithms."""
    points = [(math.log(s), math.log(max(t, LEAST))) for s, t in zip(sizes, times, strict=True)]
    if len(points) < 2 or max(times) <= LEAST:
        return None
    x, y = (statistics.fmean(axis) for axis in zip(*points, strict=True))
    spread = sum((a - x) ** 2 for a, _ in points)
    return sum((a - x) * (b - y) for a, b in points) / spread


def show(all_found: list[dict]) -> None:
    for found in all_found:
        print(
            f"{found['documents']:,} documents, {found['runs']:,} runs, {found['annotators']} "
            f"people: {found['megabytes']:,} MB stored, {found['memory_mb']:,} MB of memory "
            f"({found['memory_before_mb']:,} before)"
        )
    sizes = [found["documents"] for found in all_found]
    head = "".join(f"{size:>14,}" for size in sizes)
    print(f"\nmilliseconds: all / database / first\n{'':<24}{head}{'grows by':>10}  slowest")
    for title in all_found[0]["asked"]:
        times = [warm(found, title, "sql_ms") for found in all_found]
        cells = "".join(
            f"{warm(f, title, 'ms'):>5,.0f}/{t:,.0f}/{f['asked'][title][0]['ms']:,.0f}".rjust(14)
            for f, t in zip(all_found, times, strict=True)
        )
        power = exponent(sizes, [warm(found, title, "ms") for found in all_found])
        last = all_found[-1]["asked"][title][-1]
        grown = f"{power:>10.2f}" if power is not None else f"{'-':>10}"
        slowest = f"{last['slowest_ms']:,.0f} ms of {last['statements']}: {last['slowest'][:90]}"
        print(f"{title:<24}{cells}{grown}  {slowest}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=int, nargs="+", default=DOCUMENTS)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--annotators", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ask is not None:
        print(json.dumps(ask(asked.ask, asked.rounds)))
        return
    with installed() as server:
        server.start(*SERVER)
        sizes = [Size(documents, asked.runs, asked.annotators) for documents in asked.documents]
        found = [measure(server, size, asked.rounds) for size in sizes]
    print(json.dumps(found)) if asked.json else show(found)


if __name__ == "__main__":
    main()
