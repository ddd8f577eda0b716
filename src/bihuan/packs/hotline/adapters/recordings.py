"""Recordings as the telephone system keeps them: fetched for whoever may hear them, part by part as a player asks.

Only addresses below one of `settings.RECORDING_SOURCES` are fetched, and no redirect is followed: an address that a telephone
system tells must not make this server ask elsewhere.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from bihuan.lib.refusals import NotFound

SECONDS = 10
CHUNK = 1 << 16
RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


class _Stay(HTTPRedirectHandler):
    """Redirects are answers like any other, and no recording."""

    def redirect_request(self, *_: Any) -> None:
        return None


_opener = build_opener(_Stay)


@dataclass(frozen=True, slots=True)
class Sound:
    """What is sent on: the status (200, or 206 with a range), the headers, and the bytes in parts."""

    status: int
    headers: dict[str, str]
    parts: Iterator[bytes]


def recording_can_be_fetched(address: str) -> bool:
    """Does the address lie below one of the sources?"""
    path = unquote(urlsplit(address).path)
    sources = (source.rstrip("/") + "/" for source in settings.RECORDING_SOURCES if source)
    return ".." not in path.split("/") and any(address.startswith(source) for source in sources)


def recording_fetch(address: str, *, wanted: str = "") -> Sound:
    """The recording, or the range of it that is `wanted` ("bytes=0-99"). NotFound when it cannot be had, or is no sound.

    A telephone system that knows no ranges sends the whole; what comes before the range is passed over here.
    """
    asked = RANGE.fullmatch(wanted)
    request = Request(address, headers={"Range": wanted} if asked else {})  # noqa: S310  one of the sources
    try:
        answer = _opener.open(request, timeout=SECONDS)
    except (URLError, OSError, ValueError):
        raise _gone() from None
    mime = _mime_of(answer.headers.get("Content-Type", ""), address)
    if not mime:
        answer.close()
        raise _gone()
    headers = {"Content-Type": mime, "Accept-Ranges": "bytes"}
    size = answer.headers.get("Content-Length", "")
    if answer.status == 206 or not asked or not size.isdecimal():
        headers |= {
            name: answer.headers[name]
            for name in ("Content-Length", "Content-Range")
            if name in answer.headers
        }
        return Sound(answer.status, headers, _parts(answer, 0, None))
    first, last = int(asked[1]), min(int(asked[2] or size), int(size) - 1)
    if first > last:
        answer.close()
        return Sound(416, {"Content-Range": f"bytes */{size}"}, iter(()))
    headers |= {"Content-Length": str(last - first + 1), "Content-Range": f"bytes {first}-{last}/{size}"}
    return Sound(206, headers, _parts(answer, first, last - first + 1))


def _mime_of(told: str, address: str) -> str:
    """The kind of sound, by what the telephone system says or else by the address; "" for anything else."""
    kind = told.partition(";")[0].strip().lower()
    if kind in ("", "application/octet-stream"):
        kind = mimetypes.guess_type(urlsplit(address).path)[0] or ""
    return kind if kind.startswith("audio/") else ""


def _parts(answer: Any, skip: int, most: int | None) -> Iterator[bytes]:
    with answer:
        while skip and (passed := answer.read(min(CHUNK, skip))):
            skip -= len(passed)
        while (most is None or most > 0) and (
            part := answer.read(CHUNK if most is None else min(CHUNK, most))
        ):
            most = None if most is None else most - len(part)
            yield part


def _gone() -> NotFound:
    return NotFound("recording_gone", "电话系统中没有这段录音,或者现在连不上。")
