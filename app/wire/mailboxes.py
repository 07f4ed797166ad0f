"""Mail addresses as callers write them: one, or several with commas or semicolons between.

Taken is what any mail server takes: a local part of ASCII without quotes, and a domain, international ones in their
ASCII form. Everything else, control characters first of all, is no address. Sources: RFC 5321, 4.1.2; RFC 5890.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST: Final = 5
"""So many addresses of one text are used; the others count as wrong."""

LONGEST: Final = 254

_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]")
_LONGEST_LOCAL: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailboxes:
    """What a text names: addresses, each once, and what is none."""

    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()


def mailboxes(text: str) -> Mailboxes:
    """The addresses in a text; empty for an empty one."""
    good: dict[str, str] = {}
    bad = []
    for part in re.split("[,;]", text):
        if not part.strip(" "):
            continue
        found = mailbox(part)
        if found is None or (found.lower() not in good and len(good) == MOST):
            bad.append(part.strip(" "))
        else:
            good.setdefault(found.lower(), found)
    return Mailboxes(good=tuple(good.values()), bad=tuple(bad))


def mailbox(text: str) -> str | None:
    """The address as mail servers take it; None for what is none."""
    local, _, domain = text.strip(" ").rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    whole = f"{local}@{domain}"
    if len(local) > _LONGEST_LOCAL or len(whole) > LONGEST:
        return None
    return whole if _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) else None
