"""Our prediction against the ``transformers`` token-classification pipeline.

    python -m tests.benchmarks.prediction [FILE …] [--model RUN_FOLDER] [--rounds N] [--json]

All label the same sentences with the same model and number of threads, in processes of their
own that take turns, round by round (see ``parts/turns.py``): ours in float32 and in int8, and the
pipeline. A round holds tokenization, the model and decoding, not loading. The pipeline, with
aggregation_strategy="first", is given the same words or the joined text, whichever is faster, at
the batch size that is fastest on a sample; all figures are shown. Ratios are medians of the
rounds' own ratios, quartiles beside them: by the clock, and by CPU seconds, which other processes
disturb less. Without --model a run of the bundled base on 400 sentences is trained first.

Equal output: for every word the best tag of its first piece and the probability are compared.
Entities are compared for every document. The pipeline puts them together from tags as they
are, ours come from the best valid sequence, so they may differ only where its tags are no
valid BIO sequence, or where the text is longer than a window. And with BERT's tokenizer it
takes the parts of a word between signs (a URL's) for words with tags of their own, so its
entities are compared twice: put together by its own code from one tag for each word, and as
it gives them. What none of this explains is counted as such.

What was tried last (EPYC Zen 4 with AVX-512, one thread, GFLOPS of products of 128 to 2048 rows
with the bundled encoder's matrices, the other core idle):

    torch's linear layers (MKL), float32                 68 to 104, mostly 97
    MKL's prepacked weights                              75 to 102
    oneDNN's prepacked weights                           95 to 113, mostly 107   kept
    … with GELU in the kernel                            90 to 110               kept
    … with the residual added in the kernel              27 to 55
    oneDNN in bf16                                       198 to 226: scores not equal
    fbgemm in int8, one scale a batch                    278 to 382
    oneDNN in int8, one scale a row                      310 to 441              kept

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
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.configuration.settings import Settings  # noqa: E402
from engine.corpus import importing
from engine.runs import snapshot, spec  # noqa: E402
from engine.system import environment
from storage.types import Document, Split, Status  # noqa: E402
from tests.benchmarks.parts import agreement, measuring, ours, turns  # noqa: E402
from tests.benchmarks.parts.agreement import cut, load_pipeline  # noqa: E402
from tests.benchmarks.parts.measuring import ROOT, labels_of  # noqa: E402

MODULE = "tests.benchmarks.prediction"
SIZES = (1, 4, 8, 16, 32, 64)
SENTENCES, SAMPLED = 400, 256
CLOSE = 1e-4
TITLES = {
    "words_per_second": "words per second",
    "words_per_cpu_second": "words per CPU second",
    "peak_mib": "peak memory, MiB",
}
Tagger = Callable[..., Any]


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


def prepare(job: dict) -> turns.Action:
    """Load a side's model; return what a round of it is."""
    measuring.set_threads(job["threads"], ours=job["side"] != "pipeline")
    documents = read_all([Path(name) for name in job["files"]], job["limit"])
    words = sum(len(document.tokens) for document in documents)
    if job["side"] == "pipeline":
        ((form, size),) = job["ways"]
        return lambda: clock(label_by(load_pipeline(job), form, size, documents), words)
    predictor = ours.load(job)
    return lambda: clock(lambda: list(predictor.stream(documents)), words)


def label_by(tagger: Tagger, form: str, size: int, documents: list[Document]) -> Tagger:
    """Return how the pipeline labels the documents, given in a form and by batches of a size."""
    split = form == "words"
    inputs = [cut(document) if split else document.text for document in documents]
    return partial(tagger, inputs, is_split_into_words=split, batch_size=size)


def time_pipeline(job: dict, documents: list[Document]) -> dict:
    """Time each (form, batch size) asked for."""
    tagger, rows = load_pipeline(job), []
    words = sum(len(document.tokens) for document in documents)
    for form, size in job["ways"]:
        label_by(tagger, form, size, documents[:8])()
        timed = clock(label_by(tagger, form, size, documents), words)
        rows.append({"form": form, "size": size, **timed})
    return {"rows": rows}


SIDES = {
    "pipeline": time_pipeline,
    "compare": agreement.compare,
    "limit": ours.measure_limit,
    "loss": ours.measure_loss,
}


def work(job: dict) -> dict:
    """Do a job in this process; what a parent process asks for."""
    # The peer as its users have it: its own defaults, but for the number of threads.
    measuring.set_threads(job["threads"], ours=job["side"] != "pipeline")
    files, labelled = [Path(name) for name in job["files"]], job["side"] == "loss"
    documents = read_all(files, job["limit"], labelled)
    if job["side"] == "pipeline":
        documents = documents[:: max(1, len(documents) // SAMPLED)]
    return SIDES[job["side"]](job, documents)


def read_all(files: Sequence[Path], limit: int | None, labelled: bool = False) -> list[Document]:
    """Return the files' documents, without their spans unless they are asked for."""
    found = [document for file in files for document in read_file(file)][:limit]
    return found if labelled else [replace(document, spans=()) for document in found]


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
    jobs = {
        "ours": {**job, "side": "ours", "rounded": False},
        "int8": {**job, "side": "ours", "rounded": True},
        "pipeline": {**job, "side": "pipeline", "ways": way},
    }
    rounds = turns.take(MODULE, jobs, arguments.rounds)
    loads.append(os.getloadavg()[0])
    documents = read_all([Path(name) for name in files], arguments.limit)
    return {
        "documents": len(documents),
        "words": sum(len(document.tokens) for document in documents),
        "threads": threads,
        "rounds": arguments.rounds,
        "tried": tried,
        "best": {"form": best["form"], "size": best["size"]},
        **{side: turns.medians(rows) for side, rows in rounds.items()},
        "ratio": {
            side: {key: turns.ratio(rounds[side], rounds["pipeline"], key) for key in TITLES}
            for side in ("ours", "int8")
        },
        "loss": measuring.ask(MODULE, job, side="loss"),
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
    print(f"{'median of rounds':<24}{'pipeline':>10}{'float32':>10}{'int8':>10}")
    for key, title in TITLES.items():
        cells = "".join(f"{found[side][key]:>10,.0f}" for side in ("pipeline", "ours", "int8"))
        told = "".join(
            f"   {name} {r['median']:.2f} × ({r['low']:.2f}–{r['high']:.2f})"
            for name, r in (
                ("float32", found["ratio"]["ours"][key]),
                ("int8", found["ratio"]["int8"][key]),
            )
        )
        print(f"{title:<24}{cells}{told}")
    loss = found["loss"]
    print(
        f"F1 on these texts: {loss['float32']:.4f} in float32, {loss['int8']:.4f} in int8, "
        f"{100 * (loss['float32'] - loss['int8']):.2f} points lost"
    )
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
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--limit", type=int, help="only the first documents")
    parser.add_argument("--cpu", action="store_true", help="also where there is a GPU")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--turns", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        return measuring.answer(work)
    if chosen.turns:
        return turns.serve(prepare)
    with tempfile.TemporaryDirectory() as name:
        found = run(chosen, Path(name))
    print(json.dumps(found)) if chosen.json else show(found)


if __name__ == "__main__":
    main()
