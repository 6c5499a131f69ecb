"""Documents as tasks of Label Studio, with what their own task held beside the spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.formats.label_studio.tasks import Submission
from storage.types import Answer, Document, Merged, Source, Span, Status

_MINE = "label_studio"


def task(document: Document) -> dict[str, Any]:
    """Return a task as Label Studio imports it, JSON-MIN's as whole ones."""
    layout = document.layout if document.layout.get("format") == _MINE else {}
    key = str(layout.get("text", "text"))
    data = {**layout.get("data", {}), key: document.text}
    record = {name: value for name, value in layout.get("record", {}).items() if value is not None}
    if document.status is Status.DONE:
        record |= {"is_labeled": True} if "is_labeled" in record else {}
    predictions = layout.get("predictions", [])
    by_model = all(span.source is Source.MODEL for span in document.spans)
    if document.spans and by_model and document.status is Status.IN_PROGRESS:
        predictions = predictions or [_prediction(document, document.spans, layout)]
    elif document.status is Status.IN_PROGRESS:
        predictions = []
    drafts = []
    if not predictions and document.status is Status.IN_PROGRESS:
        drafts = [{"result": _results(document.text, document.spans, [], layout)}]
    return {
        **record,
        "data": data,
        "annotations": _annotations(document, layout),
        "predictions": predictions,
        **({"drafts": drafts} if drafts else {}),
    }


def least(document: Document, left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Yield an item of JSON-MIN for each answer; what there is none for is counted."""
    whole = task(document)
    answered = [each for each in whole["annotations"] if not each.get("was_cancelled")]
    if not answered:
        left_out["Documents without an answer, which are left out"] += 1
    # Of answers without a time the first counts.
    for number, answer in enumerate(sorted(answered, key=_is_no_truth), 1):
        item = dict(whole["data"])
        for result in answer["result"]:
            if result.get("type", "labels") == "labels":
                item.setdefault(result.get("from_name", "label"), []).append(result["value"])
            else:
                left_out[f'Results of type "{result.get("type")}", which are left out'] += 1
        by = answer.get("completed_by", answer.get("annotator", _anybody(answer, number)))
        yield {
            "id": document.id,
            **item,
            "annotator": by.get("email") or by.get("id") if isinstance(by, dict) else by,
            "annotation_id": answer.get("id", answer.get("annotation_id", number)),
            "created_at": answer.get("created_at"),
            "updated_at": answer.get("updated_at"),
            "lead_time": answer.get("lead_time"),
            **({"ground_truth": True} if answer.get("ground_truth") else {}),
        }


def _anybody(answer: Mapping[str, Any], number: int) -> int | None:
    """Return who gave an answer of nobody's: what was decided is of none."""
    return None if answer.get("ground_truth") else number


def _is_no_truth(answer: Mapping[str, Any]) -> bool:
    return not answer.get("ground_truth")


def _annotations(document: Document, layout: Mapping[str, Any]) -> list[dict[str, Any]]:
    kept = list(layout.get("answers", ()))
    if document.status is Status.SKIPPED:
        cancelled = [each for each in kept if each.get("was_cancelled")]
        return cancelled or [{"result": [], "was_cancelled": True}]
    own: dict[str, Any] = next(
        (each for each in reversed(kept) if not each.get("was_cancelled")), {}
    )
    if document.others and _is_anothers(own, document.annotator):
        return _apart(document, layout, kept)
    others = [each for each in kept if each is not own and not each.get("was_cancelled")]
    others = others or [_of_other(document, answer, layout) for answer in document.others]
    if document.status is not Status.DONE:
        return others
    results = _results(document.text, document.spans, own.get("result", []), layout)
    return [*others, {"was_cancelled": False, **own, "result": results}]


def _is_anothers(own: Mapping[str, Any], annotator: str) -> bool:
    """Tell whether what counts is not what somebody had said there, when the file was read."""
    who = Submission([], {**own}).who
    return annotator == Merged.ADJUDICATED or not own or bool(who and annotator not in ("", who))


def _apart(
    document: Document, layout: Mapping[str, Any], kept: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return what each person says, and as the truth what counts; nobody's where it was decided."""
    known = {Submission([], each).who: each for each in kept if not each.get("was_cancelled")}
    people = [
        _of_other(document, answer, layout) | _identity(known.get(answer.annotator))
        for answer in document.others
    ]
    if document.status is not Status.DONE:
        return people
    name = "" if document.annotator == Merged.ADJUDICATED else document.annotator
    by = {**(_by(name) if name else {}), **_identity(known.get(name))}
    results = _results(document.text, document.spans, [], layout)
    return [*people, {**by, "ground_truth": True, "was_cancelled": False, "result": results}]


def _identity(kept: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what an answer of before says of who gave it."""
    return {key: kept[key] for key in ("id", "completed_by") if key in kept} if kept else {}


def _of_other(document: Document, answer: Answer, layout: Mapping[str, Any]) -> dict[str, Any]:
    results = _results(document.text, answer.spans, [], layout)
    cancelled = answer.status is Status.SKIPPED
    return {**_by(answer.annotator), "was_cancelled": cancelled, "result": results}


def _by(annotator: str) -> dict[str, Any]:
    """Return who gave an answer. An address that is nobody's there would have all refused."""
    if "@" in annotator:
        return {"completed_by": {"email": annotator}}
    # What Label Studio does not know it passes over; here it is read again.
    return {"annotator": annotator}


def _results(
    text: str, spans: Iterable[Span], kept: Iterable[dict[str, Any]], layout: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the results of an answer: its regions under their own ids, and what else it holds."""
    left = {(span.start, span.end, span.label): span for span in spans}
    results: list[dict[str, Any]] = []
    for result in kept:
        value = result.get("value", {})
        if result.get("type", "labels") != "labels" or "start" not in value:
            results.append(result)
            continue
        labels = value.get("labels", [])
        said = [each for each in labels if left.pop((value["start"], value["end"], each), None)]
        if said:
            results.append({**result, "value": {**value, "labels": said}})
    results += [_region(text, span, number, layout) for number, span in enumerate(left.values(), 1)]
    ids = {str(result.get("id")) for result in results}
    return [result for result in results if _has_ends(result, ids)]


def _has_ends(result: Mapping[str, Any], ids: set[str]) -> bool:
    """Tell a relation between regions that are gone from everything else."""
    if result.get("type") != "relation":
        return True
    return {str(result.get("from_id")), str(result.get("to_id"))} <= ids


def _prediction(
    document: Document, spans: Iterable[Span], layout: Mapping[str, Any]
) -> dict[str, Any]:
    results = []
    for number, span in enumerate(spans, 1):
        result = _region(document.text, span, number, layout)
        if span.score is not None:
            result["score"] = span.score
        results.append(result)
    return {"result": results}


def _region(text: str, span: Span, number: int, layout: Mapping[str, Any]) -> dict[str, Any]:
    from_name, to_name = layout.get("names", ("label", "text"))
    return {
        "id": f"w{number}-{span.start}-{span.end}",
        "from_name": from_name,
        "to_name": to_name,
        "type": "labels",
        "value": {
            "start": span.start,
            "end": span.end,
            "text": text[span.start : span.end],
            "labels": [span.label],
        },
    }
