"""Addresses of supervision's own screens."""

from django.urls import path

from bihuan.packs.supervision import views

app_name = "supervision"
urlpatterns = [
    path("supervision/", views.measures, name="measures"),
    path("supervision/new", views.task_new, name="new"),
]
