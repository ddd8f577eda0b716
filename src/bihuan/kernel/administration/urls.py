"""Addresses of administration: the same for every kind of object."""

from django.urls import path

from bihuan.kernel.administration import form_views, views

KIND = "administration/<slug:name>"

app_name = "administration"
urlpatterns = [
    path("administration", views.index, name="index"),
    path("administration/forms/<str:code>/<int:version>/try", form_views.tried, name="form_try"),
    path("administration/forms/<str:code>/<int:version>/schema.json", form_views.schema, name="form_schema"),
    path(KIND, views.listed, name="list"),
    path(f"{KIND}/export.<slug:form>", views.exported, name="export"),
    path(f"{KIND}/import", views.imported, name="import"),
    path(f"{KIND}/do/<slug:action>", views.done, name="do"),
    path(f"{KIND}/of/<str:key>", views.shown, name="object"),
    path(f"{KIND}/of/<str:key>/do/<slug:action>", views.done, name="object_do"),
]
