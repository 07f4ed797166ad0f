"""The message: plain text, the same as small HTML without anything from elsewhere, and the voucher's files.

Nothing of a caller's becomes a header by itself: addresses were taken apart before, texts lose their control
characters here, and no address is written that is none. All of it travels in seven bits.
Sources: RFC 5322, 2045 to 2047.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Final

from app.wire.mailboxes import mailbox

PRETENDED: Final = "[PRUEBA] "
"""What the subject of a voucher without value begins with."""

_SIMPLE: Final = re.compile(r"[A-Za-z0-9 /-]*")
_LINE: Final = 75
_SUBJECT: Final = 200
_NAME: Final = 100
_PAGE: Final = (
    '<!doctype html><html lang="es"><head><meta charset="utf-8"></head>'
    '<body style="margin:0;padding:24px;font-family:Arial,Helvetica,sans-serif;font-size:15px;color:#1b1f24">{}'
    "</body></html>"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """A file: its name, its subtype of ``application``, its bytes."""

    name: str
    subtype: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a message says, in Spanish.

    ``sender`` and ``recipient`` are addresses, ``name`` is who sends it to the eyes of the receiver. ``facts`` are
    names and values in their order, ``paragraphs`` stand before them, ``link`` and ``footer`` after them.
    """

    sender: str
    name: str
    recipient: str
    reply_to: str = ""
    subject: str
    message_id: str
    moment: datetime
    paragraphs: Sequence[str]
    facts: Mapping[str, str]
    link: str = ""
    footer: str = ""
    enclosures: Sequence[Enclosure] = ()


def written(letter: Letter) -> bytes:
    """The message as it is handed over, lines ending in CR LF. Raises ValueError for an address that is none."""
    message = EmailMessage(policy=SMTP)
    message["Date"] = format_datetime(letter.moment)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_text(letter), cte="quoted-printable")
    message.add_alternative(_html(letter), subtype="html", cte="quoted-printable")
    for each in letter.enclosures:
        message.add_attachment(
            each.content, maintype="application", subtype=each.subtype, filename=each.name, cte="base64"
        )
    name = plain(letter.name)[:_NAME]
    sender = f"{_words('From', name)} <{_checked(letter.sender)}>" if name else _checked(letter.sender)
    head = [f"From: {sender}", f"To: {_checked(letter.recipient)}"]
    if letter.reply_to:
        head.append(f"Reply-To: {_checked(letter.reply_to)}")
    head.append(f"Subject: {_words('Subject', plain(letter.subject)[:_SUBJECT])}")
    return "".join(f"{line}\r\n" for line in head).encode("ascii") + message.as_bytes()


def plain(text: str) -> str:
    """A text on one line, without control characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _words(header: str, text: str) -> str:
    """A text as a header has it, folded; as encoded words where it is more than letters, digits and blanks.

    Written by `email.header`: the newer classes lose the quotes of a long name when they fold it, and then its commas
    would part it into addresses.
    """
    charset = "us-ascii" if _SIMPLE.fullmatch(text) else "utf-8"
    return Header(text, charset, header_name=header, maxlinelen=_LINE).encode(linesep="\r\n")


def _checked(address: str) -> str:
    if mailbox(address) != address:
        raise ValueError(f"{address!r} is no mail address")
    return address


def _text(letter: Letter) -> str:
    width = max((len(name) for name in letter.facts), default=0) + 2
    parts = [
        *letter.paragraphs,
        "\n".join(f"{name + ':':{width}}{plain(value)}" for name, value in letter.facts.items()),
    ]
    if letter.link:
        parts.append(f"Consúltelo en {letter.link}")
    if letter.footer:
        parts.append(letter.footer)
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(letter: Letter) -> str:
    parts = [f"<p>{escape(each)}</p>" for each in letter.paragraphs]
    if letter.facts:
        rows = "".join(
            f'<tr><td style="padding:2px 16px 2px 0;color:#57606a">{escape(name)}</td>'
            f"<td>{escape(plain(value))}</td></tr>"
            for name, value in letter.facts.items()
        )
        parts.append(f'<table style="border-collapse:collapse">{rows}</table>')
    if letter.link:
        link = escape(letter.link, quote=True)
        parts.append(f'<p>Consúltelo en <a href="{link}">{link}</a></p>')
    if letter.footer:
        footer = "<br>".join(escape(line) for line in letter.footer.splitlines())
        parts.append(f'<p style="color:#57606a;font-size:13px">{footer}</p>')
    return _PAGE.format("".join(parts))
