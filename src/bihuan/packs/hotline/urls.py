"""Addresses of the hotline's own screens."""

from django.urls import path

from bihuan.packs.hotline import citizen_views, views

app_name = "hotline"
urlpatterns = [
    path("hotline/new", views.order_new, name="new"),
    path("hotline/known", views.known, name="known"),
    path("hotline/figures", views.figures, name="figures"),
    path("public/report", citizen_views.report, name="report"),
    path("public/received", citizen_views.received, name="received"),
    path("public/cases/<str:number>/again", citizen_views.again, name="again"),
]
