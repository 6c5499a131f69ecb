"""Mixed load on the service while it is promoted to, rolled back, killed and asked nonsense.

    python -m tests.benchmarks.soak [--minutes 15] [--clients 8] [--models RUN RUN] [--json]

Clients ask without pause: one text, several, a hundred; a tenth of all requests is malformed. On
the way a second run is promoted, rolled back, and the service is killed (-9) in between. What must
hold: every request is answered (with what it asked, or, malformed, with its refusal), each answer
is what the model of the run named in it says, and the memory of the service and its model's
process is at the end within 5 % of what it was once all of that had happened. Without --models two
runs of the bundled base are trained first.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.serving import promoting  # noqa: E402
from engine.serving.client import Client, ServiceError  # noqa: E402
from storage.database.connection import Database  # noqa: E402
from storage.types import Document, Stage  # noqa: E402
from tests.benchmarks import serving  # noqa: E402
from tests.benchmarks.parts import homes, measuring  # noqa: E402
from tests.benchmarks.prediction import read_file  # noqa: E402

SERVICE, WORKER = "engine.serving.running.service", "engine.serving.models.worker"
TEXTS, MALFORMED = 300, 0.1
CLOSE = 1e-4
# When of all the time something happens; from then on memory is held against what it was at first.
EVENTS = {"promote": 0.08, "kill": 0.16, "rollback": 0.24, "kill the model": 0.32}
# Which run must answer by then: on a busy machine a model is still loaded.
ANSWERING = {"kill": 2, "kill the model": 1}
FIRST, LAST = (0.45, 0.55), (0.9, 1.0)
WRONG: tuple[Any, ...] = (
    *({}, {"text": ""}, {"text": 1}, {"texts": []}, {"text": "a\0b"}, {"txt": "a"}, []),
    *({"text": "x" * 200_000}, {"text": "a", "offsets": "bytes"}, {"texts": ["a", None]}),
)
Known = dict[int, dict[str, list[tuple]]]


@dataclass
class Seen:
    """What the clients saw; each adds to it under the lock."""

    answered: Counter = field(default_factory=Counter)
    texts: Counter = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    run: int = 0
    """Which run answered last."""
    lock: threading.Lock = field(default_factory=threading.Lock)


def say(folder: Path, texts: Sequence[str]) -> dict[str, list[tuple]]:
    """Return what a run's model says of each text."""
    from engine.inference.pipeline import predict

    found = predict(folder, [Document(text) for text in texts])
    return {d.text: [(s.start, s.end, s.label, s.score) for s in d.spans] for d in found}


def ask(url: str, texts: Sequence[str], known: Known, seen: Seen, ended: threading.Event) -> None:
    """Ask without pause until it has ended."""
    client, choose = Client(url, timeout=300, patience=300), random.Random(threading.get_ident())
    while not ended.is_set():
        wrong = choose.random() < MALFORMED
        count = choose.choice((1, 1, 1, 1, 5, 20, 100))
        chosen = [choose.choice(texts) for _ in range(count)]
        request = choose.choice(WRONG) if wrong else {"texts": chosen}
        started = time.monotonic()
        try:
            answer = client.ask(request)
        except ServiceError as error:
            with seen.lock:
                seen.answered[error.status] += 1
                if not (wrong and 400 <= error.status < 500 and error.status != 429):
                    seen.unanswered.append(f"{error.status} {error} ({str(request)[:80]})")
            continue
        with seen.lock:
            seen.answered[200] += 1
            seen.seconds.append(time.monotonic() - started)
            seen.run = answer["model"]["run"]
            seen.texts[seen.run] += count
            seen.wrong += compare(answer, chosen, known) if not wrong else [f"took {request}"]


def compare(answer: dict, texts: Sequence[str], known: Known) -> list[str]:
    """Return what is not as the model says that is named."""
    told = known[answer["model"]["run"]]
    return [
        f"run {answer['model']['run']}: {text!r}: {result}"
        for text, result in zip(texts, answer["results"], strict=True)
        if not same(told[text], result["spans"])
    ]


def same(known: Sequence[tuple], found: Sequence[dict]) -> bool:
    """Tell whether spans are the same, and their scores nearly."""
    return len(known) == len(found) and all(
        (start, end, label) == (span["start"], span["end"], span["label"])
        and abs(score - span["score"]) <= CLOSE
        for (start, end, label, score), span in zip(known, found, strict=True)
    )


def below(pid: int, module: str) -> list[psutil.Process]:
    """Return the processes below one that run a module, the oldest first."""
    found = []
    for each in psutil.Process(pid).children(recursive=True):
        try:
            found += [each] if module in each.cmdline() else []
        except psutil.Error:
            # It has just ended.
            continue
    return sorted(found, key=lambda each: each.create_time())


def memory(pid: int) -> float | None:
    """Return the MiB of the service and its model's process; None while there are not two."""
    found = [*below(pid, SERVICE), *below(pid, WORKER)]
    try:
        return sum(each.memory_info().rss for each in found) / 2**20 if len(found) == 2 else None
    except psutil.Error:
        return None


