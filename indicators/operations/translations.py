"""Texts in two languages."""

from collections.abc import Mapping


def translated(field: str, texts: Mapping[str, str] | str | None) -> dict[str, str]:
    """A text in two languages as the columns it is stored in; one text alone serves both."""
    if isinstance(texts, str):
        texts = {"sv": texts, "en": texts}
    return {f"{field}_{language}": (texts or {}).get(language, "") for language in ("sv", "en")}
