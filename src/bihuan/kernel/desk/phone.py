"""The desk on a telephone: an app that can be installed, pages kept for a dead spot, forms that are sent later."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

View = TypeVar("View", bound=Callable[..., HttpResponse])
THEME = "#0f4c9c"
ICONS = (
    {"src": "bihuan.svg", "sizes": "any", "type": "image/svg+xml"},
    {"src": "icon-192.png", "sizes": "192x192", "type": "image/png"},
    {"src": "icon-512.png", "sizes": "512x512", "type": "image/png"},
    {"src": "icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
)


def person_of(request: HttpRequest) -> int:
    """Whose session this is; 0 for whoever has no account."""
    return int(request.user.pk or 0)


def kept_on_device(view: View, *, hours: int = 0) -> View:
    """Tell the service worker (`sw.js`) that it may keep this page for a dead spot: for whom, and for how long.

    Only what was asked for and shown as it is; what a person's page holds is masked as on the screen. An account's pages
    last as long as its session would; one that is worked on where there is no network lasts so many hours.
    """

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        response = view(request, *args, **more)
        if request.method == "GET" and response.status_code == 200:
            response["Kept-For"] = str(person_of(request))
            if person_of(request):
                response["Kept-Seconds"] = str(settings.SESSION_COOKIE_AGE)
            if hours:
                response["Kept-Hours"] = str(hours)
        return response

    return kept  # type: ignore[return-value]


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """For whoever installs the desk on a telephone: it opens where this person's day begins."""
    return _manifest(gettext("闭环 · 工作台"), gettext("闭环"), start="/home", scope="/")


@require_GET
def manifest_public(request: HttpRequest) -> HttpResponse:
    """For the citizen who installs the public pages."""
    return _manifest(gettext("市民服务"), gettext("市民服务"), start="/public", scope="/public")


def _manifest(name: str, short: str, *, start: str, scope: str) -> HttpResponse:
    language = "en" if get_language() == "en" else "zh-CN"
    said = {
        "id": start,
        "name": name,
        "short_name": short,
        "lang": language,
        "start_url": start,
        "scope": scope,
        "display": "standalone",
        "theme_color": THEME,
        "background_color": "#f4f6f9",
        "icons": [{**icon, "src": static(icon["src"])} for icon in ICONS],
    }
    return JsonResponse(
        said, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False}
    )


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the root so that it serves every page, and asked for anew at every visit."""
    script = Path(str(finders.find("sw.js"))).read_text(encoding="utf-8")
    return HttpResponse(
        script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    """For whoever has no network and wants a page that is not kept: in both languages, and nobody's."""
    return render(None, "desk/offline.html", {})


@never_cache
@kept_on_device
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """For whoever wrote something in a dead spot: what waits to be sent, what was refused and why, to change or take back."""
    return render(request, "desk/waiting.html")


@never_cache
@require_GET
def waiting_who(request: HttpRequest) -> HttpResponse:
    """For the script that sends what waits: whose session this is, and the token that a form needs now."""
    return JsonResponse({"person": person_of(request), "token": get_token(request)})
