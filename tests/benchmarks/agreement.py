"""Are figures of agreement the libraries', is the careless one found, and how long does it take?

Ten made-up people mark 5,000 documents with known rates of error; one of them is careless. All
figures are computed as the page does, from a database; scikit-learn, krippendorff and
pygamma-agreement compute theirs of the same units. irrCAC wants an older NumPy and pandas: it runs
in an interpreter of its own (``--irr``), or is left out, which is said.
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
from pathlib import Path
from typing import Any

import numpy as np

from engine.agreement import everyone, gamma, pairs, periods, unitizing
from engine.agreement import people as standing
from engine.agreement.everyone import SHARED, Shared
from engine.agreement.pairs import MEASURES, Measure, Pair
from engine.agreement.ratings import rate
from engine.agreement.versions import Versions
from engine.inspection.agreement import reading
from storage.database.connection import Database
from storage.types import Project
from tests.engine.inspection.agreement import people

LABELS = tuple(f"LABEL{at}" for at in range(8))
# Everybody errs on a tenth of the marks, the last person on four tenths.
CAREFUL, CARELESS = 0.1, 0.4
# Of so many documents γ is held against pygamma-agreement's, whose matrices are dense.
FOR_GAMMA = 12
IRR = """
import json, sys
import numpy as np, pandas as pd
from irrCAC.raw import CAC
found = []
for table in json.load(sys.stdin):
    ratings = CAC(pd.DataFrame(np.array(table, float).T), digits=12)
    named = {"ac1": ratings.gwet, "fleiss_kappa": ratings.fleiss, "alpha": ratings.krippendorff}
    found.append({name: each()["est"]["coefficient_value"] for name, each in named.items()})
print(json.dumps(found))
"""


def run(documents: int, persons: int, irr: str | None) -> dict[str, Any]:
    """Measure, in a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["WHETSTONE_HOME"] = home
        db = Database.open()
        wrong = [CAREFUL] * (persons - 1) + [CARELESS]
        made = people.project(db, wrong, documents, LABELS)
        found = _measure(db, made, irr)
        db.close()
    return {"documents": documents, "people": persons, **found}


def _measure(db: Database, made: Project, irr: str | None) -> dict[str, Any]:
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        found = work()
        seconds[name] = time.perf_counter() - started
        return found

    versions = timed("read", lambda: reading.read(db, made, most=10**9))
    found = timed("pairs", lambda: pairs.compare(versions))
    together = timed("together", lambda: everyone.compare(versions))
    timed("course, by week", lambda: periods.course(versions))
    timed("αU of a pair", lambda: unitizing.alpha(versions.of_people([0, 1])))
    timed("γ of a pair", lambda: gamma.gamma(versions.of_people([0, 1])))
    standings = standing.standings(found, len(versions.people))
    return {
        "units": len(rate(versions).document),
        "marks": len(versions.marks.label),
        "seconds": seconds,
        "furthest from": {
            "scikit-learn, Cohen's κ": _from_scikit_learn(versions, found),
            "krippendorff, α": _from_krippendorff(versions, found, together.values),
            "irrCAC, AC1, Fleiss' κ, α": _from_irr(versions, found, together.values, irr),
            "pygamma-agreement, γ": _from_pygamma(versions),
        },
        "standings": [
            {
                "person": versions.people[each.person],
                "kappa": each.kappa,
                "others": each.others,
                "interval": [each.low, each.high],
                "stands_out": each.stands_out,
            }
            for each in standings
        ],
    }


def _tables(versions: Versions, found: Sequence[Pair]) -> list[tuple[Pair, int, np.ndarray]]:
    """Return what each two people said, of all labels and of each: (2, units)."""
    said = rate(versions).said
    tables = []
    for pair in found:
        both = said[[pair.a, pair.b]]
        both = both[:, (both >= 0).all(axis=0)]
        tables.append((pair, 0, both))
        tables += [(pair, row, (both == row).astype(int)) for row in range(1, len(LABELS) + 1)]
    return tables


