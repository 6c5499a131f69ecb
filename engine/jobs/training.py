"""One run from its frozen data to its report: load, encode, train, score, save."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import torch

from engine.configuration import bases
from engine.encoding.examples import align
from engine.models import loading
from engine.runs import snapshot, spec
from engine.runs.spec import RunSpec
from engine.system import environment
from engine.tasks.spans import classes
from engine.tasks.spans.classes import Classes
from engine.training import checkpointing, reporting
from engine.training import distributed as groups
from engine.training import seeds as trainings
from engine.training.callbacks import Watch
from engine.training.reporting import scores_of
from engine.training.seeds import Member
from engine.training.trainer import Desk, Tuition
from storage.types import Document, Split


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Do the whole run in its folder and return the closing sentence; see ``fit``."""
    return _conclude(fit(folder, asked, watch, permit))


def _conclude(report: dict) -> str:
    """Say in one sentence how a training ended."""
    stopped = report.get("stopped_early")
    start = f"Stopped after epoch {report['epochs']} as asked. " if stopped else ""
    for split in ("test", "dev"):
        if report.get(split):
            return f"{start}F1 {report[split]['entity']['micro']['f1']:.3f} on {split}."
    return f"{start}Done; there was no dev or test document to score."


def fit(
    folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None] = lambda: None
) -> dict:
    """Do the whole run in its folder, from where an earlier attempt stopped; return the report.

    ``permit`` is asked before anything is put in place and may raise. In a group of
    processes only the leading one writes; the others return an empty report. Raises
    Cancelled when ``watch`` is asked to stop, InputError and ModelError for what a person
    can mend, TrainingError when training cannot go on.
    """
    started = time.perf_counter()
    desk = prepare(folder, asked, watch, permit)
    tuition = Tuition(desk, 1)
    findings = look(desk, tuition)
    taught, tuition = teach_all(desk, tuition)
    if not desk.group.leads:
        return {}
    best = trainings.choose(taught)
    verdicts = tuition.verdicts
    if taught[tuition.number - 1] is not best:
        tuition = Tuition(desk, 1 + taught.index(best))
        verdicts = tuition.recall()
    watch.enter("saving", seconds_left=None)
    seeds = [{**member.to_json(), "kept": member is best} for member in taught]
    report = {
        **reporting.describe(desk.asked, desk.parts, best.trained, desk.device),
        "stopped_early": any(member.trained.stopped_early for member in taught),
        "processes": desk.group.size,
        "seeds": seeds,
        "mean": reporting.summarize(seeds),
        "total_seconds": time.perf_counter() - started,
        **findings,
        "train": None,
        **{split.value: scores_of(verdicts.get(split)) for split in (Split.DEV, Split.TEST)},
    }
    tuition.save_model()
    permit()
    usage = reporting.usage(desk.asked, desk.device)
    desk.write(1 << 20, lambda: reporting.save_findings(folder, verdicts, report, usage))
    tidy(folder)
    return report


def prepare(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> Desk:
    """Choose the device, join the group, read and check the data, pin the environment."""
    device = loading.choose_device(asked.settings.device)
    group = groups.join(device)
    if group.leads:
        reporting.discard(folder)
    watch.enter("loading", device=loading.name_device(device))
    parts = divide(snapshot.read(folder))
    snapshot.check(parts[Split.TRAIN], asked.labels)
    pinned = pin(asked, watch)
    if group.leads and pinned != asked:
        permit()
        spec.write(folder, pinned)
    return Desk(folder, pinned, parts, bases.fetch(asked.base), device, group, watch, permit)


def pin(asked: RunSpec, watch: Watch) -> RunSpec:
    """Add what bit-equality needs to the specification, or say what is not as it was."""
    capability = torch.backends.cpu.get_cpu_capability()
    found = environment.describe(torch.get_num_threads(), capability)
    for sentence in environment.differences(asked.environment, found):
        watch.log(sentence)
    return asked if asked.environment else replace(asked, environment=found)


def divide(documents: Sequence[Document]) -> dict[Split, list[Document]]:
    """Group documents by split, in their order."""
    parts: dict[Split, list[Document]] = {split: [] for split in Split}
    for document in documents:
        parts[document.split or Split.TRAIN].append(document)
    return parts


def look(desk: Desk, tuition: Tuition) -> dict:
    """Say before training what cannot be learned and what the splits share; return both."""
    train, log = desk.parts[Split.TRAIN], desk.watch.log
    alignment = align(train, tuition.loaded.pieces.tokenizer)
    log(f"Training on {alignment.documents:,} documents with {alignment.tokens:,} words.")
    for reason, count in alignment.problems.items():
        if count:
            log(f"{count} of {alignment.spans} training spans are {reason}.")
    if alignment.wordless:
        log(f"{alignment.wordless} training tokens are invisible to the base model.")
    known = {document.text for document in train}
    shared = {}
    for split in (Split.DEV, Split.TEST):
        shared[split.value] = sum(document.text in known for document in desk.parts[split])
        if shared[split.value]:
            total = len(desk.parts[split])
            log(f"{shared[split.value]} of {total} {split} documents are also in train.")
    return {
        "alignment": alignment.to_json(),
        "shared_with_train": shared,
        "left_out": _left_out(desk).to_json(),
    }


def _left_out(desk: Desk) -> Classes:
    """Say which labels of the project are no class of the model, and return it."""
    documents = [document for part in desk.parts.values() for document in part]
    found = classes.of(documents, desk.asked.left_out)
    for sentence in found.sentences:
        desk.watch.log(sentence)
    return found


def teach_all(desk: Desk, tuition: Tuition) -> tuple[list[Member], Tuition]:
    """Train once for every seed; return the members and the last tuition.

    A member that an earlier attempt finished is taken over as it is.
    """
    seeds, taught = desk.asked.settings.seeds, []
    for number in range(1, seeds + 1):
        desk.watch.begin_member(number, seeds)
        if number > 1:
            tuition = Tuition(desk, number)
        found = trainings.load(desk.folder, number) if seeds > 1 and desk.group.leads else None
        known = desk.group.tell(found)
        taught.append(known or tuition.teach())
        if not known and seeds > 1 and desk.group.leads:
            tuition.keep(taught[-1])
        if taught[-1].trained.stopped_early:
            break
    if known:
        tuition.recall()
    return taught, tuition


def tidy(folder: Path) -> None:
    """Remove what only an unfinished run needs."""
    for name in (checkpointing.FOLDER, trainings.FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)
