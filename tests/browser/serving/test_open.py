"""A server that lets others in, with a certificate of its own: who is answered, and how."""

from __future__ import annotations

import datetime
import ipaddress
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pages.access import addresses
from storage.accounts import accounts, reach
from storage.database.connection import Database
from storage.permissions import Role
from tests.browser.server import ROOT, START_SECONDS
from tests.browser.serving.conftest import SECRET
from tests.browser.serving.doors import Visitor
from tests.workers.ports import free_port

NAME = "label.example.org"


def certify(place: Path, numbers: list[str]) -> tuple[Path, Path]:
    """Write a certificate that a server shows for this computer, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    known = [x509.DNSName("localhost"), *(x509.IPAddress(ipaddress.ip_address(n)) for n in numbers)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (place / "cert.pem").write_bytes(made.public_bytes(pem))
    (place / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    return place / "cert.pem", place / "key.pem"


@pytest.fixture
def others(home: Path, tmp_path: Path) -> Iterator[list[Visitor]]:
    """A server that Settings opened: as it is seen from here, and from this computer's network."""
    reach.put(True, [NAME])
    numbers = ["127.0.0.1", *addresses._numbers()[:1]]
    certificate, key = certify(tmp_path, numbers)
    port = free_port()
    command = [sys.executable, "-m", "pages.access.start", "--port", str(port)]
    command += ["--server.headless", "true", "--server.sslCertFile", str(certificate)]
    command += ["--server.sslKeyFile", str(key)]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=log, stderr=log)
    found = [Visitor(f"https://{n}:{port}", trusts=str(certificate)) for n in numbers]
    try:
        await_answer(found[0], process)
        yield found
    finally:
        process.kill()
        process.wait()


def await_answer(visitor: Visitor, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if visitor.ask("GET", "/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The server did not start.")


def test_others_come_in_by_a_sign_in_over_an_encrypted_line_and_by_nothing_else(
    others: list[Visitor], home: Path
) -> None:
    here, *elsewhere = others
    assert not here.open("settings").closed, "without an account this computer is answered"
    for there in elsewhere:
        refused = there.ask("GET", "/")
        assert refused.status == 403 and "Settings under People" in refused.text
        assert there.open("").closed
    with closing(Database.open()) as db:
        accounts.add(db, "Ada", Role.ADMIN, SECRET)
    for there in others:
        assert there.open("").closed
        ada = Visitor.signed_in(there.url, "Ada", SECRET, there.trusts)
        shown = ada.open("settings")
        assert shown.says("Other computers reach this server") and shown.says(NAME)
        assert not shown.says(addresses.OPEN_LINE)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    cookie = here.ask("POST", "/login", f"name=Ada&password={SECRET}".encode(), form)
    for word in ("Secure", "HttpOnly", "SameSite=lax"):
        assert word in cookie.headers["set-cookie"]
    # What the page is called must be known: a stranger's name, also one that leads here, is not.
    for host, status in ((NAME, 303), ("evil.example", 403), (f"{NAME}.evil.example", 403)):
        asked = {"Host": host, "Origin": f"https://{host}", "Accept": "text/html"}
        assert here.ask("GET", "/", headers=asked).status == status, host
    said = (home / "server.log").read_text()
    assert "Other computers reach this server, at https://" in said
    assert "Nobody has an account yet" in said and "not encrypted" not in said
