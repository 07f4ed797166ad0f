"""A real SMTP server on the loopback that takes mail, or answers, hangs and hangs up as it is told."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "facturas", "una clave muy secreta"
HANG, DROP, SLOW = "hang", "drop", "slow"
"""What may be told instead of a reply: nothing for long, the end of the connection, the usual after a second."""


@dataclass
class Box:
    """A mail server: what it took, and what it says at each step before it takes mail again as it should.

    ``accepts`` are the passwords it lets in.
    """

    port: int = 0
    says: dict[str, list[str]] = field(default_factory=dict)
    got: list[EmailMessage] = field(default_factory=list)
    tos: list[str] = field(default_factory=list)
    accepts: set[str] = field(default_factory=lambda: {PASSWORD})
    tried: int = 0
    plain: list[bool] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self, step: str, *replies: str) -> None:
        """Has it say these at a step (mail, rcpt, data), one after the other."""
        with self.lock:
            self.says[step] = list(replies)

    def waits(self, until: Callable[[list[EmailMessage]], object], seconds: float = 40.0) -> list[EmailMessage]:
        """What it took once that is enough, or when the patience ends."""
        end = time.monotonic() + seconds
        while not until(self.got) and time.monotonic() < end:
            time.sleep(0.03)
        return list(self.got)

    async def _next(self, step: str, server: Any) -> str | None:
        with self.lock:
            said = self.says[step].pop(0) if self.says.get(step) else None
        if said == HANG:
            await asyncio.sleep(60)
        if said == DROP:
            server.transport.abort()
            await asyncio.sleep(60)
        if said == SLOW:
            await asyncio.sleep(1)
            return None
        return said

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await self._next("mail", server)
        if said is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return said or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = await self._next("rcpt", server)
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = await self._next("data", server)
        if said is None:
            content = envelope.content
            assert isinstance(content, bytes)
            with self.lock:
                self.plain.append(session.ssl is None)
                self.tos += envelope.rcpt_tos
                self.got.append(message_from_bytes(content, policy=default))  # type: ignore[arg-type]
        return said or "250 OK, in line"

    def let_in(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Whether a user and his password are good."""
        assert isinstance(data, LoginPassword)
        self.tried += 1
        good = data.login == USER.encode() and data.password.decode() in self.accepts
        return AuthResult(success=good, handled=False)


@contextmanager
def mail_server(*, certificate: Path | None = None, secure: bool = False, signs_in: bool = False) -> Iterator[Box]:
    """A server on a free port: with a certificate it offers STARTTLS (or is ``secure`` from the first byte)."""
    box = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box.port = probe.getsockname()[1]
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    more: dict[str, Any] = {"authenticator": box.let_in, "auth_required": True} if signs_in else {}
    if context is not None and secure:
        more["ssl_context"] = context
    elif context is not None:
        more |= {"tls_context": context, "require_starttls": True}
    if signs_in and (context is None or secure):
        more["auth_require_tls"] = False
    controller = Controller(box, hostname="127.0.0.1", port=box.port, ready_timeout=30, **more)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def server_certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key, as one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))
    return path
