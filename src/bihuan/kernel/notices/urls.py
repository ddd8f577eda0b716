"""Addresses of the notices' screens."""

from django.urls import path

from bihuan.kernel.notices import views

app_name = "notices"
urlpatterns = [
    path("notices", views.notices, name="mine"),
    path("notices/read", views.read, name="read"),
]
