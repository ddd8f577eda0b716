"""Addresses for other centres."""

from django.urls import path, re_path

from bihuan.kernel.exchange import views

app_name = "exchange"
urlpatterns = [
    path("exchange/messages", views.messages, name="messages"),
    path("exchange/fetch", views.fetch, name="fetch"),
    path("exchange/contents", views.contents, name="contents"),
    re_path(
        "^exchange/contents/(?P<code>[0-9]{6})/(?P<sha256>[0-9a-f]{64})$",
        views.content_brought,
        name="content_brought",
    ),
]
