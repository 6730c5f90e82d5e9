"""Who may open what: every address with the roles that it lets in, one module a part of the product.

`tests/integration/test_access.py` asks every address as every role and fails for an address without a row.
"""

from dataclasses import dataclass, field
from typing import Any

# In the order of the table; a reporter and an approver are those of the world's own department.
ROLES = ("public", "council", "reporter", "approver", "strategist", "administrator")
EVERYONE = frozenset(ROLES)
SIGNED_IN = EVERYONE - {"public"}
DEPARTMENT = frozenset({"reporter", "approver", "strategist", "administrator"})
APPROVERS = frozenset({"approver", "strategist", "administrator"})
STEERING = frozenset({"strategist", "administrator"})
PRIORITISING = frozenset({"council", "strategist", "administrator"})
ADMINISTRATION = frozenset({"administrator"})


@dataclass(frozen=True)
class Row:
    """An address by its url name. `args` and `data` may hold callables, called with the test's world when it is tried.

    Whoever is `allowed` gets anything but 302 to the log-in, 401, 403 and 404; the public is sent to the log-in;
    others get `refused`. (302: are sent away; 404: there is no such thing, which the public is told too.)
    """

    name: str
    allowed: frozenset[str]
    args: tuple[Any, ...] = ()
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    refused: int = 403
