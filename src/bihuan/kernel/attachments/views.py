"""Uploading, downloading and withdrawing attachments."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from bihuan.kernel.attachments.models import Attachment
from bihuan.kernel.attachments.services import (
    MAX_FILES,
    attachment_add,
    attachment_open,
    attachment_visible,
    attachment_withdraw,
)
from bihuan.kernel.attachments.thumbnails import MIME, thumbnail_of
from bihuan.kernel.cases.models import Case
from bihuan.kernel.sentences import told
from bihuan.lib.masking import mask_text
from bihuan.lib.refusals import NotFound, Refusal
from bihuan.lib.text import FieldError


@login_required
@require_POST
def upload(request: HttpRequest, number: str) -> HttpResponse:
    """Add the files of the field `file`, all of the kind in `kind`; each is taken or refused for itself. When none was taken the answer is 422."""
    case = get_object_or_404(Case, number=number)
    page = f"/cases/{quote(number, safe='')}"
    added = 0
    files = request.FILES.getlist("file")
    refused = [] if files else [_("请选择文件。")]
    asked = request.POST.get("kind", "")
    kind = asked if asked in Attachment.Kind.values else "file"
    for file in files[:MAX_FILES]:
        name = file.name or ""
        try:
            attachment_add(case=case.pk, file=file, name=name, by=request.user.pk, now=request.now, kind=kind)
            added += 1
        except Refusal as refusal:
            refused.append(f"{name[:80]}: {told(refusal)}")
    if not added:
        said = {"field": _("附件"), "refusals": refused, "back": page}
        return render(request, "refused.html", said, status=422)
    for words in refused:
        messages.error(request, words)
    messages.success(
        request, ngettext("已添加 %(n)s 个附件。", "已添加 %(n)s 个附件。", added) % {"n": added}
    )
    return redirect(f"{page}#files")


@login_required
@require_GET
def download(request: HttpRequest, attachment: int) -> HttpResponse | FileResponse:
    """The content under its name, numbers masked: never run, never guessed; `?inline=1` shows images in the page."""
    try:
        found, path = attachment_open(attachment=attachment)
    except NotFound as refusal:
        raise Http404(refusal.message) from None
    inline = found.picture and request.GET.get("inline") == "1"
    return file_answered(path, found.blob.mime, name=found.name, inline=inline)


@login_required
@require_GET
def thumbnail(request: HttpRequest, attachment: int) -> FileResponse:
    """A photograph made small, for whoever may see the photograph."""
    try:
        path = thumbnail_of(attachment_visible(attachment=attachment).blob)
    except NotFound as refusal:
        raise Http404(refusal.message) from None
    return file_answered(path, MIME)


def file_answered(path: Path, mime: str, *, name: str = "", inline: bool = True) -> FileResponse:
    """A file with its name, numbers masked, so that a browser neither runs it, guesses what it is, nor keeps it."""
    if not path.is_file():
        raise Http404
    shown = mask_text(name).replace("*", "-")  # no file's name may hold a star on some systems
    response = FileResponse(path.open("rb"), as_attachment=not inline, filename=shown, content_type=mime)
    response["X-Content-Type-Options"] = "nosniff"
    # A browser draws a picture on a page of its own, with styles of its own that make it fit.
    styles = "; style-src 'unsafe-inline'" if inline else ""
    response["Content-Security-Policy"] = f"sandbox; default-src 'none'{styles}"
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def withdraw(request: HttpRequest, attachment: int) -> HttpResponse:
    """Withdraw an attachment, with a reason."""
    try:
        found = attachment_visible(attachment=attachment)
        told_more = attachment_withdraw(
            attachment=attachment,
            by=request.user.pk,
            now=request.now,
            reason=request.POST.get("reason", ""),
        )
        messages.success(request, " ".join((_("附件已撤下。"), told_more)).strip())
    except NotFound as refusal:
        raise Http404(refusal.message) from None
    except (Refusal, FieldError) as refusal:
        messages.error(request, told(refusal))
    return redirect(f"/cases/{quote(found.case.number, safe='')}")
