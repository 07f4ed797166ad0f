"""The pretend SUNAT as a program: a ledger that outlives a restart, an authority of its own, a server on a port."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.clock import Clock
from sunat.cdr import SUNAT_RUC
from sunat.sandbox import Ledger, Plan, Sandbox, serve
from sunat.sandbox.rulebook import rulebook
from sunat.schemas import Schemas
from sunat.signing import Certificate, load_pem, self_signed

if TYPE_CHECKING:
    from sunat.sandbox.server import SandboxServer

_NAME: Final = "SUNAT DE PRUEBAS"
_DAYS: Final = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretend:
    """A pretend SUNAT that serves: its base address, what it has on record, what it does wrong, and its server."""

    url: str
    ledger: Ledger
    plan: Plan
    server: SandboxServer


@contextmanager
def running(
    clock: Clock, *, host: str = "127.0.0.1", port: int = 0, folder: Path | None = None,
    authority: Certificate | None = None, plan: Plan | None = None, control: bool = True,
    schemas: Schemas | None = None, providers: Collection[str] = (),
) -> Iterator[Pretend]:
    """A pretend SUNAT that serves from a thread for as long as the block lasts; port 0 takes a free one.

    With a ``folder`` it keeps its ledger and its certificate there, else in memory. ``plan`` says what goes wrong,
    and ``control`` whether that may be changed from outside; with ``schemas`` it checks those too. ``providers``
    are RUCs whose users may send for any issuer (PSE). Raises OSError when the port is taken.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    signer = authority or (_authority(folder, clock) if folder else self_signed(
        SUNAT_RUC, _NAME, now=clock.now(), days=_DAYS
    ))
    with Ledger(folder / "sandbox.db" if folder else None) as ledger:
        sandbox = Sandbox(
            ledger, now=clock.now, judge=rulebook(schemas), authority=signer, plan=plan, control=control,
            providers=providers,
        )
        server = serve(host, port, sandbox)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="chasqui-sandbox", daemon=True)
        thread.start()
        try:
            yield Pretend(url=server.url, ledger=ledger, plan=sandbox.plan, server=server)
        finally:
            server.shutdown()
            server.server_close()
            thread.join(5)


def _authority(folder: Path, clock: Clock) -> Certificate:
    """The certificate that signs this sandbox's CDRs, made the first time."""
    path = folder / "authority.pem"
    if not path.exists():
        made = self_signed(SUNAT_RUC, _NAME, now=clock.now(), days=_DAYS)
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made.pem_with_key())
        draft.replace(path)
    return load_pem(path.read_bytes())
