"""``agreement``: how far the people of a project agree, pair by pair and label by label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import typer

from engine.agreement import gamma, periods, saying, unitizing
from engine.agreement.everyone import SHARED, Shared
from engine.agreement.pairs import MEASURES, Pair
from engine.agreement.periods import By
from engine.agreement.unitizing import Unitized
from engine.agreement.versions import Versions
from engine.commands.common import options
from engine.commands.common.opening import opened
from engine.commands.common.terminal import AsJson, ProjectName, answer, count
from engine.commands.evaluation.reporting import refuse_without
from engine.inspection.agreement import comparing
from engine.inspection.agreement.comparing import Compared
from storage.runs import runs

# What a coefficient is that says nothing, for who reads a table.
NOTHING = "–"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command("agreement")(agreement)


def agreement(
    project: ProjectName,
    run: Annotated[
        int | None,
        typer.Option(help="A finished run: its model is compared as one more person."),
    ] = None,
    imported: Annotated[
        bool,
        typer.Option(
            "--imported", help="Compare what was imported as nobody's, too, as one more side."
        ),
    ] = False,
    by: Annotated[By, typer.Option(help="What a point of the course stands for.")] = By.WEEK,
    label: Annotated[str | None, typer.Option(help="Print the pairs of one label only.")] = None,
    with_gamma: Annotated[
        bool, typer.Option("--gamma/--no-gamma", help="γ takes about a second for each pair.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Say how far people agree on the documents that two or more of them have finished."""
    with opened() as db:
        found = options.find(db, project)
        model = None if run is None else runs.get_run(db, run)
        if model:
            refuse_without(model)
        compared = comparing.compare(db, found, model, imported)
    rows = [
        row
        for pair in compared.pairs
        for row in _rows(compared.versions, pair, with_gamma)
        if label is None or row["label"] == label
    ]
    payload = {
        "project": found.name,
        "people": list(compared.versions.people[: compared.people]),
        "documents": int(compared.versions.shared.sum()),
        "left_out": compared.versions.left_out,
        "shown_others": compared.shown,
        "pairs": rows,
        "together": _together(compared),
        "standings": [_standing(compared, each) for each in compared.standings],
        "course": [_period(each) for each in _course(compared, by)],
    }
    answer(payload, as_json, _text(payload))


def _rows(versions: Versions, pair: Pair, with_gamma: bool) -> Iterator[dict[str, Any]]:
    """Yield a row for all labels together, whose label is none, and one for each label."""
    names = [None, *versions.labels]
    continua = _continua(versions.of_people([pair.a, pair.b]), with_gamma)
    for row, name in enumerate(names):
        yield {
            "a": versions.people[pair.a],
            "b": versions.people[pair.b],
            "label": name,
            "documents": pair.documents,
            "units": int(pair.units[row]),
            "marks": int(pair.marks[row]),
            **{each.value: _number(pair.values[at, row]) for at, each in enumerate(MEASURES)},
            "alpha_u": _number(continua.alphas.values[row]) if continua else None,
            "gamma": continua.gamma if continua and row == 0 else None,
            "intervals": {
                each.value: _ends(pair.low[at, row], pair.high[at, row])
                for at, each in enumerate(MEASURES)
            }
            | ({"alpha_u": continua.of(row)} if continua else {})
            | ({"gamma": continua.interval} if continua and row == 0 else {}),
            "warning": saying.little(pair, row),
        }


@dataclass(frozen=True, slots=True)
class _Continua:
    """What of a pair is computed where marks have a place: αU of all and each label, and γ."""

    alphas: Unitized
    gamma: float | None
    interval: list[float] | None

    def of(self, row: int) -> list[float] | None:
        """Return the interval of αU."""
        return _ends(self.alphas.low[row], self.alphas.high[row])


def _continua(pair: Versions, with_gamma: bool) -> _Continua | None:
    if pair.whole:
        return None
    alphas = unitizing.alpha(pair)
    if not with_gamma:
        return _Continua(alphas, None, None)
    found = gamma.gamma(pair)
    sure = None if found.low is None or found.high is None else [found.low, found.high]
    return _Continua(alphas, found.value, sure)


