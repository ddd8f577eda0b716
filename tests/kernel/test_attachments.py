"""Attachments: what is refused leaves nothing behind; what is kept is what it says it is."""

from __future__ import annotations

import hashlib
import io
import json
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import RequestFactory
from PIL import Image

from bihuan.kernel.attachments import views
from bihuan.kernel.attachments.files import name_cleaned, path_of
from bihuan.kernel.attachments.models import Attachment, Blob
from bihuan.kernel.attachments.services import (
    FileFault,
    attachment_add,
    attachment_open,
    attachment_withdraw,
    attachments_verify,
)
from bihuan.kernel.cases.moving import case_move
from bihuan.kernel.cases.opening import Opening, case_open
from bihuan.kernel.identity.models import Person, Unit
from bihuan.kernel.identity.scope import scope_apply, scope_of
from bihuan.kernel.ledger.models import LedgerEntry
from bihuan.kernel.ledger.services import kernel_writes
from bihuan.kernel.ledger.verify import ledger_verify
from bihuan.kernel.pack import roles
from bihuan.kernel.policies.services import policy_set
from bihuan.lib.refusals import Conflict, NotFound, NotPermitted, Refusal
from bihuan.lib.text import FieldError
from bihuan.site.middleware import RequestScope

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def photo(*, gps: bool = True, tail: bytes = b"") -> bytes:
    image = Image.new("RGB", (32, 24), (200, 10, 10))
    exif = Image.Exif()
    if gps:
        exif[0x010F] = "SecretPhone"
        exif.get_ifd(0x8825)[2] = (36.0, 27.0, 30.0)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    return out.getvalue() + tail


