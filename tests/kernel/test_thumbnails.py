"""Small pictures: made once, by the content's hash, without metadata; seen by who sees the photograph; gone with it."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from bihuan.kernel.attachments.files import path_of
from bihuan.kernel.attachments.forgetting import contents_discard, strays_discard
from bihuan.kernel.attachments.models import Attachment, Blob
from bihuan.kernel.attachments.thumbnails import thumbnail_of, thumbnail_path
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.lib.sniffing import ImageError, thumbnail_drawn
from tests.stories.cast import Town, town

__all__ = ["town"]


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENT_ROOT = tmp_path / "attachments"
    return tmp_path / "attachments"


def drawn(form: str = "JPEG", size: tuple[int, int] = (1600, 1200), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    Image.new(mode, size, 200 if mode == "L" else "red").save(out, form, exif=exif)
    return out.getvalue()


def put(town: Town, number: str, content: bytes, name: str) -> Attachment:
    file = SimpleUploadedFile(name, content)
    assert town.as_("wang").post(f"/cases/{number}/attachments", {"file": file}).status_code == 302
    town.see()
    return Attachment.objects.select_related("blob").latest("pk")


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("form", "mime", "mode"),
    [("JPEG", "image/jpeg", "RGB"), ("JPEG", "image/jpeg", "L"), ("JPEG", "image/jpeg", "CMYK"), ("PNG", "image/png", "RGBA"),
     ("PNG", "image/png", "P"), ("WEBP", "image/webp", "RGB"), ("GIF", "image/gif", "P")],
)  # fmt: skip
def test_every_kind_of_picture_is_made_small(form: str, mime: str, mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (1600, 1200)).save(out, form)
    small = Image.open(io.BytesIO(thumbnail_drawn(out.getvalue(), mime)))
    assert (small.format, small.size, small.mode) == ("JPEG", (480, 360), "RGB")
    assert not small.getexif() and "exif" not in small.info


def test_a_small_picture_is_not_made_larger() -> None:
    assert Image.open(io.BytesIO(thumbnail_drawn(drawn(size=(32, 24)), "image/jpeg"))).size == (32, 24)


@pytest.mark.parametrize(
    ("data", "mime", "rule"),
    [
        (b"%PDF-1.4", "application/pdf", "image_type"),
        (b"\xff\xd8\xff nonsense", "image/jpeg", "image_unreadable"),
    ],
)
def test_what_is_no_picture_has_none(data: bytes, mime: str, rule: str) -> None:
    with pytest.raises(ImageError) as refused:
        thumbnail_drawn(data, mime)
    assert refused.value.rule == rule


def test_the_page_shows_small_pictures_made_once_and_the_original_on_click(town: Town, root: Path) -> None:
    number = town.handling()
    photo = put(town, number, drawn(), "现场.jpg")
    paper = put(town, number, b"%PDF-1.4\n%%EOF\n", "合同.pdf")
    page = town.page("wang", number)
    assert f'<a href="/attachments/{photo.pk}?inline=1"><img src="/attachments/{photo.pk}/thumbnail"' in page
    assert f'src="/attachments/{photo.pk}?inline=1"' not in page
    assert f'<li><a href="/attachments/{paper.pk}">合同.pdf</a>' in page
    assert f"/attachments/{paper.pk}/thumbnail" not in page
    answer = town.as_("wang").get(f"/attachments/{photo.pk}/thumbnail")
    small = body(answer)
    assert Image.open(io.BytesIO(small)).size == (480, 360)
    assert b"SecretPhone" not in small
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert (answer["Cache-Control"], answer["Content-Security-Policy"]) == (
        "private, no-store",
        "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    )
    path = thumbnail_path(photo.blob.sha256)
    assert path.read_bytes() == small and path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"kept")  # made once
    assert body(town.as_("wang").get(f"/attachments/{photo.pk}/thumbnail")) == b"kept"
    assert town.as_("wang").get(f"/attachments/{paper.pk}/thumbnail").status_code == 404


def test_who_may_not_see_the_photograph_sees_no_small_one(town: Town) -> None:
    number = town.handling()
    photo = put(town, number, drawn(), "现场.jpg")
    for who in ("qian", "audit"):
        assert town.as_(who).get(f"/attachments/{photo.pk}/thumbnail").status_code == 404
    assert town.as_("tang").get(f"/attachments/{photo.pk}/thumbnail").status_code == 200
    town.as_("wang").post(f"/attachments/{photo.pk}/withdraw", {"reason": "拍错了地方"})
    assert town.as_("tang").get(f"/attachments/{photo.pk}/thumbnail").status_code == 404


def test_a_small_picture_goes_with_its_content(town: Town, root: Path) -> None:
    photo = put(town, town.handling(), drawn(), "现场.jpg")
    with kernel_writes():
        sha256 = thumbnail_of(photo.blob).stem
        Attachment.objects.update(blob=None)
        Blob.objects.all().delete()
    assert contents_discard([sha256]) == 1
    assert [path for path in root.rglob("*") if path.is_file()] == []


def test_a_small_picture_left_behind_goes_by_night(town: Town, root: Path) -> None:
    photo = put(town, town.handling(), drawn(), "现场.jpg")
    kept = thumbnail_of(photo.blob)
    left = [kept.parent / "tmpabc", root / ".thumbnails/ab" / f"{'ab' * 32}.jpg"]
    left[1].parent.mkdir(parents=True, exist_ok=True)
    for path in left:
        path.write_bytes(b"x")
    for path in root.rglob("*"):
        os.utime(path, times=(town.now.timestamp(),) * 2)
    strays_discard(now=town.now + timedelta(hours=23))
    assert [path.exists() for path in (kept, *left)] == [True] * 3
    strays_discard(now=town.now + timedelta(hours=25))
    assert [path.exists() for path in (kept, *left)] == [True, False, False]


def test_a_content_that_is_gone_is_told_as_not_found(town: Town) -> None:
    photo = put(town, town.handling(), drawn(), "现场.jpg")
    path_of(photo.blob.sha256).unlink()
    assert town.as_("wang").get(f"/attachments/{photo.pk}/thumbnail").status_code == 404
