"""A progress bar for the commands that take long, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click


class Bar:
    """A progress bar on standard error, silent where that is no terminal; without a length it counts files."""

    def __init__(self, label: str, length: int | None) -> None:
        self._label = label
        self._length = length
        self._shown = sys.stderr.isatty()
        self._count = 0

    def __enter__(self) -> Callable[[int], None]:
        return self._step

    def __exit__(self, *_: object) -> None:
        if self._shown and self._count:
            click.echo("", err=True)

    def _step(self, steps: int) -> None:
        self._count += steps
        if self._shown and (self._count % 25 < steps or self._count == self._length):
            click.echo(f"\r{self._label}: {self._drawn()}", nl=False, err=True)

    def _drawn(self) -> str:
        if not self._length:
            return f"{self._count}"
        done = 30 * self._count // self._length
        return f"[{'#' * done}{'.' * (30 - done)}] {self._count}/{self._length}"
