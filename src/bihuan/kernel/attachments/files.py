"""Files on the disk, named by the hash of their content; what may come in, and what is done to it on the
way."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from bihuan.lib.refusals import Refusal
from bihuan.lib.sniffing import HEAD_BYTES, ImageError, agrees, sniff, strip_exif

CHUNK = 1 << 20
NAME_LENGTH = 200
SCAN_SECONDS = 60
IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
ALLOWED = IMAGES | {
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "text/plain",
    "text/csv",
    "audio/amr",
    "audio/mpeg",
    "audio/mp4",
    "audio/ogg",
    "audio/wav",
    "video/mp4",
}
TEXTS = frozenset({".txt", ".csv", ".tsv", ".log", ".md"})
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A checked file that is not yet in its place. `scan` is "clean", or "none" where there is no scanner."""

    path: Path
    sha256: str
    size: int
    mime: str
    scan: str


def path_of(sha256: str) -> Path:
    """Where a content lies: ab/abcdef… under settings.ATTACHMENT_ROOT. ValueError for what is no hash."""
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise ValueError("not a SHA-256")
    return Path(settings.ATTACHMENT_ROOT) / sha256[:2] / sha256


def name_cleaned(name: str) -> str:
    """The bare name: no folders, no hidden or control characters, at most 200 characters with its
    extension kept.

    Refusal when nothing is left.
    """
    bare = re.split(r"[/\\]", _HIDDEN.sub("", str(name)[:4000]))[-1]
    bare = unicodedata.normalize("NFC", bare).strip(" .")
    if not bare:
        raise Refusal("name", "文件没有名称。", field="file")
    stem, dot, suffix = bare.rpartition(".")
    if len(bare) > NAME_LENGTH and dot and len(suffix) <= 10:
        return f"{stem[: NAME_LENGTH - len(suffix) - 1]}.{suffix}"
    return bare[:NAME_LENGTH]


def content_lock(sha256: str) -> None:
    """Until the transaction ends, nobody else adds or removes this content: its file and its row go together."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('attachment ' || %s, 0))", [sha256])


@contextmanager
def received(file: Any, *, name: str, largest: int) -> Iterator[Incoming]:
    """The file streamed to the disk and checked: size (bytes), type, metadata, scanner. It is gone at the
    end.

    `file` is an uploaded file or a path. Refusal says what is wrong with it.
    """
    folder = Path(settings.ATTACHMENT_ROOT) / ".incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, found = tempfile.mkstemp(dir=folder)  # mode 600
    path = Path(found)
    try:
        with os.fdopen(descriptor, "wb") as out:
            sha256, size, head = _stream(_chunks(file), out, largest)
        mime = _type_checked(path, head, name)
        if mime in IMAGES:
            sha256, size = _metadata_strip(path, mime)
        yield Incoming(path, sha256, size, mime, _scan(path))
    finally:
        path.unlink(missing_ok=True)


def place(incoming: Incoming) -> None:
    """Move the file to its place at once and for good; the same content again changes nothing."""
    target = path_of(incoming.sha256)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with incoming.path.open("rb") as file:
        os.fsync(file.fileno())
    incoming.path.replace(target)
    for folder in (target.parent, target.parent.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def hash_of(path: Path) -> str:
    """SHA-256 of a file, read in parts."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _chunks(file: Any) -> Iterator[bytes]:
    if isinstance(file, (str, os.PathLike)):
        with Path(file).open("rb") as opened:
            yield from iter(lambda: opened.read(CHUNK), b"")
    else:
        yield from file.chunks(CHUNK)


def _stream(chunks: Iterable[bytes], out: Any, largest: int) -> tuple[str, int, bytes]:
    digest, size, head = hashlib.sha256(), 0, b""
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise Refusal("too_large", f"文件不能超过 {largest / 1_000_000:g} MB。", field="file")
        head += chunk[: max(0, HEAD_BYTES - len(head))]
        digest.update(chunk)
        out.write(chunk)
    if not size:
        raise Refusal("empty", "文件是空的。", field="file")
    return digest.hexdigest(), size, head


def _type_checked(path: Path, head: bytes, name: str) -> str:
    mime = sniff(head, name)
    if mime not in ALLOWED:
        raise Refusal(
            "type",
            "不收这种文件。可以上传图片(JPG、PNG、GIF、WebP)、PDF、Office 文档、文本、CSV、录音和 MP4。",
            field="file",
        )
    if not agrees(mime, name):
        raise Refusal("type_differs", f"文件内容与扩展名不符(内容是 {mime})。", field="file")
    if mime.startswith("text/") and Path(name).suffix.lower() not in TEXTS:
        raise Refusal("type", "不收这种文本文件。", field="file")
    return mime


def _metadata_strip(path: Path, mime: str) -> tuple[str, int]:
    try:
        data = strip_exif(path.read_bytes(), mime)
    except ImageError as error:
        raise Refusal(error.rule, f"{error.message}。", field="file") from None
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest(), len(data)


def _scan(path: Path) -> str:
    if not settings.ATTACHMENT_SCANNER:
        return "none"
    command = [*shlex.split(settings.ATTACHMENT_SCANNER), str(path)]
    limit = getattr(settings, "ATTACHMENT_SCAN_SECONDS", SCAN_SECONDS)
    try:
        done = subprocess.run(  # noqa: S603  the operator's own command
            command, timeout=limit, capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Refusal("scan_unavailable", "安全检查暂时不能进行,请稍后再传。", field="file") from None
    if done.returncode:
        raise Refusal("scan", "文件没有通过安全检查。", field="file")
    return "clean"
