"""One message handed over to the mail server: within a time and, unless told otherwise, never in the clear.

What came of it says who is to blame: the message (it is tried again, or never), or the installation's own way to its
server (nobody's mail goes until that is mended). Only `smtplib` speaks; nothing is raised, and no password is in what
is said. Sources: RFC 5321 (4.2, replies), 3207 (STARTTLS), 4954 (AUTH), 1870 (SIZE).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from base64 import b64encode
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from app.config import STARTTLS, TLS, Settings
from app.deadline import connect, cut_off

_TEXT: Final = 300
_DONE: Final = (250, 251)
_TOO_LARGE: Final = (552, 523)
_LOCAL: Final = "chasqui"


class Stage(StrEnum):
    """How far an attempt came."""

    CONNECT = "connect"
    SECURE = "secure"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class Result(StrEnum):
    """What it means: it is there; this message again later, or never; nobody's for a while, or until it is mended."""

    SENT = "sent"
    LATER = "later"
    NEVER = "never"
    AWAY = "away"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """The installation's mail server and who we are to it."""

    host: str
    port: int
    security: str = STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str
    ca: Path | None = None
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What came of handing a message over; ``text`` is the server's, or why there was none (English)."""

    result: Result
    stage: Stage
    code: int | None = None
    text: str = ""
    seconds: float = 0.0


def server_of(settings: Settings) -> Server | None:
    """The mail server of an installation; None where it has none."""
    if not settings.smtp_host:
        return None
    return Server(
        host=settings.smtp_host, port=settings.smtp_port, security=settings.smtp_security, user=settings.smtp_user,
        password=settings.smtp_password, sender=settings.smtp_from, ca=settings.smtp_ca, seconds=settings.smtp_seconds,
    )


def hand_over(server: Server, recipient: str, content: bytes) -> Handover:
    """Hands a message over once. Raises nothing: whatever happens on the way is in what it returns."""
    begun = time.monotonic()
    way = _Way(server, begun + server.seconds)
    code: int | None = None
    try:
        with ExitStack() as stack:
            code, said = way.go(stack, recipient, content)
            result = way.meaning(code)
    except smtplib.SMTPResponseException as error:
        code, said = error.smtp_code, _read(error.smtp_error)
        result = way.meaning(code)
    except smtplib.SMTPNotSupportedError as error:
        said, result = str(error), Result.STOPPED
    except ssl.SSLCertVerificationError as error:
        said, result = f"its certificate is not trusted: {error.verify_message}", Result.STOPPED
    except ssl.SSLError as error:
        said, result = f"TLS: {error.reason or error}", way.broken()
    except (OSError, UnicodeError, ValueError) as error:  # smtplib's own are OSErrors too
        late = time.monotonic() >= way.end or isinstance(error, TimeoutError)
        said, result = f"no answer within {server.seconds:g} s" if late else f"{error}", way.broken()
    return Handover(
        result=result, stage=way.stage, code=code if code is None or code > 0 else None, text=_hidden(server, said),
        seconds=time.monotonic() - begun,
    )


class _Way:
    """One way to the server, and how far it has come."""

    def __init__(self, server: Server, end: float) -> None:
        self.server = server
        self.end = end
        self.stage = Stage.CONNECT

    def go(self, stack: ExitStack, recipient: str, content: bytes) -> tuple[int, str]:
        """All of it; the last reply that was got."""
        server = self.server
        context = ssl.create_default_context(cafile=server.ca)
        line = _Line(server, self.end, stack, context if server.security == TLS else None)
        stack.callback(_leave, line)
        line.ehlo_or_helo_if_needed()
        if server.security == STARTTLS:
            self.stage = Stage.SECURE
            line.starttls(context=context)
            line.ehlo_or_helo_if_needed()
        if server.user:
            self.stage = Stage.SIGN_IN
            line.login(server.user, server.password)
        self.stage = Stage.SENDER
        options = [f"SIZE={len(content)}"] if line.has_extn("size") else []
        code, said = line.mail(server.sender, options)
        if code in _DONE:
            self.stage = Stage.RECIPIENT
            code, said = line.rcpt(recipient)
        if code in _DONE:
            self.stage = Stage.CONTENT
            code, said = line.data(content)
        return code, _read(said)

    def meaning(self, code: int) -> Result:
        """What a reply at this stage means."""
        if self.stage is Stage.CONTENT and code == _DONE[0]:
            return Result.SENT
        lasting = code >= 500
        if self.stage in (Stage.RECIPIENT, Stage.CONTENT) or code in _TOO_LARGE:
            return Result.NEVER if lasting else Result.LATER
        if self.stage is Stage.SENDER and not lasting:
            return Result.LATER
        return Result.STOPPED if lasting and self.stage is not Stage.CONNECT else Result.AWAY

    def broken(self) -> Result:
        """What it means that there was no reply: from the sender on nobody knows, and the message may be there."""
        return Result.LATER if self.stage in (Stage.SENDER, Stage.RECIPIENT, Stage.CONTENT) else Result.AWAY


class _Line(smtplib.SMTP):
    """smtplib's client over a connection that ends when its time is up."""

    def __init__(self, server: Server, end: float, stack: ExitStack, context: ssl.SSLContext | None) -> None:
        self._end, self._stack, self._context = end, stack, context
        name = server.sender.rpartition("@")[2] or _LOCAL
        super().__init__(
            server.host, server.port, local_hostname=name, timeout=max(0.01, end - time.monotonic())
        )

    def _get_socket(self, host: str, port: int, _: Any) -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        raw = connect([(family, where) for family, *_, where in found], self._end)
        self._stack.callback(raw.close)
        self._stack.enter_context(cut_off(raw, self._end))
        return raw if self._context is None else self._context.wrap_socket(raw, server_hostname=host)


def _leave(line: smtplib.SMTP) -> None:
    """The message is handed over or not; what is said on leaving changes nothing."""
    with suppress(OSError):
        line.quit()
    line.close()


def _read(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _hidden(server: Server, said: str) -> str:
    """The server's words on one line, without what it may have repeated of ours."""
    if server.password:
        secrets = (server.password, *(
            b64encode(text.encode()).decode()
            for text in (server.password, f"\0{server.user}\0{server.password}")
        ))
        for secret in secrets:
            said = said.replace(secret, "***")
    return " ".join("".join(each if each.isprintable() else " " for each in said).split())[:_TEXT]
