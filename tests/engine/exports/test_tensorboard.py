"""An event file is read back by another program's classes: curves, figures, what was asked."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboardX.crc32c import crc32c as theirs
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

from engine.exports import tensorboard
from engine.exports.subject import Subject
from engine.exports.wire import messages, records
from tests.engine.exports.subjects import HOSTILE, subject

STEPS = 8


def told(attempt: int = 1, member: int = 1) -> list[dict[str, Any]]:
    """What a worker tells of two epochs of four steps."""
    at = f"2026-11-26T10:0{attempt}:0"
    known = {"attempt": attempt, "member": member}
    progress = {**known, "kind": "progress", "phase": "training", "steps": STEPS}
    return [
        {"at": f"{at}0+00:00", "kind": "state", "state": "running"},
        *({**progress, "at": f"{at}{n}+00:00", "step": n, "loss": 1 / n} for n in (1, 2, 4, 8)),
        {**progress, "at": f"{at}8+00:00", "phase": "evaluating", "step": 8, "loss": 0.1},
        *(
            {**known, "kind": "metric", "at": f"{at}{4 * n}+00:00", "epoch": n, "within": n}
            for n in (1, 2)
        ),
    ]


def asked(events: list[dict[str, Any]], **more: Any) -> Subject:
    history = [{"epoch": n, "loss": 1 / n, "dev": {"f1": n / 4, "loss": None}} for n in (1, 2)]
    settings = {"epochs": 2, "learning_rate": 1e-3, "warmup": 0.25, "peft": "", "limit": None}
    found = subject(history=history, settings=settings, best_epoch=2, **more)
    return replace(found, events=lambda: events)


def read(data: bytes) -> Iterator[Event]:
    """Yield what the records hold; both sums of each must be right."""
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        body, rest = data[12 : 12 + length], data[12 + length :]
        for part, stored in ((data[:8], data[8:12]), (body, rest[:4])):
            crc = theirs(part)
            expected = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
            assert struct.unpack("<I", stored) == (expected,)
        yield Event.FromString(body)
        data = rest[4:]


def scalars(found: Subject) -> dict[str, dict[int, Any]]:
    values: dict[str, dict[int, Any]] = {}
    for event in read(tensorboard.render(found)):
        for value in event.summary.value:
            if value.WhichOneof("value") == "simple_value":
                values.setdefault(value.tag, {})[event.step] = pytest.approx(value.simple_value)
    return values


def test_curves_by_step_and_by_epoch() -> None:
    found = scalars(asked(told()))
    assert found["loss/step"] == {1: 1.0, 2: 0.5, 4: 0.25, 8: 0.125}
    # Up in the first quarter of eight steps, then down to a sixth of the peak.
    assert found["learning_rate"] == {1: 5e-4, 2: 1e-3, 4: 1e-3 * 5 / 6, 8: 1e-3 / 6}
    assert found["loss/epoch"] == {1: 1.0, 2: 0.5}
    assert found["dev/f1"] == {1: 0.25, 2: 0.5}
    assert "dev/loss" not in found


def test_the_last_figures_of_every_label() -> None:
    report = asked([])
    found = scalars(report)
    for split in ("test", "dev"):
        assert found[f"final/{split}_f1"] == {2: report.report[split]["headline"]["value"]}
        (table, *_) = report.report[split]["tables"]
        for row in table["rows"]:
            assert found[f"{split}_recall_by_label/{row['name']}"] == {2: row["recall"]}


def test_what_was_asked_is_told_to_the_plugin() -> None:
    data = {}
    first, *events = read(tensorboard.render(asked(told())))
    assert first.file_version == "brain.Event:2"
    for event in events:
        for value in event.summary.value:
            if value.metadata.plugin_data.plugin_name == "hparams":
                content = value.metadata.plugin_data.content
                data[value.tag] = HParamsPluginData.FromString(content)
    infos = {each.name for each in data["_hparams_/experiment"].experiment.hparam_infos}
    (metric, *_) = data["_hparams_/experiment"].experiment.metric_infos
    start = data["_hparams_/session_start_info"].session_start_info
    assert infos == set(start.hparams) == {"base", "epochs", "learning_rate", "warmup"}
    assert start.hparams["learning_rate"].number_value == 1e-3
    assert start.hparams["base"].string_value
    assert metric.name.tag == "final/test_f1" in scalars(asked([]))
    assert data["_hparams_/session_end_info"].session_end_info.status == 1


def test_only_the_training_that_was_kept_is_told_and_what_was_done_again_counts_once() -> None:
    seeds = [{"seed": 13, "kept": False}, {"seed": 14, "kept": True}]
    again = [each | {"loss": 3.0} for each in told(2, member=2) if each.get("step") == 4]
    found = scalars(asked([*told(), *told(2, member=2), *again], seeds=seeds))
    assert found["loss/step"] == {1: 1.0, 2: 0.5, 4: 3.0, 8: 0.125}


def test_names_of_people_are_tags(tmp_path: Any) -> None:
    found = scalars(replace(subject(HOSTILE), events=lambda: told()))
    assert len([tag for tag in found if tag.startswith("test_f1_by_label/")]) == len(HOSTILE)


def test_a_browser_keeps_a_folder_for_each_run_and_the_same_bytes_each_time() -> None:
    found = asked(told())
    with zipfile.ZipFile(BytesIO(tensorboard.packed(found))) as archive:
        (name,) = archive.namelist()
        assert name == "run-7/events.out.tfevents.1795687260.whetstone"
        assert archive.read(name) == tensorboard.render(found)
    assert tensorboard.packed(found) == tensorboard.packed(found)


@given(st.binary(max_size=64))
def test_sums_are_those_of_another_program(data: bytes) -> None:
    assert records.crc32c(data) == theirs(data)


def test_the_sum_of_the_standard() -> None:
    # RFC 3720, B.4: 32 bytes of zeros.
    assert records.crc32c(bytes(32)) == 0x8A9136AA


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31, 2**63 - 1, -1])
def test_whole_numbers_are_read_back(value: int) -> None:
    assert Event.FromString(messages.whole(2, value)).step == value
