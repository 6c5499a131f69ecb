"""Our prediction against the ``transformers`` token-classification pipeline.

    python -m tests.benchmarks.prediction [FILE …] [--model RUN_FOLDER] [--rounds N] [--json]

Both label the same sentences with the same model and number of threads, in processes of
their own that take turns. The time holds tokenization, the model and decoding, not loading.
The pipeline, with aggregation_strategy="first", is given the same words or the joined text,
whichever is faster, at the batch size that is fastest on a sample; all figures are shown.
Without --model a run of the bundled base on 400 sentences is trained first.

Equal output: for every word the best tag of its first piece and the probability are compared.
Entities are compared for every document. The pipeline puts them together from tags as they
are, ours come from the best valid sequence, so they may differ only where its tags are no
valid BIO sequence, or where the text is longer than a window. And with BERT's tokenizer it
takes the parts of a word between signs (a URL's) for words with tags of their own, so its
entities are compared twice: put together by its own code from one tag for each word, and as
it gives them. What none of this explains is counted as such.

What was tried (EPYC Zen 3, fp32, one thread, CPU time, 541 politics sentences, 28,558 pieces;
two other processes ran beside it, so 5 % either way is noise):

    batches of at most 2048 padded pieces, sorted by length     11.3 s   kept
    … of 256, 512, 1024                                         12.1, 11.1, 11.8 s
    equally long sentences only, no mask, 512, 1024             11.5, 11.8 s
    fused QKV, in-place GELU, no dropout calls, and the last
      layer and the head for first pieces only, 256 to 2048     11.1, 11.1, 11.0, 10.9 s

So nothing but the sorted batches is kept: 92 % of a profile is the forward pass, and 81 % of
that its linear layers. For 128 rows or more these reach 71 to 94 GFLOPS alone as they are (MKL),
63 to 84 with oneDNN's prepacked weights, 72 to 94 with MKL's prepacked ones. Viterbi runs only
for documents whose argmax is not valid, which leaves the result as it was.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.configuration.settings import Settings  # noqa: E402
from engine.corpus import importing
from engine.runs import snapshot, spec  # noqa: E402
from engine.system import environment
from storage.types import Document, Split, Status  # noqa: E402
from tests.benchmarks.parts import agreement, measuring  # noqa: E402
from tests.benchmarks.parts.agreement import cut, load_pipeline  # noqa: E402
from tests.benchmarks.parts.measuring import ROOT, labels_of  # noqa: E402

MODULE = "tests.benchmarks.prediction"
SIZES = (1, 4, 8, 16, 32, 64)
SENTENCES, SAMPLED = 400, 256
CLOSE = 1e-4


def read_file(path: Path) -> list[Document]:
    """Read a CoNLL, JSONL or text file; leave out documents without words."""
    plan = importing.plan([path])
    plan.check()
    return [document for document in plan.documents_to_add if document.tokens]


def train(folder: Path, threads: int) -> Path:
    """Train a run in the folder, as the app would start it."""
    found = read_file(measuring.find_corpus()[0])[:SENTENCES]
    documents = [
        replace(document, id=number, split=Split.TRAIN, status=Status.DONE)
        for number, document in enumerate(found, start=1)
    ]
    settings = Settings(epochs=4, learning_rate=5e-4, batch_size=16, threads=threads)
    snapshot.write(folder, documents)
    spec.write(folder, spec.RunSpec(1, 1, "benchmark", labels_of(documents), "bundled", settings))
    subprocess.run([sys.executable, "-m", "engine.worker", str(folder)], cwd=ROOT, check=True)
    return folder


def clock(action: Callable[[], object], words: int) -> dict:
    """Time an action by the clock and by this process's CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = measuring.peak_mib()
    rates = {"words_per_second": words / wall, "words_per_cpu_second": words / cpu}
    return {**rates, "seconds": wall, "cpu_seconds": cpu, "peak_mib": peak}


def time_ours(job: dict, documents: list[Document]) -> dict:
    from engine.inference import pipeline

    predictor = pipeline.load(Path(job["run"]), "cpu" if job["cpu"] else "auto")
    list(predictor.stream(documents[:8]))
    words = sum(len(document.tokens) for document in documents)
    return clock(lambda: list(predictor.stream(documents)), words)


def time_pipeline(job: dict, documents: list[Document]) -> dict:
    """Time each (form, batch size) asked for; one that runs in turn is warm."""
    tagger, rows = load_pipeline(job), []
    words = sum(len(document.tokens) for document in documents)
    for form, size in job["ways"]:
        split = form == "words"
        inputs = [cut(document) if split else document.text for document in documents]
        label = partial(tagger, is_split_into_words=split, batch_size=size)
        label(inputs[:8])
        timed = clock(partial(label, inputs), words)
        rows.append({"form": form, "size": size, **timed})
    return {"rows": rows}


def measure_limit(job: dict, documents: list[Document]) -> dict:
    """Measure matrix products alone, and count those that the model must do for the text."""
    import torch

    from engine.inference import pipeline
    from engine.tasks.spans.tagging.encoding import encode

    found = pipeline.load(Path(job["run"]), "cpu")
    layers = [m for m in found.loaded.model.modules() if isinstance(m, torch.nn.Linear)]
    windows = encode(documents, found.loaded.pieces, found.labels, found.length, found.stride)
    pieces = sum(len(window.pieces) for window in windows)
    work = 2 * pieces * sum(layer.weight.numel() for layer in layers)
    widest = max(layers, key=lambda layer: layer.weight.numel())
    given, seconds = torch.randn(1024, widest.in_features), []
    with torch.inference_mode():
        for _ in range(50):
            started = time.perf_counter()
            widest(given)
            seconds.append(time.perf_counter() - started)
    peak = 2 * 1024 * widest.weight.numel() / min(seconds)
    words = sum(len(document.tokens) for document in documents)
    return {"pieces": pieces, "gflops": peak / 1e9, "words_per_second": words * peak / work}


