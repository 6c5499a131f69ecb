"""One run from its frozen data to its report: load, encode, train, score, save."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

import torch

from engine.configuration import bases
from engine.corpus import leaks
from engine.evaluation import figures
from engine.inference.predicting import Evaluation
from engine.models import half_products, loading
from engine.runs import sampling, snapshot, spec
from engine.runs.spec import RunSpec
from engine.system import environment
from engine.tasks.base import Companion, Head, Learnable, Task
from engine.training import checkpointing, freezing, reporting
from engine.training import distributed as groups
from engine.training import seeds as trainings
from engine.training.callbacks import Watch
from engine.training.reporting import scores_of
from engine.training.seeds import SeedResult
from engine.training.trainer import RunContext, Trainer
from storage.types import Split


def run(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> str:
    """Do the whole run in its folder and return the closing sentence; see ``fit``."""
    return _conclude(fit(folder, asked, watch, permit))


def _conclude(report: dict) -> str:
    """Say in one sentence how a training ended."""
    stopped = report.get("stopped_early")
    start = f"Stopped after epoch {report['epochs']} as asked. " if stopped else ""
    known = figures.known_by(report)
    if known is None:
        return f"{start}Done; there was no dev or test document to score."
    split, value = known
    return f"{start}{figures.title(report[split])} {value:.3f} on {split}."


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
    context = prepare(folder, asked, watch, permit)
    trainer = Trainer(context, 1)
    findings = check_data(context, trainer)
    taught, trainer = train_seeds(context, trainer)
    if not context.group.leads:
        return {}
    best = trainings.choose(taught)
    evaluations = trainer.evaluations
    if taught[trainer.number - 1] is not best:
        trainer = Trainer(context, 1 + taught.index(best))
        evaluations = trainer.restore_result()
    beside = train_companions(context, trainer.loaded.head)
    evaluations = _advised(context, trainer, evaluations)
    watch.enter("saving", seconds_left=None)
    seeds = [{**result.to_json(), "kept": result is best} for result in taught]
    report = {
        **reporting.describe(context.asked, context.parts, best.trained, context.device),
        "stopped_early": any(result.trained.stopped_early for result in taught),
        "processes": context.group.size,
        "seeds": seeds,
        "mean": reporting.summarize(seeds),
        "total_seconds": time.perf_counter() - started,
        **findings,
        **beside,
        "word_shapes": trainer.loaded.pieces.shapes,
        "companion_seconds": sum((e or {}).get("train_seconds", 0.0) for e in beside.values()),
        "train": None,
        **{split.value: scores_of(evaluations.get(split)) for split in (Split.DEV, Split.TEST)},
    }
    trainer.save_model()
    permit()
    usage = reporting.usage(context.asked, context.device)
    context.write(1 << 20, lambda: reporting.save_findings(folder, evaluations, report, usage))
    tidy(folder)
    return report


def prepare(folder: Path, asked: RunSpec, watch: Watch, permit: Callable[[], None]) -> RunContext:
    """Choose the device, join the group, read and check the data, pin the environment."""
    device = loading.choose_device(asked.settings.device)
    group = groups.join(device)
    if group.leads:
        reporting.discard(folder)
    watch.enter("loading", device=loading.name_device(device))
    parts = snapshot.parts(folder)
    sampling.check(parts[Split.TRAIN], asked.labels, asked.task)
    pinned = pin(asked, watch, device)
    if group.leads and pinned != asked:
        permit()
        spec.write(folder, pinned)
    return RunContext(folder, pinned, parts, bases.fetch(asked.base), device, group, watch, permit)


def pin(asked: RunSpec, watch: Watch, device: torch.device) -> RunSpec:
    """Add what bit-equality needs to the specification, or say what is not as it was."""
    capability = torch.backends.cpu.get_cpu_capability()
    products = half_products.choose(asked.task, device, asked.environment)
    described = environment.describe(torch.get_num_threads(), capability)
    found = {**described, half_products.NAME: products}
    for sentence in environment.differences(asked.environment, found):
        watch.log(sentence)
    if asked.environment:
        return asked
    return replace(asked, environment={**found, freezing.ROOM: freezing.room(device)})


def check_data(context: RunContext, trainer: Trainer) -> dict:
    """Say before training what cannot be learned and what the splits share; return both."""
    train, log = context.parts[Split.TRAIN], context.watch.log
    task = trainer.loaded.head.task
    cut = context.encode(Split.TRAIN, trainer.loaded, trainer.settings).cut
    checked = task.check(train, cut)
    for sentence in checked.sentences:
        log(sentence)
    shared = {}
    for split in (Split.DEV, Split.TEST):
        found = leaks.find(train, context.parts[split])
        shared[split.value] = found.known
        for sentence in found.sentences(split, len(context.parts[split])):
            log(sentence)
    return {
        "alignment": checked.to_json(),
        "shared_with_train": shared,
        "left_out": _left_out(context, task).to_json(),
    }


def _left_out(context: RunContext, task: Task) -> Learnable:
    """Say which labels of the project are no class of the model, and return it."""
    documents = chain.from_iterable(context.parts.values())
    found = task.learnable(documents, context.asked.left_out)
    for sentence in found.sentences:
        context.watch.log(sentence)
    return found


def train_seeds(context: RunContext, trainer: Trainer) -> tuple[list[SeedResult], Trainer]:
    """Train once for every seed; return their results and the last trainer.

    A training that an earlier attempt finished is taken over as it is.
    """
    seeds, taught = context.asked.settings.seeds, []
    companions = _wanted(context, trainer.loaded.head)
    for number in range(1, seeds + 1):
        context.watch.begin_training(number, seeds)
        if number > 1:
            trainer = Trainer(context, number)
        # One that others follow need not be repeated where these are killed.
        keeps = (seeds > 1 or bool(companions)) and context.group.leads
        found = trainings.load(context.folder, number) if keeps else None
        known = context.group.tell(found)
        taught.append(known or trainer.train())
        if not known and keeps:
            trainer.save_result(taught[-1])
        if taught[-1].trained.stopped_early:
            break
    if known:
        trainer.restore_result()
    return taught, trainer


def train_companions(context: RunContext, head: Head) -> dict:
    """Train what the task wants beside its model; return what the report tells of each."""
    found: dict = {}
    for companion in _wanted(context, head):
        if context.watch.enough():
            context.watch.log(f"The {companion.name} is left out: the run was asked to stop.")
            found[companion.name] = None
        else:
            found[companion.name] = dict(companion.train(context))
    return found


def _advised(
    context: RunContext, trainer: Trainer, evaluations: Mapping[Split, Evaluation]
) -> dict[Split, Evaluation]:
    """Return the evaluations as companions that were trained want them told."""
    head = trainer.head
    for companion in _wanted(context, head):
        head = companion.advise(context, head, trainer.score)
    return {split: each.by(head) for split, each in evaluations.items()}


def _wanted(context: RunContext, head: Head) -> list[Companion]:
    return [each for each in head.companions if each.wanted(context.asked.settings)]


def tidy(folder: Path) -> None:
    """Remove what only an unfinished run needs."""
    for name in (checkpointing.FOLDER, trainings.FOLDER):
        shutil.rmtree(folder / name, ignore_errors=True)
