"""Screens of certificates: the register, and the paper of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bihuan.kernel.certificates.kinds import certificate_kinds
from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.selectors import certificates_found, names_read
from bihuan.kernel.certificates.services import certificate_printed
from bihuan.kernel.desk.certificates.documents import certificate_pdf
from bihuan.kernel.desk.certificates.words import certificates_told, kind_name, may_open
from bihuan.kernel.identity.scope import day_of
from bihuan.lib.text import number_of

SHOWN = 50
LONGEST = 200


@login_required
@require_GET
def certificates(request: HttpRequest) -> HttpResponse:
    """For the clerk who is asked about a certificate, by its number or its holder, and for the head who decides on changes."""
    q = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    before = request.GET.get("before", "")
    scope, today = request.scope, day_of(request.now)
    last = number_of(before)
    show, kind = request.GET.get("show", "")[:20], request.GET.get("kind", "")[:40].replace("\0", "")
    found = certificates_found(q=q, scope=scope, before=last, most=SHOWN + 1, show=show, kind=kind)
    kept = {name: value for name, value in (("q", q), ("kind", kind)) if value}
    context = {
        "tabs": _tabs(show, kept),
        "kinds": [(code, kind_name(one)) for code, one in certificate_kinds().items()],
        "kind": kind,
        "show": show,
        "kept": urlencode({**kept, **({"show": show} if show else {})}),
        "rows": certificates_told(found[:SHOWN], today=today, names_read=names_read(scope)),
        "q": q,
        "names_read": names_read(scope),
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
    }
    return render(request, "desk/certificates.html", context)


def _tabs(show: str, kept: Mapping[str, str]) -> list[dict[str, Any]]:
    labels = {
        "": gettext("全部"), "waiting": gettext("等批准"), "suspended": gettext("暂停使用"),
        "revoked": pgettext("state", "已撤销"), "replaced": gettext("已换发"),
    }  # fmt: skip
    return [
        {
            "label": label,
            "address": "?" + urlencode({**kept, **({"show": code} if code else {})}),
            "here": code == show,
            "count": None,
        }
        for code, label in labels.items()
    ]


@never_cache
@login_required
@require_GET
def paper(request: HttpRequest, certificate: int) -> HttpResponse:
    """For the clerk who hands it out, and whoever sees one that names nobody: the paper. An entry of the certificate says who printed it."""
    found = Certificate.objects.select_related("unit").filter(pk=certificate).first()
    if found is None or not found.token:
        raise Http404
    if not may_open(found, names_read(request.scope)):
        raise PermissionDenied
    pdf = certificate_pdf(found)
    certificate_printed(certificate=found.pk, by=request.scope.person, now=request.now)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="certificate-{found.pk}.pdf"'
    return answer
