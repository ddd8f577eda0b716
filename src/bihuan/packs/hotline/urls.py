"""Addresses of the hotline's own screens."""

from django.urls import path

from bihuan.packs.hotline import views

app_name = "hotline"
urlpatterns = [
    path("hotline/new", views.order_new, name="new"),
    path("hotline/known", views.known, name="known"),
    path("hotline/figures", views.figures, name="figures"),
]