def _together(compared: Compared) -> list[dict[str, Any]]:
    found = compared.together
    return [
        {
            "label": name,
            "documents": found.documents,
            **{each.value: _number(found.values[at, row]) for at, each in enumerate(SHARED)},
            "intervals": {
                each.value: _ends(found.low[at, row], found.high[at, row])
                for at, each in enumerate(SHARED)
            },
        }
        for row, name in enumerate([None, *compared.versions.labels])
    ]


def _standing(compared: Compared, each: comparing.Standing) -> dict[str, Any]:
    return {
        "person": compared.versions.people[each.person],
        "kappa": each.kappa,
        "others": each.others,
        "difference": each.difference,
        "interval": None if each.low is None else [each.low, each.high],
        "stands_out": each.stands_out,
    }


def _course(compared: Compared, by: By) -> list[periods.Period]:
    return periods.course(compared.versions.of_people(compared.versions.persons), by)


def _period(each: periods.Period) -> dict[str, Any]:
    return {
        "begin": str(each.begin),
        "end": str(each.end),
        "documents": each.documents,
        "alpha": each.alpha,
        "interval": None if each.low is None else [each.low, each.high],
    }


def _number(value: float) -> float | None:
    """Return a figure; None, which JSON knows, where there is none."""
    return None if np.isnan(value) else float(value)


def _ends(low: float, high: float) -> list[float] | None:
    return None if np.isnan(low) else [float(low), float(high)]


# --- for people ---------------------------------------------------------------------------

COLUMNS = {"kappa": "κ", "alpha": "α", "alpha_u": "αU", "gamma": "γ", "ac1": "AC1"}
COLUMNS |= {"span_f1": "F1", "span_f1_partial": "partial"}


def _text(payload: dict[str, Any]) -> str:
    people = payload["people"]
    if len(people) < 2 and not payload["pairs"]:
        return "Fewer than two people have finished documents here: there is nothing to compare."
    rows = [(f"{row['a']} – {row['b']}", row["label"] or "(all)", row) for row in payload["pairs"]]
    wide = [max(map(len, column)) for column in zip(*(row[:2] for row in rows), strict=True)]
    head = " ".join(f"{title:>7}" for title in COLUMNS.values())
    lines = [f"{'':<{wide[0]}}  {'':<{wide[1]}} {head}  documents"]
    for pair, name, row in rows:
        figures = " ".join(f"{_shown(row[each]):>7}" for each in COLUMNS)
        lines.append(
            f"{pair:<{wide[0]}}  {name:<{wide[1]}} {figures}  {row['documents']:>9,}  "
            f"{row['warning']}".rstrip()
        )
    return "\n".join([*_first(payload), "", *lines, "", *_last(payload)])


def _first(payload: dict[str, Any]) -> Iterator[str]:
    shared = payload["together"][0]
    about = count(payload["documents"], "document")
    said = ", ".join(
        f"{name} {_shown(shared[each])}"
        for each, name in ((Shared.FLEISS, "Fleiss' κ"), (Shared.ALPHA, "α"), (Shared.AC1, "AC1"))
    )
    yield f"{len(payload['people'])} people, {about} that two or more finished: {said}."
    if payload["left_out"]:
        yield f"{payload['left_out']:,} more such documents are left out: some were drawn."
    if payload["shown_others"]:
        yield saying.shown(payload["shown_others"], payload["documents"], "documents")


def _last(payload: dict[str, Any]) -> Iterator[str]:
    for each in payload["standings"]:
        if each["stands_out"]:
            low, high = each["interval"]
            yield (
                f"{each['person']} stands out: κ {each['kappa']:.3f} with the others, who have "
                f"{each['others']:.3f} among each other ({low:+.3f} to {high:+.3f})."
            )
    for each in payload["course"]:
        days = f"{each['begin'][:10]} to {each['end'][:10]}"
        yield f"{days}: α {_shown(each['alpha'])} over {count(each['documents'], 'document')}."


def _shown(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"