def upload(data: bytes, name: str = "a.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENT_ROOT = tmp_path / "attachments"
    return tmp_path / "attachments"


@pytest.fixture
def ids(db: None) -> dict[str, int]:
    return {
        **dict(Unit.objects.values_list("code", "id")),
        **dict(Person.objects.values_list("username", "id")),
    }


@pytest.fixture
def case(ids: dict[str, int], now: datetime) -> int:
    """A case in the hands of the market bureau, seen by its handler wang."""
    centre = ids["371502_12345"]
    found = case_open(
        Opening(
            pack="hotline", title="培训班不退费", text="报了培训班一直没开课,要求退费。", unit=centre,
            opened_by=centre,
            by=ids["li"], now=now, reported_at=now, region="371502", facts={"type": "complaint"},
        )
    )  # fmt: skip
    case_move(case_id=found.case, step="dispatch", by=ids["li"], now=now, data={"unit": ids["371502_market"]})
    see_as(ids["wang"], now)
    return found.case


def see_as(person: int, now: datetime) -> None:
    scope_apply(scope_of(person=person, at=now, roles=roles()))


def state(root: Path) -> tuple[int, int, int, list[Path]]:
    """Rows, entries and files: what a refusal must leave as they are."""
    with kernel_writes():
        counts = (Blob.objects.count(), Attachment.objects.count(), LedgerEntry.objects.count())
    return *counts, sorted(p for p in root.rglob("*") if p.is_file())


def refused(root: Path, **arguments: Any) -> Refusal:
    before = state(root)
    with pytest.raises(Refusal) as refusal:
        attachment_add(**arguments)
    assert state(root) == before
    return refusal.value


def entry_of(case: int) -> tuple[dict[str, Any], LedgerEntry]:
    with kernel_writes():
        entry = LedgerEntry.objects.filter(case_id=case).order_by("-seq").first()
        return json.loads(bytes(entry.body)), entry


@pytest.mark.django_db
def test_a_file_is_kept_by_its_content(case: int, ids: dict[str, int], now: datetime, root: Path) -> None:
    kept = attachment_add(case=case, file=upload(PDF), name="合同.pdf", by=ids["wang"], now=now)
    sha256 = hashlib.sha256(PDF).hexdigest()
    target = root / sha256[:2] / sha256
    assert (kept.blob_id, kept.blob.size, kept.blob.mime, kept.blob.scan) == (
        sha256,
        len(PDF),
        "application/pdf",
        "none",
    )
    assert target.read_bytes() == PDF and stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list((root / ".incoming").iterdir()) == []
    body, _ = entry_of(case)
    assert (body["kind"], body["by"]) == ("attachment_added", ids["wang"])
    assert body["data"] == {
        "attachment": kept.pk, "kind": "file", "sha256": sha256, "size": len(PDF), "mime": "application/pdf",
    }  # fmt: skip
    assert list(body["private"]) == ["name"] and "合同" not in json.dumps(body, ensure_ascii=False)
    assert ledger_verify().faults == ()
    assert attachments_verify() == ()
    case_move(
        case_id=case, step="sign_for", by=ids["wang"], now=now, version=2
    )  # an attachment is no new version


@pytest.mark.django_db
def test_from_a_path_and_the_same_content_in_two_names(
    case: int, ids: dict[str, int], now: datetime, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "in.pdf").write_bytes(PDF)
    attachment_add(case=case, file=tmp_path / "in.pdf", name="一.pdf", by=0, now=now)
    attachment_add(case=case, file=tmp_path / "in.pdf", name="二.pdf", by=0, now=now)
    assert state(root)[:2] == (1, 2)
    again = refused(root, case=case, file=upload(PDF), name="二.pdf", by=ids["wang"], now=now)
    assert isinstance(again, Conflict) and again.code == "already"
    assert (tmp_path / "in.pdf").read_bytes() == PDF


@pytest.mark.django_db
def test_a_photo_loses_its_place_and_what_hangs_on_it(case: int, ids: dict[str, int], now: datetime) -> None:
    data = photo(tail=b"<script>alert(1)</script>")
    assert b"SecretPhone" in data
    kept = attachment_add(case=case, file=upload(data), name="现场.JPG", by=ids["wang"], now=now)
    stored = path_of(kept.blob_id).read_bytes()
    assert kept.blob_id == hashlib.sha256(stored).hexdigest() and kept.blob.size == len(stored)
    with Image.open(io.BytesIO(stored)) as image:
        assert dict(image.getexif()) == {} and image.size == (32, 24)
    assert b"SecretPhone" not in stored and b"<script>" not in stored


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"<!doctype html><html><script>alert(1)</script></html>", "photo.jpg", "type"),
        (b"<html><body>x</body></html>", "page.html", "type"),
        (
            b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
            "image.svg",
            "type",
        ),
        (b"MZ" + bytes(500), "setup.pdf", "type"),
        (b"PK\x03\x04" + bytes(100), "a.zip", "type"),
        (PDF, "photo.jpg", "type_differs"),
        (PDF, "noextension", "type_differs"),
        (PDF, "contract.pdf.exe", "type_differs"),
        (b"\xff\xd8\xff\xe0" + b"<script>alert(1)</script>" * 20, "photo.jpg", "image_unreadable"),
        (b"GIF89a/*<html>*/=1;alert(1)", "x.gif", "image_unreadable"),
        (b'{"a": 1}', "a.json", "type"),
        (b"", "empty.pdf", "empty"),
        (PDF, "../..", "name"),
        (PDF, "\x00\n/", "name"),
    ],
)
def test_files_that_lie_or_are_not_taken(
    data: bytes, name: str, code: str, case: int, ids: dict[str, int], now: datetime, root: Path
) -> None:
    refusal = refused(root, case=case, file=upload(data), name=name, by=ids["wang"], now=now)
    assert (refusal.code, refusal.field, refusal.status) == (code, "file", 422)


@pytest.mark.django_db
def test_25_mb_are_refused_while_streaming(case: int, ids: dict[str, int], now: datetime, root: Path) -> None:
    class Stream:
        read = 0

        def chunks(self, size: int) -> Any:
            for _ in range(25):
                self.read += 1_000_000
                yield PDF.ljust(1_000_000, b" ")

    stream = Stream()
    refusal = refused(root, case=case, file=stream, name="big.pdf", by=ids["wang"], now=now)
    assert (refusal.code, refusal.message) == ("too_large", "文件不能超过 20 MB。")
    assert stream.read == 21_000_000
    policy_set(
        code="attachments.max_mb", value=1, legal_basis="演示", valid_from=now.date(), now=now, by="system"
    )
    exact = PDF.ljust(1_000_000, b" ")
    assert (
        refused(root, case=case, file=upload(exact + b" "), name="a.pdf", by=ids["wang"], now=now).code
        == "too_large"
    )
    assert (
        attachment_add(case=case, file=upload(exact), name="a.pdf", by=ids["wang"], now=now).blob.size
        == 1_000_000
    )


