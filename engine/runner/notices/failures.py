"""Why something could not be sent, in a sentence that says what to do."""

from __future__ import annotations

import smtplib
import ssl
from urllib.error import URLError

LONGEST = 300


def explain(error: Exception) -> str:
    """Say why a letter or a webhook's object did not arrive."""
    return " ".join(_words(error).split())[:LONGEST]


def _words(error: Exception) -> str:
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        return _words(error.reason)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"The mail server refused user and password ({_said(error)}): correct them."
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The mail server answered {_said(error)}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"The mail server refused the address ({code} {said.decode('utf-8', 'replace')})."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"{error} Choose another security, or leave the user empty."
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"This computer does not trust the server's certificate ({error.verify_message}): "
            "write the server's name as its certificate does, or let this computer trust it."
        )
    if isinstance(error, ssl.SSLError):
        return f"No safe connection ({error.reason}): choose the security that fits the port."
    return str(error) or type(error).__name__


def _said(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{error.smtp_code} {text}"