def _value(pair: Pair, measure: Measure, row: int) -> float:
    return float(pair.values[MEASURES.index(measure), row])


def _from_scikit_learn(versions: Versions, found: Sequence[Pair]) -> float:
    from sklearn.metrics import cohen_kappa_score

    return max(
        abs(_value(pair, Measure.KAPPA, row) - cohen_kappa_score(*table))
        for pair, row, table in _tables(versions, found)
    )


def _from_krippendorff(versions: Versions, found: Sequence[Pair], together: np.ndarray) -> float:
    import krippendorff

    def theirs(table: np.ndarray) -> float:
        return krippendorff.alpha(reliability_data=table, level_of_measurement="nominal")

    far = [
        abs(_value(pair, Measure.ALPHA, row) - theirs(table))
        for pair, row, table in _tables(versions, found)
    ]
    said = rate(versions).said
    far.append(abs(together[SHARED.index(Shared.ALPHA), 0] - theirs(said)))
    return float(max(far))


def _from_irr(
    versions: Versions, found: Sequence[Pair], together: np.ndarray, irr: str | None
) -> float | None:
    if not irr:
        return None
    tables = _tables(versions, found[:: max(1, len(found) // 3)])
    said = rate(versions).said
    asked = [table.tolist() for *_, table in tables] + [said.tolist()]
    command = [irr, "-c", IRR]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    theirs = json.loads(done.stdout)
    far = [
        abs(_value(pair, measure, row) - each[measure.value])
        for (pair, row, _), each in zip(tables, theirs[:-1], strict=True)
        for measure in (Measure.AC1, Measure.ALPHA)
    ]
    far += [
        abs(together[SHARED.index(measure), 0] - theirs[-1][measure.value]) for measure in SHARED
    ]
    return float(max(far))


def _from_pygamma(versions: Versions) -> float:
    from pygamma_agreement.continuum import Continuum, Segment

    far = []
    for other in (1, len(versions.people) - 1):
        pair = versions.of_people([0, other])
        pair = pair.of_documents(np.arange(len(pair.documents)) < FOR_GAMMA)
        base = np.cumsum(pair.sizes) - pair.sizes
        continuum = Continuum()
        for name in pair.people:
            continuum.add_annotator(name)
        for person, document, start, end, label in zip(*pair.marks, strict=True):
            place = float(base[document] + start), float(base[document] + end)
            continuum.add(pair.people[person], Segment(*place), pair.labels[label])
        np.random.seed(0)
        theirs = float(continuum.compute_gamma(n_samples=30).gamma)
        far.append(abs((gamma.gamma(pair).value or 0.0) - theirs))
    return float(max(far))


def tell(found: dict[str, Any]) -> None:
    """Print the figures for people."""
    print(
        f"{found['people']} people, {found['documents']:,} documents, {found['units']:,} units, "
        f"{found['marks']:,} marks"
    )
    for name, seconds in found["seconds"].items():
        print(f"  {name:<16} {seconds:8.2f} s")
    print("furthest from a library's figure")
    for name, far in found["furthest from"].items():
        said = "not asked: name an interpreter that has it with --irr" if far is None else far
        print(f"  {name:<28} {said if isinstance(said, str) else f'{said:.1e}'}")
    for each in found["standings"]:
        low, high = each["interval"]
        print(
            f"  {each['person']:<10} κ {each['kappa']:.3f}, the others {each['others']:.3f}, "
            f"difference {low:+.3f} to {high:+.3f}{'  STANDS OUT' if each['stands_out'] else ''}"
        )
    print(f"load average {found['load']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--irr", help="a Python interpreter that has irrCAC", type=Path)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    irr = str(chosen.irr) if chosen.irr else None
    found = run(chosen.documents, chosen.people, irr)
    found["load"] = " ".join(f"{each:.1f}" for each in os.getloadavg())
    if chosen.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        tell(found)


if __name__ == "__main__":
    main()
