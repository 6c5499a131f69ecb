"""E-mail by SMTP: the server of the home, its password apart from everything that is copied."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.utils import formatdate

from storage.database import secret_files, settings
from storage.database.connection import Database
from storage.errors import InputError
from storage.permissions import Ability, needs

KEY = "smtp"
PASSWORD_VARIABLE, PASSWORD_FILE = "WHETSTONE_SMTP_PASSWORD", "smtp-password"
SECURITY = {"starttls": "STARTTLS (587)", "tls": "TLS (465)", "none": "none, on this network only"}
TIMEOUT_SECONDS = 15.0
_ADDRESS = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,255}")
_HOST = re.compile(r"[\w.:-]{1,255}")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. The password is none of its fields, so that no copy of them has it."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    user: str = ""
    sender: str = ""


def server(db: Database) -> Server:
    """Return the mail server of the home; one without a host was never named."""
    return Server(**settings.get(db, KEY, {}))


@needs(Ability.ADMINISTER)
def choose(db: Database, server: Server, password: str | None = None) -> None:
    """Store the mail server, and the password unless it is None ("" forgets it).

    Raises InputError where one of the fields is none.
    """
    if server.host and not _HOST.fullmatch(server.host):
        raise InputError(f"{server.host[:60]!r} is no name of a mail server.")
    if server.security not in SECURITY:
        raise InputError(f"{server.security!r} is no way to be safe: {', '.join(SECURITY)}.")
    if not 0 < server.port < 65536:
        raise InputError(f"{server.port} is no port: 587 and 465 are usual.")
    if server.host:
        check_address(server.sender)
    settings.put(db, KEY, asdict(server))
    if password is not None:
        secret_files.keep(PASSWORD_FILE, password)


def check_address(address: str) -> str:
    """Return an address; raise InputError where it is none."""
    if not _ADDRESS.fullmatch(address):
        raise InputError(f"{address[:80]!r} is no e-mail address: write one like ada@example.org.")
    return address


def has_password() -> bool:
    """Tell whether there is a password, wherever it comes from."""
    return bool(password())


def password() -> str:
    """Return the password: of the environment, else of a file that only its owner may read."""
    if given := os.environ.get(PASSWORD_VARIABLE):
        return given
    return secret_files.read(PASSWORD_FILE)


def send(server: Server, target: str, subject: str, body: str, key: str) -> None:
    """Send a letter; raise OSError or smtplib.SMTPException where that did not work.

    ``key`` names it for good, so that who gets it twice can tell.
    """
    letter = EmailMessage()
    # A line break in a name would begin another header.
    letter["Subject"] = " ".join(subject.split())[:200]
    letter["From"], letter["To"] = server.sender, target
    letter["Date"] = formatdate(localtime=False)
    letter["Message-ID"] = f"<{key}@whetstone.invalid>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(body)
    with _connected(server) as connection:
        if server.user:
            connection.login(server.user, password())
        connection.send_message(letter)


def _connected(server: Server) -> smtplib.SMTP:
    place = server.host, server.port
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(*place, timeout=TIMEOUT_SECONDS, context=context)
    connection = smtplib.SMTP(*place, timeout=TIMEOUT_SECONDS)
    if server.security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())
        except Exception:
            connection.close()
            raise
    return connection
