"""Addresses for other centres."""

from django.urls import path

from bihuan.kernel.exchange import views

app_name = "exchange"
urlpatterns = [
    path("exchange/messages", views.messages, name="messages"),
    path("exchange/fetch", views.fetch, name="fetch"),
    path("exchange/contents", views.contents, name="contents"),
    path("exchange/contents/<str:code>/<str:sha256>", views.content_brought, name="content_brought"),
]
