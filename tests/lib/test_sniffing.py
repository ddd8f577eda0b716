"""Files told by their bytes; names that lie; images without metadata."""

import io
import struct
import zipfile
import zlib
from base64 import b64decode

import openpyxl
import pytest
from PIL import Image

from bihuan.lib import sniffing

CUT_OFF = (
    "R0lGODlhBAADAIEAAMgDBQAAAAAAAAAAACH5BAAFAAAALAAAAAAEAAMAAAgIAAEIHEhQYEAAIfkAAQUAAQAsAAAAAAQAAwCBCQkJAAAA"
    "AAAAAAAACAgAAQgcSFBgQAAh+QQBBQABACwAAAAABAAD"
)
"""An animation that ends in the middle of a frame."""
ALTERED = (
    "R0lGODlhBAADAIEAAMgDBQAAAAAAAAAAACH5BAAFAAAALAAAAAAEAAMAAAgIAAEIHEhQYEAAIfkEAQUAAQAsAAAAAAQAAwCBCQkJAAAA"
    "AAAAAAAACAgAAQgcSFBgQAAh+QQBBQABACwAAAAABAADAIFjY2NQgEAAOw=="
)
HEAD_ALTERED = (
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADEAAAAADBDy1ZAAAAfGVYSWZNTQAqAAAACAD/AQEAAgAAAAYAAAA+ARIAAwAAAAEABgAAh2kA"
    "BAAAAAEAAABEiCUABAAAAAEAAABqAAAAAG1ha2VyAAABkAMAAgAAABQAAABWAAAAADIwMjA6MDE6MDEgMDA6MDA6MDAAAAEAAQACAAAAAk4A"
    "AAAAAAAAkyADxwAAAAtJREFUeJxjYMAJAAAbAAHKPEoN"
)


def picture(form: str, size: tuple[int, int] = (20, 10), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(out, form, **options)
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def plain_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "mime"),
    [
        (picture("JPEG"), "a.png", "image/jpeg"),
        (picture("PNG"), "a", "image/png"),
        (picture("GIF"), "a", "image/gif"),
        (picture("WEBP"), "a", "image/webp"),
        (b"%PDF-1.7\n", "a.jpg", "application/pdf"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00", "a.mp4", "video/mp4"),
        (b"#!AMR\n\x3c", "a.amr", "audio/amr"),
        (b"ID3\x04\x00", "a.mp3", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "a.mp3", "audio/mpeg"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "a.wav", "audio/wav"),
        (workbook(), "a.zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (plain_zip(), "a.xlsx", "application/zip"),
        ("编号,内容\n1,停水\n".encode("gb18030"), "a.csv", "text/csv"),
        ("留言".encode("utf-16"), "a.txt", "text/plain"),
        ("停水".encode()[:5], "a.txt", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "a.png", "text/xml"),
        (b"<?xml version='1.0'?><svg/>", "a.svg", "text/xml"),
        (b"\n <!DOCTYPE html><p>", "a.jpg", "text/html"),
        (b"<script>alert(1)</script>", "a.gif", "text/html"),
        (b"MZ\x90\x00", "a.jpg", "application/x-msdownload"),
        (b"\x00\x01\x02\x03\x04", "a.jpg", "application/octet-stream"),
        (b"", "a.jpg", "application/octet-stream"),
    ],
)
def test_sniff(data: bytes, name: str, mime: str) -> None:
    assert sniffing.sniff(data[: sniffing.HEAD_BYTES], name) == mime


def test_names_that_lie() -> None:
    assert sniffing.agrees("image/jpeg", "现场.JPG")
    assert not sniffing.agrees("image/jpeg", "现场.png")
    assert not sniffing.agrees("application/x-msdownload", "发票.pdf")
    assert not sniffing.agrees("text/html", "a.jpg")
    assert not sniffing.agrees("application/octet-stream", "a.bin")
    assert not sniffing.agrees("image/png", "png")


def test_photo_is_turned_upright_and_loses_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    data = picture("JPEG", exif=exif, comment=b"SecretComment")
    clean = sniffing.strip_exif(data, "image/jpeg")
    assert b"SecretCamera" in data and b"Secret" not in clean and b"Exif" not in clean
    with Image.open(io.BytesIO(clean)) as image:
        assert image.size == (10, 20)
        assert dict(image.getexif()) == {}


def test_png_text_and_webp_exif_are_removed() -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Author", "SecretName")
    assert b"SecretName" not in sniffing.strip_exif(picture("PNG", pnginfo=text), "image/png")
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    assert b"SecretCamera" not in sniffing.strip_exif(picture("WEBP", exif=exif), "image/webp")


def test_animation_keeps_its_frames() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in (0, 120, 250)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=50, comment=b"SecretComment")
    clean = sniffing.strip_exif(out.getvalue(), "image/gif")
    assert b"SecretComment" not in clean
    with Image.open(io.BytesIO(clean)) as image:
        assert image.n_frames == 3


def test_bomb_is_refused_by_its_header() -> None:
    body = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + body
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    idat = b"IDAT" + zlib.compress(b"\0")
    data += struct.pack(">I", len(idat) - 4) + idat + struct.pack(">I", zlib.crc32(idat))
    with pytest.raises(sniffing.ImageError) as caught:
        sniffing.strip_exif(data, "image/png")
    assert caught.value.rule == "image_too_large"


@pytest.mark.parametrize(
    ("data", "mime", "rule"),
    [
        (b"<svg/>", "image/svg+xml", "image_type"),
        (picture("PNG"), "image/jpeg", "image_unreadable"),
        (picture("JPEG", (400, 400))[:700], "image/jpeg", "image_unreadable"),
        (b"", "image/png", "image_unreadable"),
        (b64decode(CUT_OFF), "image/gif", "image_unreadable"),
        (b64decode(ALTERED), "image/gif", "image_unreadable"),
        (b64decode(HEAD_ALTERED), "image/png", "image_unreadable"),
    ],
)
def test_what_is_no_image_is_refused(data: bytes, mime: str, rule: str) -> None:
    with pytest.raises(sniffing.ImageError) as caught:
        sniffing.strip_exif(data, mime)
    assert caught.value.rule == rule
