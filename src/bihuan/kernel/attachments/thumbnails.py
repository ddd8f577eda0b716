"""Small pictures of photographs: made once, named by the hash of the content that they show, gone together with it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings

from bihuan.kernel.attachments.files import IMAGES, content_lock, path_of
from bihuan.kernel.attachments.models import Attachment, Blob
from bihuan.lib.refusals import NotFound
from bihuan.lib.sniffing import ImageError, thumbnail_drawn

MIME = "image/jpeg"


def thumbnail_path(sha256: str) -> Path:
    """Where the small picture of this content lies, or will lie."""
    return Path(settings.ATTACHMENT_ROOT) / ".thumbnails" / path_of(sha256).parent.name / f"{sha256}.jpg"


def thumbnail_of(blob: Blob) -> Path:
    """The small picture of a photograph, in a transaction. NotFound for what is no picture, or is not there."""
    if blob.mime not in IMAGES:
        raise NotFound("no_picture", "这个附件不是图片。")
    path = thumbnail_path(blob.sha256)
    if not path.is_file():
        content_lock(blob.sha256)  # whoever forgets the content meanwhile waits, and then forgets this too
        try:
            _place(path, thumbnail_drawn(path_of(blob.sha256).read_bytes(), blob.mime))
        except (FileNotFoundError, ImageError):
            raise NotFound("content_missing", "附件的内容不在了,请联系系统管理员。") from None
    return path


def thumbnails_read(attachments: Iterable[Attachment]) -> dict[int, bytes]:
    """The small pictures of those of these visible attachments that are photographs, by the attachment's id."""
    found = {}
    for one in attachments:
        if one.picture:
            try:
                found[one.pk] = thumbnail_of(one.blob).read_bytes()
            except NotFound:
                continue
    return found


def thumbnail_discard(sha256: str) -> None:
    """Remove the small picture of a content that is being removed."""
    thumbnail_path(sha256).unlink(missing_ok=True)


def _place(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, made = tempfile.mkstemp(dir=path.parent)  # mode 600
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
    Path(made).replace(path)


def thumbnails_left() -> Iterator[Path]:
    """Files among the small pictures that show no content that is there: what a stop in between left behind."""
    for path in Path(settings.ATTACHMENT_ROOT).glob(".thumbnails/*/*"):
        if path.suffix != ".jpg" or not path_of(path.stem).is_file():
            yield path
