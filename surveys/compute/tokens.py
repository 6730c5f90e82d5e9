"""The codes of personal invitations as people read, write and type them.

No character can be taken for another: there is no 0 or O, no 1, I or L.
"""

import re

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12
GROUP = 4


def grouped(token: str) -> str:
    """The token in groups of four, as letters print it: `ABCD-EFGH-JKMN`."""
    return "-".join(token[start : start + GROUP] for start in range(0, len(token), GROUP))


def cleaned(typed: str) -> str:
    """What somebody typed as a token: capitals, without spaces and hyphens. It need not be a token of ours."""
    return re.sub(r"[\s\-–—]", "", typed).upper()
