"""Files that departments hand in as evidence: what they are is told by their content, and their name must agree."""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

LARGEST = 10 * 1024 * 1024
PDF, PNG, JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
OFFICE = "application/vnd.openxmlformats-officedocument"
CONTENT_TYPE = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "csv": "text/csv",
    "txt": "text/plain",
}
MAIN_PART = {"xlsx": "xl/workbook.xml", "docx": "word/document.xml"}
BEGINS = {"pdf": PDF, "png": PNG, "jpg": JPEG, "jpeg": JPEG}
CONTROL = frozenset(range(32)) - {9, 10, 12, 13}


class EvidenceFileError(ValueError):
    """A file that is not taken; `reason` is empty, too_large, unknown_type or not_what_it_says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean_name(filename: str) -> str:
    """The name alone, without folders or unseen characters, at most 150 of them with its ending."""
    bare = PurePosixPath(filename.replace("\\", "/")).name
    seen = "".join(c for c in bare if c.isprintable()).strip() or "file"
    path = PurePosixPath(seen)
    return path.stem[: 150 - len(path.suffix)] + path.suffix if len(path.suffix) < 20 else seen[:150]


def content_type_of(filename: str, content: bytes) -> str:
    """The content type of a file that is taken. Raises EvidenceFileError."""
    if not content:
        raise EvidenceFileError("empty")
    if len(content) > LARGEST:
        raise EvidenceFileError("too_large")
    ending = PurePosixPath(filename).suffix.lstrip(".").lower()
    if ending not in CONTENT_TYPE:
        raise EvidenceFileError("unknown_type")
    if not _is(ending, content):
        raise EvidenceFileError("not_what_it_says")
    return CONTENT_TYPE[ending]


def _is(ending: str, content: bytes) -> bool:
    if ending in BEGINS:
        return content.startswith(BEGINS[ending])
    if ending in MAIN_PART:
        return _is_office(content, MAIN_PART[ending])
    return _is_text(content)


def _is_office(content: bytes, main_part: str) -> bool:
    """A package with the part that such a document must have, and no macros. Its list is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, NotImplementedError, RuntimeError):
        return False
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return {"[Content_Types].xml", main_part} <= names and not macros


def _is_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig" if _decodes(content, "utf-8-sig") else "cp1252"
    if not _decodes(content, encoding):
        return False
    return encoding == "utf-16" or not CONTROL & set(content)


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
