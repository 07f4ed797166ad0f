"""Where the shared reference data lies: SUNAT's lists, rules, schemas and the examples of the contract.

``CHASQUI_SHARED`` names the folder, else it is expected beside the project. Without it the tests that need it are
skipped with a reason; on the build machine (``CI=true``) its absence is a failure.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def shared_path(*parts: str) -> Path:
    """The file or folder at ``parts`` below the shared folder; skips (or, with CI=true, fails) when it is absent."""
    root = Path(os.environ.get("CHASQUI_SHARED") or PROJECT.parent / "shared")
    path = root.joinpath(*parts)
    if path.exists():
        return path
    reason = f"shared reference data not present: {'/'.join(parts) or 'the folder itself'}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