@pytest.mark.django_db
def test_the_scanner_decides(
    case: int, ids: dict[str, int], now: datetime, root: Path, settings: Any, tmp_path: Path
) -> None:
    scanner = tmp_path / "scan it"
    scanner.write_text('#!/bin/sh\ntest "$1" = --quick || exit 2\n! grep -q EICAR "$2"\n')
    scanner.chmod(0o700)
    settings.ATTACHMENT_SCANNER = f"'{scanner}' --quick"
    add = {"case": case, "name": "a.pdf", "by": ids["wang"], "now": now}
    assert refused(root, file=upload(PDF + b"EICAR"), **add).code == "scan"
    assert attachment_add(file=upload(PDF), **add).blob.scan == "clean"
    settings.ATTACHMENT_SCANNER, settings.ATTACHMENT_SCAN_SECONDS = "sleep 5; true", 0.2
    assert refused(root, file=upload(PDF + b"1"), **add).code in ("scan", "scan_unavailable")
    scanner.write_text("#!/bin/sh\nexec sleep 5\n")
    settings.ATTACHMENT_SCANNER = f"'{scanner}'"
    assert refused(root, file=upload(PDF + b"2"), **add).code == "scan_unavailable"
    settings.ATTACHMENT_SCANNER = str(tmp_path / "nothing here")
    assert refused(root, file=upload(PDF + b"3"), **add).code == "scan_unavailable"


@pytest.mark.django_db
def test_who_may_add(case: int, ids: dict[str, int], now: datetime, root: Path) -> None:
    add = {"case": case, "file": upload(PDF), "name": "a.pdf", "now": now}
    see_as(ids["qian"], now)
    assert isinstance(refused(root, by=ids["qian"], **add), NotFound)
    see_as(ids["wang"], now)  # the outsider behind the selectors' back: still no
    assert isinstance(refused(root, by=ids["qian"], **add), NotPermitted)
    assert isinstance(refused(root, by=ids["admin"], **add), NotPermitted)
    assert isinstance(refused(root, by=10**9, **add), NotPermitted)
    assert isinstance(refused(root, **{**add, "case": 10**9}, by=ids["wang"]), NotFound)
    see_as(ids["tang"], now)
    assert attachment_add(by=ids["tang"], **add).added_by_id == ids["tang"]


@pytest.mark.django_db
def test_a_closed_case_takes_no_more(case: int, ids: dict[str, int], now: datetime, root: Path) -> None:
    with kernel_writes():
        from bihuan.kernel.cases.models import Case

        Case.objects.filter(pk=case).update(closed_at=now)
    assert refused(root, case=case, file=upload(PDF), name="a.pdf", by=ids["wang"], now=now).code == "closed"


@pytest.mark.django_db
def test_at_most_twenty_a_case(case: int, ids: dict[str, int], now: datetime, root: Path) -> None:
    add = {"case": case, "by": ids["wang"], "now": now}
    kept = [attachment_add(file=upload(PDF), name=f"{i}.pdf", **add) for i in range(20)]
    assert refused(root, file=upload(PDF), name="20.pdf", **add).code == "too_many"
    attachment_withdraw(attachment=kept[3].pk, by=ids["wang"], now=now, reason="传错了文件")
    assert attachment_add(file=upload(PDF), name="3.pdf", **add).name == "3.pdf"


@pytest.mark.django_db
def test_withdrawing_hides_and_deletes_nothing(
    case: int, ids: dict[str, int], now: datetime, root: Path
) -> None:
    kept = attachment_add(case=case, file=upload(PDF), name="a.pdf", by=ids["wang"], now=now)
    before = state(root)
    with pytest.raises(FieldError):
        attachment_withdraw(attachment=kept.pk, by=ids["wang"], now=now, reason=" ")
    with pytest.raises(NotPermitted):
        attachment_withdraw(attachment=kept.pk, by=ids["qian"], now=now, reason="不想让人看见")
    assert state(root) == before
    attachment_withdraw(attachment=kept.pk, by=ids["wang"], now=now, reason="传错了文件")
    body, _ = entry_of(case)
    assert (body["kind"], body["data"]["attachment"]) == ("attachment_withdrawn", kept.pk)
    assert "传错" not in json.dumps(body, ensure_ascii=False)
    with pytest.raises(NotFound):
        attachment_open(attachment=kept.pk)
    with pytest.raises(NotFound):
        attachment_withdraw(attachment=kept.pk, by=ids["wang"], now=now, reason="传错了文件")
    assert path_of(kept.blob_id).is_file() and ledger_verify().faults == ()


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\li\\照片 1.jpg", "照片 1.jpg"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("..\u200b/.hidden.pdf.", "hidden.pdf"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
        ("\ud800a.pdf", "a.pdf"),
    ],
)
def test_names_are_bare(given: str, cleaned: str) -> None:
    assert name_cleaned(given) == cleaned


