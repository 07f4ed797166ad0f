"""What people of an account may do in the console: four roles, each a set of the API's own scopes.

What a role may see of the console stands at each page (`app.console.gate`); what it may order, here: the console acts
through the API with these scopes, so that neither can forget the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from app.accounts.keys import ACCOUNT_SCOPES, BRANCH_SCOPES

Role = Literal["owner", "issuer", "accountant", "viewer"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)

_READS: Final = frozenset({"documents:read", "series:read", "accounts:read"})

SCOPES_OF: Final[Mapping[Role, frozenset[str]]] = {
    "owner": frozenset(ACCOUNT_SCOPES),
    "issuer": frozenset(BRANCH_SCOPES),
    "accountant": _READS,
    "viewer": _READS,
}
"""The scopes of each role. An accountant and a viewer differ in the pages they see, not in what they may change."""
