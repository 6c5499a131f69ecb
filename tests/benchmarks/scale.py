"""What every page asks of a PostgreSQL server, and with what that grows.

    python -m tests.benchmarks.scale [--grow documents runs annotators] [--documents 1000 10000]
        [--runs 100 1000] [--annotators 10 100] [--rounds 3] [--json]

Documents, runs and people grow one after the other, each while the two others are held at the
smallest of their sizes; one that is asked for at a single size does not grow. At the size that
the application is made for: ``--documents 10000 100000 1000000 --runs 10000 --annotators 200``.

For each size a database is filled with rows that the server makes by itself (``scaling/rows.py``),
and every page of the application is run over it in a fresh process, signed in as an admin: first
when nothing is known of the project, then three times more. Milliseconds of the quickest by the
clock and in the database, the statements, the exponent with which the time by the clock grows (0
is not at all, 1 is as the size does), and what grew faster than the size's logarithm. A server of
512 MB shared buffers, everything else as it comes; what it stored is dropped at the end.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial

import psycopg

from storage.database import settings
from storage.database.connection import Database
from storage.database.store import database
from storage.finding import warming
from tests.benchmarks.scaling import asking, rows
from tests.benchmarks.scaling.growth import DIMENSIONS, Growth, growth, plan
from tests.benchmarks.scaling.rows import Size
from tests.storage.server import Server, installed

SIZES = {"documents": (1_000, 10_000), "runs": (100, 1_000), "annotators": (10, 100)}
ROUNDS = 3
SERVER = ("shared_buffers=512MB", "max_wal_size=8GB", "wal_level=minimal", "max_wal_senders=0")


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
    return {**asdict(size), "megabytes": bytes // 2**20, "built_s": round(built), **found}


def ask(project: int, rounds: int) -> dict:
    """Ask everything of the database in use, in this process, and return the times."""
    # Of what Streamlit would tell a browser nobody listens.
    logging.getLogger("streamlit").setLevel(logging.ERROR)
    db = database()
    asking.sign_in(db, rows.FIRST)
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


def grown(found: Mapping[Size, dict], dimension: str, sizes: Sequence[Size]) -> dict[str, Growth]:
    """Return for each page and route what its time by the clock did while a dimension grew."""
    numbers = [getattr(size, dimension) for size in sizes]
    return {
        title: growth(numbers, [warm(found[size], title, "ms") for size in sizes])
        for title in found[sizes[0]]["asked"]
    }


def show(found: Mapping[Size, dict], planned: Mapping[str, Sequence[Size]]) -> None:
    for size, each in found.items():
        print(
            f"{size.documents:,} documents, {size.runs:,} runs, {size.annotators:,} people: "
            f"{each['megabytes']:,} MB stored, {each['memory_mb']:,} MB of memory "
            f"({each['memory_before_mb']:,} before)"
        )
    fast = {}
    for dimension, sizes in planned.items():
        growths = grown(found, dimension, sizes)
        _show_dimension(found, dimension, sizes, growths)
        fast[dimension] = [title for title, each in growths.items() if each.is_fast]
    for dimension, titles in fast.items():
        print(f"\nfaster than the logarithm of {dimension}: {', '.join(titles) or 'nothing'}")


def _show_dimension(
    found: Mapping[Size, dict],
    dimension: str,
    sizes: Sequence[Size],
    growths: Mapping[str, Growth],
) -> None:
    head = "".join(f"{getattr(size, dimension):>14,}" for size in sizes)
    print(f"\nmilliseconds: all / database / first\n{dimension:<24}{head}{'exponent':>10}  slowest")
    for title, each in growths.items():
        cells = "".join(_cell(found[size], title).rjust(14) for size in sizes)
        power = f"{each.exponent:.2f}" if each.exponent is not None else "-"
        last = found[sizes[-1]]["asked"][title][-1]
        slowest = f"{last['slowest_ms']:,.0f} ms of {last['statements']}: {last['slowest'][:90]}"
        print(f"{title:<24}{cells}{power + '*' * each.is_fast:>10}  {slowest}")


def _cell(found: dict, title: str) -> str:
    first = found["asked"][title][0]["ms"]
    return f"{warm(found, title, 'ms'):,.0f}/{warm(found, title, 'sql_ms'):,.0f}/{first:,.0f}"


def payload(found: Mapping[Size, dict], planned: Mapping[str, Sequence[Size]]) -> dict:
    """Return everything as JSON has it."""
    growths = {name: grown(found, name, sizes) for name, sizes in planned.items()}
    told = {
        dimension: {title: asdict(each) for title, each in of_all.items()}
        for dimension, of_all in growths.items()
    }
    return {"measured": list(found.values()), "growth": told}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--grow", choices=DIMENSIONS, nargs="+", default=DIMENSIONS)
    for name in DIMENSIONS:
        parser.add_argument(f"--{name}", type=int, nargs="+", default=SIZES[name])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--ask", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.ask is not None:
        print(json.dumps(ask(asked.ask, asked.rounds)))
        return
    planned = plan(vars(asked), asked.grow)
    with installed() as server:
        server.start(*SERVER)
        # The smallest of all is where each begins: it is measured once.
        every = dict.fromkeys(size for sizes in planned.values() for size in sizes)
        found = {size: measure(server, size, asked.rounds) for size in every}
    print(json.dumps(payload(found, planned))) if asked.json else show(found, planned)


if __name__ == "__main__":
    main()