def test_only_hashes_name_files() -> None:
    for name in ("../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", ""):
        with pytest.raises(ValueError, match="not a SHA-256"):
            path_of(name)


@pytest.mark.django_db
def test_verification_names_missing_and_changed_files(case: int, ids: dict[str, int], now: datetime) -> None:
    add = {"case": case, "by": ids["wang"], "now": now}
    files = [
        attachment_add(file=upload(PDF + bytes([65 + i])), name=f"{i}.pdf", **add).blob_id for i in range(3)
    ]
    path_of(files[0]).unlink()
    path_of(files[1]).write_bytes(PDF + b"Z")
    wanted = {
        FileFault(files[0], "the file is missing"),
        FileFault(files[1], "the file differs from its hash"),
    }
    assert set(attachments_verify()) == wanted


def asked(method: str, person: int, view: Any, data: dict[str, Any] | None = None, **arguments: Any) -> Any:
    """The answer of a view within the scope of a person, and what it said."""
    request = getattr(RequestFactory(), method)("/", data or {})
    request.user = Person.objects.get(pk=person)
    request.session = {}
    request._messages = FallbackStorage(request)
    response = RequestScope(lambda r: view(r, **arguments))(request)
    response.said = [str(message) for message in request._messages]
    return response


@pytest.mark.django_db
def test_up_and_down_over_http(case: int, ids: dict[str, int], now: datetime, root: Path) -> None:
    from bihuan.kernel.cases.models import Case

    number = Case.objects.get(pk=case).number
    files = {"file": [upload(PDF, "合同 1.pdf"), upload(photo(), "p.jpg"), upload(b"<html>", "x.jpg")]}
    answer = asked("post", ids["wang"], views.upload, files, number=number)
    assert (answer.status_code, answer["Location"]) == (302, f"/cases/{number}#files")
    assert len(answer.said) == 2 and answer.said[0].startswith("x.jpg: 不收这种文件")
    before = state(root)
    for nothing in ({"file": [upload(b"<html>", "x.jpg")]}, {}):
        refused = asked("post", ids["wang"], views.upload, nothing, number=number)
        assert refused.status_code == 422
        assert "附件" in refused.content.decode()
    assert (
        "x.jpg: 不收这种文件"
        in asked(
            "post", ids["wang"], views.upload, {"file": [upload(b"<html>", "x.jpg")]}, number=number
        ).content.decode()
    )
    assert state(root) == before
    contract, picture = Attachment.objects.order_by("id")
    down = asked("get", ids["wang"], views.download, attachment=contract.pk)
    assert b"".join(down.streaming_content) == PDF
    assert down["Content-Disposition"] == "attachment; filename*=utf-8''%E5%90%88%E5%90%8C%201.pdf"
    assert down["Content-Type"] == "application/pdf" and down["X-Content-Type-Options"] == "nosniff"
    assert down["Content-Security-Policy"] == "sandbox; default-src 'none'"
    inline = {"inline": "1"}
    shown = asked("get", ids["wang"], views.download, inline, attachment=picture.pk)
    assert shown["Content-Disposition"].startswith("inline") and shown["Content-Type"] == "image/jpeg"
    not_shown = asked("get", ids["wang"], views.download, inline, attachment=contract.pk)
    assert not_shown["Content-Disposition"].startswith("attachment")
    for response in (down, shown, not_shown):
        for close in response._resource_closers:  # close() would end the test's own connection
            close()
    before = state(root)
    for view, arguments in (
        (views.download, {"attachment": contract.pk}),
        (views.upload, {"number": number}),
    ):
        with pytest.raises(Http404):
            asked("get" if view is views.download else "post", ids["qian"], view, **arguments)
    with pytest.raises(Http404):
        asked("post", ids["qian"], views.withdraw, {"reason": "不想让人看见"}, attachment=contract.pk)
    assert state(root) == before
    gone = asked("post", ids["wang"], views.withdraw, {"reason": "传错了文件"}, attachment=contract.pk)
    assert gone["Location"] == f"/cases/{number}"
    with pytest.raises(Http404):
        asked("get", ids["wang"], views.download, attachment=contract.pk)
