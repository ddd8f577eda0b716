"""Addresses of attachments."""

from django.urls import path

from bihuan.kernel.attachments import views

app_name = "attachments"
urlpatterns = [
    path("cases/<str:number>/attachments", views.upload, name="upload"),
    path("attachments/<int:attachment>", views.download, name="download"),
    path("attachments/<int:attachment>/thumbnail", views.thumbnail, name="thumbnail"),
    path("attachments/<int:attachment>/withdraw", views.withdraw, name="withdraw"),
]
