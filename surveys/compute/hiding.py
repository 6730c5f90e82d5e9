"""What a person hides in a comment beyond what the rules of masking found."""

import re

HIDDEN = "[dolt]"
LEAST_LETTERS = 2


def hide(text: str, part: str) -> tuple[str, int]:
    """The text with every place where `part` stands as words of its own replaced by a mark, and how many there were.

    Capitals and the length of spaces make no difference, and an ending of Swedish possession (“Annas” for “Anna”) goes
    too. A part shorter than two letters or digits hides nothing, nor does a mark that stands there already.
    """
    words = part.split()
    if sum(character.isalnum() for character in part) < LEAST_LETTERS or re.fullmatch(r"\[\w+\]", part.strip()):
        return text, 0
    pattern = r"(?<!\w)(?<!\[)" + r"\s+".join(map(re.escape, words)) + r"(?:s|:s)?(?!\w)(?!\])"
    return re.subn(pattern, HIDDEN, text, flags=re.IGNORECASE)
