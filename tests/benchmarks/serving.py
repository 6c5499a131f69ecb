"""Our service beside a plain FastAPI app around the ``transformers`` pipeline, and LitServe.

    python -m tests.benchmarks.serving [FILE …] [--model RUN_FOLDER] [--seconds N] [--rounds N]
                                       [--sides ours int8 plain litserve] [--peers PYTHON] [--json]

All serve the same model on this machine; one load generator (``parts/load.py``), in a process of
its own, keeps so many clients asking, each again once it is answered: one text a request, and 100
at once. Servers take turns, round by round; figures are medians of the rounds. ``int8`` is our
service where that costs at most 0.2 points of F1 on the run's dev documents, which the first start
measures. Without --model a run of the bundled base on 400 sentences is trained first. --peers is
the Python that has fastapi and litserve, where that is not this one.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.configuration.settings import Settings  # noqa: E402
from engine.runs import snapshot, spec  # noqa: E402
from storage.types import Split, Status  # noqa: E402
from tests.benchmarks.parts import homes, measuring  # noqa: E402
from tests.benchmarks.parts.measuring import ROOT, labels_of  # noqa: E402
from tests.benchmarks.prediction import read_file  # noqa: E402

SIDES = ("ours", "int8", "plain", "litserve")
CLIENTS, MANY_CLIENTS, MANY = (1, 8, 64), (1, 8), 100
SENTENCES, DEV = 400, 200
START_SECONDS = 180.0
NAMES = ("texts_per_second", "p50_ms", "p95_ms", "p99_ms", "texts_per_cpu_second")


def train(folder: Path, seed: int = 1) -> Path:
    """Train a run in the folder, as the app would start it, with dev documents to gate int8."""
    files = measuring.find_corpus()
    train, dev = read_file(files[0])[:SENTENCES], read_file(files[min(1, len(files) - 1)])[:DEV]
    splits = [*((d, Split.TRAIN) for d in train), *((d, Split.DEV) for d in dev)]
    documents = [
        replace(document, id=number, split=split, status=Status.DONE)
        for number, (document, split) in enumerate(splits, start=1)
    ]
    settings = Settings(epochs=4, learning_rate=5e-4, batch_size=16, seed=seed)
    folder.mkdir(parents=True)
    snapshot.write(folder, documents)
    spec.write(folder, spec.RunSpec(1, 1, "benchmark", labels_of(documents), "bundled", settings))
    subprocess.run([sys.executable, "-m", "engine.worker", str(folder)], cwd=ROOT, check=True)
    return folder


@contextmanager
def serving(side: str, model: Path, peers: str, port: int) -> Iterator[int]:
    """Run a server until the block ends; yield its process's id."""
    if side in ("ours", "int8"):
        command = [sys.executable, "-m", "engine", "serve", "--run", "1", "--port", str(port)]
        command += ["--rate", "1000000", *(["--int8"] if side == "int8" else [])]
    else:
        module = f"tests.benchmarks.parts.{'lit' if side == 'litserve' else 'plain'}_served"
        command = [peers, "-m", module, str(model), str(port)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield process.pid
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """End a server and what it has started."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(port: int, process: subprocess.Popen) -> None:
    """Wait until a server answers a text."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/predict",
        json.dumps({"text": "Ada Lovelace went to Paris."}).encode(),
        {"Content-Type": "application/json"},
    )
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(request, timeout=START_SECONDS).read()
            return
        except urllib.error.HTTPError:
            raise
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None and time.monotonic() < until, "the server did not start"
            time.sleep(0.2)


def measure(server: int, port: int, bodies: Path, clients: int, texts: int, seconds: float) -> dict:
    """Load a server in a process of its own; beside the clock, see what processor time it takes."""
    job = {"port": port, "path": "/predict", "bodies": str(bodies), "clients": clients}
    job |= {"texts": texts, "seconds": seconds, "warm": min(2.0, seconds)}
    command = [sys.executable, "-m", "tests.benchmarks.parts.load", json.dumps(job)]
    before = cpu_seconds(server)
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout)
    spent = cpu_seconds(server) - before
    return {**found, "texts_per_cpu_second": found.pop("all") * texts / spent}


