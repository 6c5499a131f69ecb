"""The zero-shot model that somebody names in Settings, where it is, and what a run may spend."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from engine.system import web
from storage.errors import InputError

OFF, GLINER, ENDPOINT = "", "gliner", "endpoint"
KINDS = {
    OFF: "Off",
    GLINER: "A GLiNER folder on this computer",
    ENDPOINT: "An OpenAI-compatible endpoint",
}
_PATH = "/chat/completions"
# What one run may be asked for, at most, whatever somebody types.
_LIMITS = {
    "documents": 1_000_000,
    "requests": 10_000_000,
    "tokens": 10_000_000_000,
    "at_once": 32,
}


@dataclass(frozen=True, slots=True)
class ZeroShotModel:
    """Which model knows no examples: none, a folder, or one behind an address."""

    kind: str = OFF
    url: str = ""
    """An endpoint's address up to ``/chat/completions``: "http://127.0.0.1:11434/v1"."""
    name: str = ""
    """What the endpoint calls the model."""
    folder: str = ""
    at_once: int = 4
    """Requests that wait for an answer at the same time."""
    documents: int = 200
    """A run asks about so many documents at most,"""
    requests: int = 600
    """with so many requests,"""
    tokens: int = 1_000_000
    """and begins none once so many tokens were read and written."""

    @property
    def title(self) -> str:
        """What people know it by: the model's name, or that of its folder."""
        return Path(self.folder).name if self.kind == GLINER else self.name

    @property
    def host(self) -> str:
        """The computer that is asked, with its port where the address names one."""
        if self.kind != ENDPOINT:
            return ""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        named = f"[{host}]" if ":" in host else host
        return f"{named}:{parts.port}" if parts.port else named

    @property
    def origin(self) -> str:
        """Scheme and host of an endpoint: its key is sent there and nowhere else."""
        return f"{urlsplit(self.url).scheme}://{self.host}" if self.kind == ENDPOINT else ""

    @property
    def leaves(self) -> bool:
        """Whether texts go to another computer."""
        return self.kind == ENDPOINT and not is_here(urlsplit(self.url).hostname or "")

    @property
    def is_plain(self) -> bool:
        """Whether they go there so that everybody on the way can read them."""
        return self.leaves and urlsplit(self.url).scheme == "http"

    @property
    def finds_spans_only(self) -> bool:
        """Whether it has no labels for whole texts."""
        return self.kind == GLINER

    @property
    def identity(self) -> str:
        """What an answer depends on besides what was asked."""
        return f"{self.kind} {self.url} {self.name} {self.folder}"


def is_here(host: str) -> bool:
    """Tell whether a host is this computer by its address alone; no name is looked up."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def checked(model: ZeroShotModel) -> ZeroShotModel:
    """Return the model if it can be meant; raise InputError with what to correct."""
    if model.kind not in KINDS:
        raise InputError(f"{model.kind!r} is no kind of zero-shot model: gliner or endpoint.")
    for name, most in _LIMITS.items():
        if not 1 <= getattr(model, name) <= most:
            raise InputError(f"The {name.replace('_', ' ')} of a run are 1 to {most:,}.")
    if model.kind == ENDPOINT:
        _check_address(model)
    if model.kind == GLINER:
        _check_folder(model)
    return model


def address_of(text: str) -> str:
    """Return what somebody typed or copied as the address up to ``/chat/completions``."""
    return text.strip().removesuffix("/").removesuffix(_PATH).removesuffix("/")


def asked_at(model: ZeroShotModel) -> str:
    """Return the whole address that is asked."""
    return model.url + _PATH


def _check_address(model: ZeroShotModel) -> None:
    parts = urlsplit(web.check(model.url))
    if parts.username or parts.password:
        raise InputError("The address holds a name or a password: put the key into its own field.")
    if parts.query or parts.fragment:
        raise InputError("The address ends before “?” and “#”: http://127.0.0.1:11434/v1, say.")
    if not model.name.strip() or len(model.name) > 200 or not model.name.isprintable():
        raise InputError("Name the model as its server does, like llama3.1 or qwen3:8b.")


def _check_folder(model: ZeroShotModel) -> None:
    if not Path(model.folder).is_absolute():
        raise InputError(f"{model.folder[:80]!r} does not begin at the root: write the whole path.")
    if not Path(model.folder, "gliner_config.json").is_file():
        raise InputError(
            f"{model.folder[:200]} has no gliner_config.json: name the folder of a GLiNER model."
        )
