"""A certificate on paper, in the look of an official document: the same certificate gives the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from bihuan.kernel.certificates.kinds import kind_of
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.documents import document_pdf
from bihuan.lib.qr import qr_svg

TEMPLATES = Path(__file__).parents[1] / "templates" / "desk"
VERIFY = "/verify"


def verify_address(token: str = "") -> str:
    """Where anybody checks a certificate; with a token, what its QR code holds."""
    return settings.PUBLIC_ADDRESS.rstrip("/") + VERIFY + (f"?{urlencode({'t': token})}" if token else "")


def certificate_pdf(certificate: Certificate) -> bytes:
    """The paper in Chinese, whoever asks; one that was suspended, revoked or replaced says so at its head."""
    with translation.override("zh-hans"):
        data = _data(certificate)
    return document_pdf(
        template=TEMPLATES / f"{kind_of(certificate.kind).look}.typ",
        data=data,
        fonts=settings.FONT_ROOT,
        at=certificate.state_at,
        pictures={"qr.svg": qr_svg(verify_address(certificate.token))},
    )


def _data(certificate: Certificate) -> dict[str, Any]:
    kind, issued = kind_of(certificate.kind), day_of(certificate.issued_at)
    rows = [(label, certificate.contents.get(name, "")) for name, label in kind.lines.items()]
    if kind.look == "certificate":
        held = [(gettext("持证人"), certificate.holder), (gettext("证件号码"), certificate.identity)]
        rows = [*held, *rows, (gettext("有效期"), _validity(certificate))]
    changed = day_of(certificate.state_at).isoformat()
    return {
        "title": kind.name,
        "title_en": kind.name_en,
        "to": certificate.holder,
        "number": gettext("编号:%s") % certificate.number,
        "mark": "" if certificate.state == "valid" else f"{certificate.get_state_display()} {changed}",
        "rows": [list(row) for row in rows if row[1]],
        "basis": gettext("依据:%s") % kind.basis if kind.basis else "",
        "organ": certificate.unit.name,
        "date": gettext("%(y)s年%(m)s月%(d)s日") % {"y": issued.year, "m": issued.month, "d": issued.day},
        "code": gettext("查验码:%s") % certificate.code,
        "hint": gettext("扫码核验,或在 %s 填写编号和查验码。") % _readable(verify_address()),
    }


def _validity(certificate: Certificate) -> str:
    first, last = certificate.valid_from, certificate.valid_until
    if last is None:
        return gettext("自 %s 起长期有效") % first.isoformat()
    return gettext("%(begin)s 至 %(end)s") % {"begin": first.isoformat(), "end": last.isoformat()}


def _readable(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.netloc}{parts.path}"