def cpu_seconds(server: int) -> float:
    """Return the processor time that a server and what it started have taken."""
    first = psutil.Process(server)
    times = [each.cpu_times() for each in (first, *first.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def write_bodies(folder: Path, files: Sequence[Path]) -> tuple[Path, Path]:
    """Write the requests: one text each, and many at once."""
    texts = [document.text for file in files for document in read_file(file)]
    alone, many = folder / "alone.json", folder / "many.json"
    alone.write_text(json.dumps([{"text": text} for text in texts]), encoding="utf-8")
    groups = [texts[at : at + MANY] for at in range(0, len(texts) - MANY + 1, MANY)]
    many.write_text(json.dumps([{"texts": group} for group in groups]), encoding="utf-8")
    return alone, many


def run(arguments: argparse.Namespace, folder: Path) -> dict:
    """Let all servers take turns and return the medians of their rounds."""
    files = arguments.files or [measuring.find_corpus()[-1]]
    model = arguments.model.resolve() if arguments.model else train(folder / "run")
    homes.furnish(folder / "home", [model])
    alone, many = write_bodies(folder, files)
    loads = [os.getloadavg()[0]]
    rounds: dict[str, list[dict]] = {side: [] for side in arguments.sides}
    for _ in range(arguments.rounds):
        for side in arguments.sides:
            port = free_port()
            with serving(side, model, arguments.peers, port) as server:
                found = {
                    f"{clients}": measure(server, port, alone, clients, 1, arguments.seconds)
                    for clients in arguments.clients
                }
                for clients in MANY_CLIENTS if arguments.many else ():
                    key = f"{clients} × {MANY}"
                    found[key] = measure(server, port, many, clients, MANY, arguments.seconds)
            rounds[side].append(found)
    loads.append(os.getloadavg()[0])
    medians = {side: middle(found) for side, found in rounds.items()}
    return {
        "machine": measuring.describe_machine(),
        "rounds": arguments.rounds,
        "seconds": arguments.seconds,
        "sides": medians,
        "load_average": loads,
    }


def middle(rounds: Sequence[dict]) -> dict:
    """Return the medians of the rounds' figures."""
    return {
        key: {name: statistics.median(r[key][name] for r in rounds) for name in rounds[0][key]}
        for key in rounds[0]
    }


def free_port() -> int:
    """Return a port that nobody listens on."""
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def show(found: dict) -> None:
    """Print the comparison as a table."""
    measuring.show_machine(found["machine"], found["load_average"])
    sides = found["sides"]
    titles = "texts/s", "p50 ms", "p95 ms", "p99 ms", "texts/CPU s"
    print(f"{'clients':<10}{'server':<10}" + "".join(f"{title:>12}" for title in titles))
    for key in next(iter(sides.values())):
        for side, rows in sides.items():
            row = rows[key]
            plain = sides.get("plain", {}).get(key, {}).get("texts_per_second")
            ratio = f"   {row['texts_per_second'] / plain:.2f} × plain" if plain else ""
            bad = "".join(f"  {row[n]:.0f} {n}" for n in ("refused", "broken") if row[n])
            cells = "".join(f"{row[name]:>12.1f}" for name in NAMES)
            print(f"{key:<10}{side:<10}{cells}{ratio}{bad}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="CoNLL, JSONL or text")
    parser.add_argument("--model", type=Path, help="a finished run's folder")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=SIDES)
    parser.add_argument("--clients", nargs="+", type=int, default=CLIENTS)
    parser.add_argument("--one-text", dest="many", action="store_false", help="no 100 at once")
    parser.add_argument("--peers", default=sys.executable, help="a Python with the other servers")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        found = run(chosen, Path(name))
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
