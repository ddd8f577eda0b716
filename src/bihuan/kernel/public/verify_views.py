"""Checking a certificate without an account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.kernel.certificates.selectors import Checked, number_checked, token_checked
from bihuan.kernel.desk.certificates.words import kind_name
from bihuan.kernel.identity.addresses import address_of
from bihuan.kernel.ledger.keys import statements_read
from bihuan.kernel.public.gates import gate_check, gate_count
from bihuan.kernel.sentences import told
from bihuan.lib.refusals import NotFound, Refusal


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """For whoever is shown a certificate: is it genuine, and does it hold today? By the scanned code, or by number and check code."""
    token = request.GET.get("t", "")
    number = request.POST.get("number", "")[:80].strip()
    context: dict[str, object] = {"number": number}
    status = 200
    try:
        if request.method == "POST":
            context |= _shown(_typed(request, number))
        elif token:
            context |= _shown(token_checked(token=token, now=request.now))
    except Refusal as refusal:
        status = refusal.status
        context |= {"refusal": told(refusal), "scanned": bool(token)}
    return render(request, "public/verify.html", context, status=status)


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """For whoever checks certificates without a network: the public keys, each announced under the one before."""
    return JsonResponse(statements_read(), safe=False)


def _typed(request: HttpRequest, number: str) -> Checked:
    """By number and check code; wrong tries are counted by number and by address (TooMuch)."""
    address, now, name = address_of(request), request.now, f"certificate {number}"
    gate_check("wrong_address", address, now)
    gate_check("wrong_number", name, now)
    try:
        return number_checked(number=number, code=request.POST.get("code", ""), now=now)
    except NotFound:
        gate_count("wrong_address", address, now)
        gate_count("wrong_number", name, now)
        raise


def _shown(checked: Checked) -> dict[str, object]:
    return {"checked": checked, "kind": kind_name(checked.kind)}
