"""Screens of certificates: the register, and the paper of one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bihuan.kernel.certificates.models import Certificate
from bihuan.kernel.certificates.selectors import certificates_found, names_read
from bihuan.kernel.certificates.services import certificate_printed
from bihuan.kernel.desk.certificates.documents import certificate_pdf
from bihuan.kernel.desk.certificates.words import certificates_told, may_open
from bihuan.kernel.identity.scope import day_of

SHOWN = 50
LONGEST = 200


@login_required
@require_GET
def certificates(request: HttpRequest) -> HttpResponse:
    """For the clerk who is asked about a certificate: by its number or its holder, the latest first."""
    q = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    before = request.GET.get("before", "")
    scope, today = request.scope, day_of(request.now)  # type: ignore[attr-defined]
    last = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    found = certificates_found(q=q, scope=scope, before=last, most=SHOWN + 1)
    context = {
        "rows": certificates_told(found[:SHOWN], today=today, names_read=names_read(scope)),
        "q": q,
        "names_read": names_read(scope),
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
    }
    return render(request, "desk/certificates.html", context)


@never_cache
@login_required
@require_GET
def paper(request: HttpRequest, certificate: int) -> HttpResponse:
    """For the clerk who hands it out, and whoever sees one that names nobody: the paper. An entry of the certificate says who printed it."""
    found = Certificate.objects.select_related("unit").filter(pk=certificate).first()
    if found is None or not found.token:
        raise Http404
    if not may_open(found, names_read(request.scope)):  # type: ignore[attr-defined]
        raise PermissionDenied
    pdf = certificate_pdf(found)
    certificate_printed(certificate=found.pk, by=request.scope.person, now=request.now)  # type: ignore[attr-defined]
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="certificate-{found.pk}.pdf"'
    return answer