def happen(event: str, pid: int, runs: Sequence[int]) -> None:
    """Let something happen to the service."""
    if event.startswith("kill"):
        below(pid, SERVICE if event == "kill" else WORKER)[-1].kill()
        return
    db = Database.open()
    try:
        if event == "promote":
            promoting.promote(db, runs[1], Stage.LIVE)
        else:
            promoting.rollback(db, 1)
    finally:
        db.close()


def watch(pid: int, seconds: float, runs: Sequence[int], seen: Seen) -> list[tuple[float, float]]:
    """Let everything happen in its time; return moments with the memory then."""
    started, left, used = time.monotonic(), list(EVENTS), []
    while (now := time.monotonic() - started) < seconds:
        if left and now >= EVENTS[left[0]] * seconds and is_ready(left[0], seen):
            happen(left.pop(0), pid, runs)
        if (mib := memory(pid)) is not None:
            used.append((now / seconds, mib))
        time.sleep(min(1.0, seconds / 60))
    seen.unanswered += [f"did not happen in time: {event}" for event in left]
    return used


def is_ready(event: str, seen: Seen) -> bool:
    """Tell whether the run answers that is to be interrupted."""
    return ANSWERING.get(event, seen.run) == seen.run


def growth(seen: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Compare the memory after all has happened with that of the last tenth."""
    before, after = (
        statistics.median([used for at, used in seen if since <= at <= until] or [float("nan")])
        for since, until in (FIRST, LAST)
    )
    return {"before_mib": before, "after_mib": after, "percent": 100 * (after / before - 1)}


def soak(folders: Sequence[Path], home: Path, texts: Sequence[str], seconds: float, clients: int):
    """Load the service for so long; return what was seen."""
    runs = homes.furnish(home, folders)
    known: Known = {n: say(folder, texts) for n, folder in enumerate(folders, start=1)}
    db = Database.open()
    promoting.promote(db, runs[0], Stage.LIVE)
    db.close()
    port, seen, ended = serving.free_port(), Seen(), threading.Event()
    command = [sys.executable, "-m", "engine", "serve", "--project", homes.PROJECT]
    command += ["--port", str(port)]
    process = subprocess.Popen(
        command, cwd=measuring.ROOT, stdout=subprocess.DEVNULL, start_new_session=True
    )
    url = f"http://127.0.0.1:{port}"
    try:
        serving.wait_for(port, process)
        threads = [
            threading.Thread(target=ask, args=(url, texts, known, seen, ended))
            for _ in range(clients)
        ]
        for thread in threads:
            thread.start()
        used = watch(process.pid, seconds, runs, seen)
        ended.set()
        for thread in threads:
            thread.join()
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    finally:
        ended.set()
        if process.poll() is None:
            serving.end(process)
    return {
        "seconds": seconds,
        "clients": clients,
        "requests": sum(seen.answered.values()),
        "statuses": {str(status): count for status, count in sorted(seen.answered.items())},
        "texts_by_run": dict(seen.texts),
        "unanswered": seen.unanswered[:20],
        "wrong": seen.wrong[:20],
        "slowest_seconds": max(seen.seconds, default=0.0),
        "memory": growth(used),
        "exit_code": code,
    }


def run(arguments: argparse.Namespace, folder: Path) -> dict:
    """Make what is needed and soak it."""
    first = serving.train(folder / "1") if not arguments.models else arguments.models[0]
    second = arguments.models[1] if arguments.models else serving.train(folder / "2", seed=2)
    texts = [d.text for d in read_file(measuring.find_corpus()[-1])][:TEXTS]
    loads = [os.getloadavg()[0]]
    seconds = 60 * arguments.minutes
    found = soak([first, second], folder / "home", texts, seconds, arguments.clients)
    return {**found, "load_average": [*loads, os.getloadavg()[0]]}


def show(found: dict) -> None:
    """Print what was seen."""
    used = found["memory"]
    print(
        f"{found['seconds']:,.0f} s, {found['clients']} clients: {found['requests']:,} requests, "
        f"by status {found['statuses']}, texts by run {found['texts_by_run']}"
    )
    print(
        f"unanswered {len(found['unanswered'])}, wrong {len(found['wrong'])}, the slowest answer "
        f"{found['slowest_seconds']:.1f} s, exit code {found['exit_code']}"
    )
    print(
        f"memory {used['before_mib']:,.0f} MiB before, {used['after_mib']:,.0f} MiB after "
        f"({used['percent']:+.1f} %)"
    )
    for line in (*found["unanswered"], *found["wrong"]):
        print("  ", line[:200])
    print("load average", " ".join(f"{load:.1f}" for load in found["load_average"]))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--models", type=Path, nargs=2, help="two finished runs' folders")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        found = run(chosen, Path(name))
    print(json.dumps(found)) if chosen.json else show(found)
    if found["unanswered"] or found["wrong"] or found["exit_code"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
