"""``python -m tests.planted [WORD]``: plants all bugs, or those with the word in their name; says who was caught."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from tests.planted.bugs import BUGS
from tests.planted.planting import try_bug, try_none


def main(arguments: Sequence[str]) -> int:
    """Runs the command; 0 when all were caught."""
    chosen = [bug for bug in BUGS if not arguments or arguments[0] in bug.name]
    begun = time.monotonic()
    try_none(chosen)
    sys.stdout.write(f"{'without a bug':45} {time.monotonic() - begun:5.1f} s  the tests pass\n")
    caught = 0
    for bug in chosen:
        verdict = try_bug(bug)
        caught += verdict.caught
        sys.stdout.write(f"{bug.name:45} {verdict.seconds:5.1f} s  {'caught' if verdict.caught else 'ESCAPED'}\n")
        sys.stdout.write(f"    {verdict.said}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{caught} of {len(chosen)} caught in {time.monotonic() - begun:.0f} s\n")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
