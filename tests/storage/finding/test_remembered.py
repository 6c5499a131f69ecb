"""What was read of a large project is kept for the next start, which reads what changed since."""

import random
from contextlib import suppress

import numpy as np
import pytest

from storage.actions import setting_aside
from storage.corpus import projects
from storage.database.connection import Database
from storage.engines.schema import JournalRow
from storage.errors import RefusedError
from storage.finding import facets, warming
from storage.finding.review import disagreements
from storage.finding.sets import bit_sets, measures, memberships, remembered
from storage.finding.sets.disagreeing import Disagreeing
from storage.journal import annotations
from storage.runs import runs, suggestions
from storage.texts import folded
from storage.types import DocumentScore, Source, Span, Split
from tests.storage.conftest import sentence, stored

ADA = Span(0, 3, "PER")


@pytest.fixture(autouse=True)
def small_is_large(monkeypatch):
    monkeypatch.setattr(remembered, "LARGE", 1)
    monkeypatch.setattr(facets, "FRESH", 0)


@pytest.fixture
def ids(db, project) -> list[int]:
    given = [sentence(f"Ada met {n % 7}", *[ADA] * (n % 2), split=Split.TRAIN) for n in range(20)]
    found = stored(db, project, *given)
    run = runs.create_run(db, project.id, {}).id
    said = [(id, Span(0, 3, "ORG", source=Source.MODEL, score=0.5 + id / 100)) for id in found]
    suggestions.store(db, run, said, [DocumentScore(id, 0.1, 0.2, 0.3, 0.4) for id in found], [])
    return found


@pytest.fixture
def again(db):
    """A function that opens the same database once more, as another start would."""
    opened = []

    def start() -> Database:
        opened.append(Database.open(f"sqlite:///{db.path}" if db.path else db.url))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def finish(db, project, document: int, who: str = "ada") -> None:
    base = annotations.open_annotation(db, document, who).revision
    sent = {"seq": 1, "base_revision": base, "kind": "status", "status": "done"}
    client = f"c{document}-{base}-{who}"
    annotations.apply_operations(db, project.id, document, who, client, [sent])


def told(db, project) -> tuple:
    """Return what is known through a handle: sets, holders, what disagrees, measures."""
    index, differing = facets.index(db, project.id), facets.disagreeing(db, project.id)
    measured = measures.of(db, project.id)
    return (*_of(index.every, index.sets, index.holders), _pairs(differing), _groups(measured))


def read(db, project) -> tuple:
    """Return the same as it is read from nothing."""
    with db.read() as session:
        sets = memberships.read(session, project.id)
        found = disagreements.find(session, project.id)
    fresh = Database.open(f"sqlite:///{db.path}" if db.path else db.url)
    for each in folded.beside(db, project.id, "x").parent.glob("*.measures"):
        each.rename(each.with_suffix(".away"))
    measured = _groups(measures.of(fresh, project.id))
    for each in folded.beside(db, project.id, "x").parent.glob("*.away"):
        each.rename(each.with_suffix(".measures"))
    fresh.close()
    return (*_of(*sets), _pairs(Disagreeing.of(found)), measured)


def _of(every, sets, holders) -> tuple:
    held = {label: sorted(ids.tolist()) for label, ids in holders.items() if len(ids)}
    return every, {key: found for key, found in sets.items() if found}, held


def _pairs(found: Disagreeing) -> list:
    return [(id, round(score, 6)) for id, score in zip(found.ids, found.scores, strict=True)]


def _groups(found: measures.Measures) -> tuple:
    several = [np.flatnonzero(found.texts == n).tolist() for n in set(found.texts.tolist()) if n]
    return found.words.tolist(), found.pairs, sorted(several)


def kept_at_start(db, project) -> tuple:
    warming.warm(db, project.id)
    warming.keep(db)
    return told(db, project)


