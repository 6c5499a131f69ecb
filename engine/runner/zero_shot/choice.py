"""Which zero-shot model this home has: chosen once, tried on a sentence, off until then."""

from __future__ import annotations

from dataclasses import asdict

from engine.zero_shot import keys, model
from engine.zero_shot.asking import Asking
from engine.zero_shot.cache import Cache
from engine.zero_shot.endpoint import Endpoint
from engine.zero_shot.ledger import Amounts, Ledger
from engine.zero_shot.model import ENDPOINT, ZeroShotModel
from engine.zero_shot.prompts import Brief
from storage import home
from storage.database import secret_files, settings
from storage.database.connection import Database
from storage.errors import TrainingError
from storage.permissions import Ability, needs
from storage.types import Document, Label

SETTING = "zero_shot"
TRY_SECONDS = 30.0
SENTENCE = "Ada Lovelace lived in London."
_BRIEF = Brief((Label("person"), Label("place")), whole=False, several=False, paired=False)


def chosen(db: Database) -> ZeroShotModel:
    """Return the zero-shot model of this home; it is off until somebody names one."""
    return ZeroShotModel(**settings.get(db, SETTING, {}))


@needs(Ability.ADMINISTER)
def choose(db: Database, named: ZeroShotModel, key: str | None = None) -> None:
    """Store which model is meant, and its key unless that is None ("" forgets it).

    A key that was given for another server is forgotten. Raises InputError.
    """
    settings.put(db, SETTING, asdict(model.checked(named)))
    if key is not None or not has_key(named):
        secret_files.keep(keys.FILE, keys.to_text(key or "", named))


def has_key(named: ZeroShotModel) -> bool:
    """Tell whether there is a key for a model's server, wherever it comes from."""
    return named.kind == ENDPOINT and bool(keys.key_for(home.folder(), named))


@needs(Ability.ADMINISTER)
def try_out(named: ZeroShotModel, key: str | None = None) -> str:
    """Ask an endpoint about one sentence of ours and say what it found.

    Raises InputError, and TrainingError where it gives no answer that can be read.
    """
    model.checked(named)
    ledger = Ledger(Amounts(1, 5, model.ZeroShotModel().tokens))
    key = keys.key_for(home.folder(), named) if key is None else key
    endpoint = Endpoint(named, key, ledger, timeout=TRY_SECONDS, waits=())
    said = Asking(_BRIEF, named.identity, endpoint, ledger, Cache(None)).of(Document(SENTENCE))
    if said.spans is None:
        raise TrainingError(said.problem)
    found = ", ".join(f"{SENTENCE[s.start : s.end]} ({s.label})" for s in said.spans)
    dropped = said.dropped.total()
    lost = f" {dropped} of what it said is not usable." if dropped else ""
    return f"It answers. In “{SENTENCE}” it finds {found or 'nothing'}.{lost}"
