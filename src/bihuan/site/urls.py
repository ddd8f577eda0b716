"""Addresses of the whole site: a folder of the kernel or a pack that has a `urls.py` is on it."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from bihuan.kernel.pack import pack_apps
from bihuan.site.api import urls as api

APPS = [app for app in (*settings.KERNEL_APPS, *pack_apps()) if find_spec(f"{app}.urls")]

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", api),
    *[path("", include(f"{app}.urls")) for app in APPS],
]
handler400 = "bihuan.kernel.desk.lists.views.bad_request"
handler500 = "bihuan.site.operation.away.server_error"