SIDES = {
    "ours": time_ours,
    "pipeline": time_pipeline,
    "compare": agreement.compare,
    "limit": measure_limit,
}


def work(job: dict) -> dict:
    """Do a job in this process; what a parent process asks for."""
    # The peer as its users have it: its own defaults, but for the number of threads.
    measuring.set_threads(job["threads"], ours=job["side"] != "pipeline")
    documents = read_all([Path(name) for name in job["files"]], job["limit"])
    if job["side"] == "pipeline" and len(job["ways"]) > 1:
        documents = documents[:: max(1, len(documents) // SAMPLED)]
    return SIDES[job["side"]](job, documents)


def read_all(files: Sequence[Path], limit: int | None) -> list[Document]:
    """Return the files' documents without their spans."""
    found = [document for file in files for document in read_file(file)]
    return [replace(document, spans=()) for document in found[:limit]]


def run(arguments: argparse.Namespace, folder: Path) -> dict:
    """Find the pipeline's best way, let both label in turn, and compare what they found."""
    files = arguments.files or [measuring.find_corpus()[-1]]
    files = [str(path.resolve()) for path in files]
    threads = arguments.threads or environment.cores()
    model = arguments.model.resolve() if arguments.model else train(folder, threads)
    job = {"run": str(model), "files": files, "threads": threads, "limit": arguments.limit}
    job["cpu"] = arguments.cpu
    loads = [os.getloadavg()[0]]
    ways = [(form, size) for form in ("words", "text") for size in arguments.sizes]
    tried = measuring.ask(MODULE, job, side="pipeline", ways=ways)["rows"]
    best = max(tried, key=lambda row: row["words_per_second"])
    way = [(best["form"], best["size"])]
    rounds: dict[str, list[dict]] = {"ours": [], "pipeline": []}
    for number in range(arguments.rounds):
        for side in sorted(rounds, reverse=number % 2 == 1):
            found = measuring.ask(MODULE, job, side=side, ways=way)
            rounds[side].append(found["rows"][0] if side == "pipeline" else found)
            loads.append(os.getloadavg()[0])
    means = {side: measuring.summarize(rows)[0] for side, rows in rounds.items()}
    keys = ("words_per_second", "words_per_cpu_second", "peak_mib")
    documents = read_all([Path(name) for name in files], arguments.limit)
    return {
        "documents": len(documents),
        "words": sum(len(document.tokens) for document in documents),
        "threads": threads,
        "rounds": arguments.rounds,
        "tried": tried,
        "best": {"form": best["form"], "size": best["size"]},
        **means,
        "ratio": {key: means["ours"][key] / means["pipeline"][key] for key in keys},
        "limit": measuring.ask(MODULE, job, side="limit"),
        "equal": measuring.ask(MODULE, job, side="compare"),
        "load_average": loads,
    }


def show(found: dict) -> None:
    """Print the comparison as a table."""
    print(
        f"{found['documents']:,} documents, {found['words']:,} words, {found['threads']} threads, "
        f"{found['rounds']} rounds"
    )
    for form in ("words", "text"):
        rows = [row for row in found["tried"] if row["form"] == form]
        cells = " ".join(f"{row['size']}: {row['words_per_second']:,.0f}" for row in rows)
        print(f"pipeline on a sample, {form} in batches of  {cells}  words per second")
    best, limit, equal = found["best"], found["limit"], found["equal"]
    print(f"{'':<24}{'Whetstone':>12}{'pipeline':>12}{'ratio':>8}")
    titles = {
        "words_per_second": "words per second",
        "words_per_cpu_second": "words per CPU second",
        "peak_mib": "peak memory, MiB",
    }
    for key, title in titles.items():
        ours, peer, ratio = found["ours"][key], found["pipeline"][key], found["ratio"][key]
        print(f"{title:<24}{ours:>12,.0f}{peer:>12,.0f}{ratio:>8.2f}")
    print(f"the pipeline had {best['form']} in batches of {best['size']}")
    print(
        f"matrix products alone: {limit['gflops']:.0f} GFLOPS here, so at most "
        f"{limit['words_per_second']:,.0f} words per second with this model"
    )
    print(
        f"best tag of a word: {equal['same_tag']:,} of {equal['words']:,} equal, "
        f"{equal['not_given']} not given by the pipeline, probabilities within "
        f"{equal['largest_difference']:.1e} ({CLOSE:.0e} allowed); {equal['long_words']:,} words "
        "of texts longer than a window left out"
    )
    print(
        f"entities from these tags, put together by the pipeline's own code: "
        f"{equal['on_words']:,} of {equal['documents']:,} documents identical, "
        f"{equal['not_valid']} where its tags are no valid BIO sequence, "
        f"{equal['long']} longer than a window, {equal['other']} unexplained"
    )
    print(
        f"entities as it gives them: {equal['whole']:,} documents identical, in "
        f"{equal['whole_split']} more it reads one word as several, "
        f"{equal['whole_other']} unexplained"
    )
    print("load average", " ".join(f"{load:.1f}" for load in found["load_average"]))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, help="CoNLL, JSONL or text")
    parser.add_argument("--model", type=Path, help="a finished run's folder")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--limit", type=int, help="only the first documents")
    parser.add_argument("--cpu", action="store_true", help="also where there is a GPU")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        return measuring.answer(work)
    with tempfile.TemporaryDirectory() as name:
        found = run(chosen, Path(name))
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
