"""Letters over TLS and to servers that refuse: real servers of this computer, real certificates."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from engine.runner.notices import delivery, email
from engine.runner.notices.failures import explain
from storage.database.connection import Database
from tests.engine.runner.notices.test_notices import Inbox, free_port

HOST = "127.0.0.1"
Serve = Callable[..., tuple[Inbox, int]]


@pytest.fixture
def db(new_home: Path) -> Iterator[Database]:
    with closing(Database.open()) as database:
        yield database


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this computer's own, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    own = x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))])
    made = made.add_extension(own, critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    parts = (
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
        made.sign(key, hashes.SHA256()).public_bytes(pem),
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(b"".join(parts))
    return path


@pytest.fixture
def serve(certificate: Path) -> Iterator[Serve]:
    """Start a server that wants the password "secret" and TLS; ``whole`` speaks nothing else."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == b"secret", handled=False)

    with ExitStack() as stack:

        def start(whole: bool) -> tuple[Inbox, int]:
            inbox, port = Inbox(), free_port()
            asked: dict = {"authenticator": check, "auth_required": True}
            if whole:
                asked |= {"ssl_context": context, "auth_require_tls": False}
            else:
                asked |= {"tls_context": context, "require_starttls": True}
            server = Controller(inbox, HOST, port, **asked)
            server.start()
            stack.callback(server.stop)
            return inbox, port

        yield start


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_goes_by_tls_where_the_certificate_is_trusted(
    db: Database,
    serve: Serve,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
) -> None:
    inbox, port = serve(whole=security == "tls")
    email.choose(db, email.Server(HOST, port, security, "ada", "w@example.org"), "secret")
    assert "does not trust the server's certificate" in delivery.try_letter(db, "bob@example.org")
    assert not inbox.letters
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert delivery.try_letter(db, "bob@example.org") == ""
    assert len(inbox.letters) == 1


def test_a_refused_login_says_what_to_correct(
    db: Database, serve: Serve, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    inbox, port = serve(whole=False)
    email.choose(db, email.Server(HOST, port, "starttls", "ada", "w@example.org"), "wrong")
    problem = delivery.try_letter(db, "bob@example.org")
    assert problem.startswith("The mail server refused user and password (535")
    assert "wrong" not in problem and not inbox.letters


def test_no_tls_where_tls_is_asked_for_sends_nothing(db: Database) -> None:
    inbox, port = Inbox(), free_port()
    plain = Controller(inbox, HOST, port)
    plain.start()
    try:
        email.choose(db, email.Server(HOST, port, "starttls", "", "w@example.org"))
        assert "another security" in delivery.try_letter(db, "bob@example.org")
        email.choose(db, email.Server(HOST, port, "tls", "", "w@example.org"))
        assert "security that fits the port" in delivery.try_letter(db, "bob@example.org")
    finally:
        plain.stop()
    assert not inbox.letters


def test_why_a_webhook_failed_is_said_without_its_wrapping() -> None:
    assert explain(URLError(ConnectionRefusedError(111, "Connection refused"))) == (
        "[Errno 111] Connection refused"
    )
