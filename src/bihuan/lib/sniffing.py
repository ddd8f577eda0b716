"""What a file is by its bytes, whether its name agrees, and images without their metadata."""

import codecs
import io
import re
import struct
import zlib
from pathlib import PurePath

import puremagic
from PIL import Image, ImageOps

HEAD_BYTES = 8192
MAX_PIXELS = 50_000_000
MAX_FRAMES = 200
THUMBNAIL = 480
"""Pixels of the longer side."""
UNKNOWN = "application/octet-stream"

_OFFICE = "application/vnd.openxmlformats-officedocument."
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1f\x8b", "application/gzip"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
_RIFF = {b"WAVE": "audio/wav", b"WEBP": "image/webp", b"AVI ": "video/x-msvideo"}
_OLE = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
}
_OOXML = (
    (b"word/", _OFFICE + "wordprocessingml.document"),
    (b"xl/", _OFFICE + "spreadsheetml.sheet"),
    (b"ppt/", _OFFICE + "presentationml.presentation"),
)
_EXTENSIONS: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "application/pdf": (".pdf",),
    "text/csv": (".csv", ".tsv", ".txt"),
    "text/plain": (".txt", ".csv", ".tsv", ".log", ".md", ".json", ".geojson"),
    "text/html": (".html", ".htm"),
    "text/xml": (".xml", ".svg"),
    "video/mp4": (".mp4", ".m4v"),
    "video/quicktime": (".mov", ".qt"),
    "video/3gpp": (".3gp",),
    "video/x-msvideo": (".avi",),
    "audio/mp4": (".m4a",),
    "audio/amr": (".amr",),
    "audio/mpeg": (".mp3",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/wav": (".wav",),
    "application/zip": (".zip",),
    "application/gzip": (".gz", ".tgz"),
    "application/vnd.rar": (".rar",),
    "application/x-7z-compressed": (".7z",),
    "application/x-msdownload": (".exe", ".dll"),
    **{kind: (suffix,) for suffix, kind in _OLE.items()},
    _OFFICE + "wordprocessingml.document": (".docx",),
    _OFFICE + "spreadsheetml.sheet": (".xlsx",),
    _OFFICE + "presentationml.presentation": (".pptx",),
}
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|title|img|a\s|meta|style|form)[\s>/]?", re.IGNORECASE
)
_XML = re.compile(rb"<\?xml|<(?:\w+:)?svg[\s>]|<!doctype\s+svg", re.IGNORECASE)
BROKEN = (
    OSError,
    SyntaxError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What the decoders raise for an image that is cut off or altered."""
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}


class ImageError(ValueError):
    """An image refused: `rule` is image_type, image_unreadable or image_too_large; `message` in Chinese."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message


def sniff(data_head: bytes, name: str) -> str:
    """The MIME type by the first bytes (8 KiB are enough). `name` only tells kinds of one container apart
    (.doc, .xls; .csv or plain text). Markup is text/html or text/xml, never an image; unknown bytes are
    application/octet-stream.
    """
    head = data_head[:HEAD_BYTES]
    suffix = PurePath(name).suffix.lower()
    for magic, mime in _MAGIC:
        if head.startswith(magic):
            return mime
    if b"%PDF-" in head[:1024] and not _MARKUP.search(head[:1024].split(b"%PDF-")[0]):
        return "application/pdf"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _OLE.get(suffix, "application/x-ole-storage")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed_kind(head, suffix)
    return _media_kind(head) or _text_kind(head, suffix) or _other_kind(head)


def _packed_kind(head: bytes, suffix: str) -> str:
    """OOXML holds its own list of contents; which of the three, by its folders, else by its name."""
    if b"[Content_Types].xml" not in head and b"_rels/.rels" not in head:
        return "application/zip"
    for folder, mime in _OOXML:
        if folder in head:
            return mime
    named = {".docx": 0, ".xlsx": 1, ".pptx": 2}.get(suffix)
    return "application/zip" if named is None else _OOXML[named][1]


def _media_kind(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in (b"heic", b"heix", b"mif1", b"hevc"):
            return "image/heic"
        if brand.startswith(b"3g"):
            return "video/3gpp"
        return {b"M4A ": "audio/mp4", b"qt  ": "video/quicktime"}.get(brand, "video/mp4")
    layer3 = len(head) > 3 and head[0] == 0xFF and head[1] in (0xFB, 0xFA, 0xF3, 0xF2)
    return "audio/mpeg" if layer3 and head[2] >> 4 not in (0, 15) else None


def _text_kind(head: bytes, suffix: str) -> str | None:
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = _decoded(head, "utf-16") if marked else _decoded(head, "utf-8") or _decoded(head, "gb18030")
    if text is None or re.search("[\x00-\x08\x0e-\x1a\x1c-\x1f]", text):
        return None
    plain = text.encode("utf-8")
    if _XML.search(plain):
        return "text/html" if re.search(rb"<html[\s>]", plain, re.IGNORECASE) else "text/xml"
    if _MARKUP.search(plain) and (
        plain.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or suffix in (".html", ".htm")
    ):
        return "text/html"
    return "text/csv" if suffix in (".csv", ".tsv") else "text/plain"


def _decoded(head: bytes, encoding: str) -> str | None:
    """The head as text; a character cut at its end is no fault. None for no bytes or other bytes."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(head) or None
    except UnicodeDecodeError:
        return None


def _other_kind(head: bytes) -> str:
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    best = next((match.mime_type for match in found if match.mime_type and match.confidence >= 0.4), UNKNOWN)
    return UNKNOWN if best.startswith(("image/", "text/")) else best


def agrees(mime: str, name: str) -> bool:
    """Whether the extension of `name` is one of those of `mime`; False for no or an unknown extension."""
    return PurePath(name).suffix.lower() in _EXTENSIONS.get(mime, ())


def strip_exif(data: bytes, mime: str) -> bytes:
    """The image drawn anew: turned upright, without EXIF, GPS, comments and profiles; animations keep their frames.

    For image/jpeg, png, gif and webp. ImageError for other types, for bytes that are not that image, and for more
    than 50 million pixels or 200 frames (judged by the header, before unpacking).
    """
    form = _FORMATS.get(mime)
    if form is None:
        raise ImageError("image_type", f"不能处理的图片类型：{mime}")
    try:
        with Image.open(io.BytesIO(data), formats=[form]) as image:
            frames = 1 if form == "JPEG" else getattr(image, "n_frames", 1)
            if frames > MAX_FRAMES or image.width * image.height * frames > MAX_PIXELS:
                raise ImageError("image_too_large", f"图片超过{MAX_PIXELS // 10000}万像素或{MAX_FRAMES}帧")
            return _redrawn(image, form, frames)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ImageError("image_too_large", f"图片超过{MAX_PIXELS // 10000}万像素") from None
    except ImageError:
        raise
    except BROKEN as error:
        raise ImageError("image_unreadable", "图片已损坏或类型不符") from error


def _redrawn(image: Image.Image, form: str, frames: int) -> bytes:
    drawn: list[Image.Image] = []
    durations: list[int] = []
    for frame in range(frames):
        if frames > 1:
            image.seek(frame)
        upright = ImageOps.exif_transpose(image) if frames == 1 else image.copy()
        durations.append(int(image.info.get("duration", 100)))
        upright.info = {key: upright.info[key] for key in ("transparency",) if key in upright.info}
        drawn.append(upright)
    out = io.BytesIO()
    first, rest = drawn[0], drawn[1:]
    if form == "JPEG":
        (first if first.mode in ("RGB", "L") else first.convert("RGB")).save(
            out, "JPEG", quality=90, optimize=True
        )
    elif rest:
        first.save(out, form, save_all=True, append_images=rest, duration=durations, loop=0)
    else:
        first.save(out, form)
    return out.getvalue()


def thumbnail_drawn(data: bytes, mime: str) -> bytes:
    """A small JPEG of an image (its first frame) whose longer side has at most THUMBNAIL pixels, without metadata.

    ImageError as in `strip_exif`.
    """
    form = _FORMATS.get(mime)
    if form is None:
        raise ImageError("image_type", f"不能处理的图片类型：{mime}")
    try:
        with Image.open(io.BytesIO(data), formats=[form]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageError("image_too_large", f"图片超过{MAX_PIXELS // 10000}万像素")
            image.draft("RGB", (2 * THUMBNAIL, 2 * THUMBNAIL))  # a JPEG is unpacked no larger than needed
            small = ImageOps.exif_transpose(image).convert("RGBA")
            small.thumbnail((THUMBNAIL, THUMBNAIL))
            paper = Image.new("RGB", small.size, "white")
            paper.paste(small, mask=small)
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, *BROKEN) as error:
        raise ImageError("image_unreadable", "图片已损坏或类型不符") from error
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()