def test_a_start_reads_nothing_that_was_kept(db, project, ids, again, monkeypatch):
    before = kept_at_start(db, project)
    assert before == read(db, project)
    for module, name in ((memberships, "read"), (disagreements, "find"), (measures, "_read")):
        monkeypatch.setattr(module, name, lambda *_: pytest.fail("all was read again"))
    assert told(again(), project) == before


def test_a_start_reads_what_was_edited_and_what_came_since(db, project, ids, again, monkeypatch):
    kept_at_start(db, project)
    finish(db, project, ids[3])
    finish(db, project, ids[4], "bob")
    rain = sentence("It rains.", split=Split.DEV)
    finish(db, project, stored(db, project, sentence("Ada met 3", ADA), rain)[-2])
    asked = []
    whole = memberships.read

    def listen(session, project_id, *given, **how):
        asked.append((*given, how))
        return whole(session, project_id, *given, **how)

    monkeypatch.setattr(memberships, "read", listen)
    other = again()
    assert told(other, project)
    assert asked == [([ids[3], ids[4]], {}), ({"after": ids[-1]},)]
    monkeypatch.undo()
    assert told(other, project) == read(db, project)


@pytest.mark.sqlite_first
def test_whatever_happens_one_by_one_is_as_if_all_were_read(db, project, ids, again):
    chance = random.Random(3)
    kept_at_start(db, project)
    for _ in range(8):
        match chance.randrange(5):
            case 0 | 1:
                finish(db, project, chance.choice(ids), chance.choice(["ada", "bob"]))
            case 2:
                ids = stored(db, project, sentence(f"Ada met {chance.randrange(9)}", ADA))
            case 3:
                with suppress(RefusedError):
                    setting_aside.set_aside(db, project.id, "ada")
            case 4:
                with db.write() as session:
                    projects.mark_looked(session, project.id)
        assert told(db, project) == read(db, project)
        if chance.random() < 0.5:
            db_before, expected = again(), read(db, project)
            assert told(db_before, project) == expected
            warming.keep(db_before)


@pytest.mark.parametrize("harm", ["cut", "other", "empty"])
def test_a_file_that_is_broken_or_of_another_past_is_not_believed(db, project, ids, again, harm):
    finish(db, project, ids[0])
    kept_at_start(db, project)
    for name in ("sets", "disagreeing", "measures"):
        path = folded.beside(db, project.id, name)
        assert path.stat().st_mode & 0o777 == 0o600
        if harm != "other":
            path.write_bytes(path.read_bytes()[: 200 * (harm == "cut")])
    if harm == "other":
        # As a backup would: the newest entry is another one with its number.
        with db.write() as session:
            newest = session.query(JournalRow).order_by(JournalRow.id.desc()).first()
            newest.client, annotation = "elsewhere", annotations.open_annotation
        assert annotation(db, ids[0], "ada")
    other = again()
    with other.read() as session:
        assert remembered.load(other, session, project.id, "sets") is None
    assert told(other, project) == read(db, project)


def test_what_is_kept_goes_with_its_project(db, project, ids):
    kept_at_start(db, project)
    folder = folded.beside(db, project.id, "sets").parent
    assert {each.suffix for each in folder.iterdir()} >= {".sets", ".disagreeing", ".measures"}
    projects.delete_project(db, project.id)
    assert not [each for each in folder.iterdir() if each.name.startswith(f"{project.id}.")]


def test_sets_of_few_and_of_many_come_back(project):
    chance = np.random.default_rng(0)
    for share in (0.0, 0.0005, 0.01, 0.5, 1.0):
        ids = np.flatnonzero(chance.random(20_000) < share)
        found = bit_sets.of(ids)
        assert found == sum(1 << int(id) for id in ids)
        assert bit_sets.numbers(found).tolist() == ids.tolist()
        packed = remembered.packed({("label", 1): found, ("split", None): found})
        assert remembered.unpacked(packed) == {("label", 1): found, ("split", None): found}
