"""Which addresses a webhook may reach: the internet, never this machine, its network, or a cloud's own services.

What counts is the address that the connection is made to, so that a name which resolves differently each time gains
nothing. Source: the IANA registries of special-purpose addresses (RFC 6890), RFC 6598 (shared space), RFC 4291.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_TYPED: Final = re.compile(r"[!-~]{1,500}")
_GLOBAL: Final = ipaddress.ip_network("2000::/3")
_CARRIERS: Final = tuple(
    ipaddress.ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
"""Global addresses of version 6 that carry others or stand for nobody: Teredo, 6to4, documentation."""


_SERVICES: Final = tuple(ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24"))
"""Addresses of version 4 for protocols, a cloud's metadata among them, and for carrying version 6."""


class BadTarget(Exception):
    """An address that no webhook is sent to; says why in Spanish (``es``) and English (``en``)."""

    def __init__(self, es: str, en: str) -> None:
        super().__init__(en)
        self.es = es
        self.en = en


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A callback URL in its parts; ``path`` with its query, ``authority`` as the Host header has it."""

    secure: bool
    host: str
    port: int
    path: str
    authority: str


def target_of(url: str, *, secure_only: bool) -> Target:
    """The parts of a callback URL. Raises BadTarget for one that is none, or not https where it must be."""
    try:
        if not _TYPED.fullmatch(url):
            raise ValueError
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if parts.scheme not in ("http", "https") or not host or "%" in host or port == 0:
            raise ValueError
        host.encode("idna")
    except ValueError as error:
        raise BadTarget(
            "callback_url no es una dirección https válida", "callback_url is no valid https address"
        ) from error
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadTarget(
            "callback_url no lleva usuario ni fragmento; use callback_username y callback_password",
            "callback_url has no user and no fragment; use callback_username and callback_password",
        )
    secure = parts.scheme == "https"
    if secure_only and not secure:
        raise BadTarget("callback_url debe ser https en producción", "callback_url must be https in live")
    return Target(
        secure=secure, host=host, port=port or (443 if secure else 80), authority=parts.netloc,
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )


def check_literal(target: Target, *, private: bool) -> None:
    """Raises BadTarget where the host is written as an address that may not be reached."""
    try:
        ipaddress.ip_address(target.host)
    except ValueError:
        return  # a name: what it resolves to is looked at when it is called
    _check(target.host, private=private)


def resolved(target: Target, *, private: bool) -> list[tuple[int, tuple[object, ...]]]:
    """Families and socket addresses of a target, all of them looked at. Raises BadTarget, or OSError by the resolver.

    ``private`` lets any address pass, for tests and receivers in one's own network.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    for *_, where in found:
        _check(str(where[0]), private=private)
    return [(family, where) for family, *_, where in found]


def allowed(text: str) -> bool:
    """Whether an IP address is one of the internet's."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return address in _GLOBAL and not any(address in net for net in _CARRIERS)
        address = address.ipv4_mapped
    special = address.is_multicast or address.is_reserved or any(address in net for net in _SERVICES)
    return address.is_global and not special


def _check(text: str, *, private: bool) -> None:
    if not private and not allowed(text):
        raise BadTarget(
            f"callback_url lleva a {text}, que no es una dirección pública",
            f"callback_url leads to {text}, which is no public address",
        )
