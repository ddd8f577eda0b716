"""Addresses for people without an account; packs add their own below `public/`."""

from django.urls import path

from bihuan.kernel.public import score_views, verify_views, views

app_name = "public"
urlpatterns = [
    path("public", views.start, name="start"),
    path("public/follow", views.follow, name="follow"),
    path("public/leave", views.leave, name="leave"),
    path("public/cases/<str:number>", views.case, name="case"),
    path("public/cases/<str:number>/words", views.words, name="words"),
    path("public/cases/<str:number>/grade", views.grade, name="grade"),
    path("public/cases/<str:number>/photographs/<int:attachment>", views.photograph, name="photograph"),
    path(
        "public/cases/<str:number>/photographs/<int:attachment>/thumbnail", views.thumbnail, name="thumbnail"
    ),
    path("public/scores", score_views.scores, name="scores"),
    path("verify", verify_views.verify, name="verify"),
    path("verify/keys.json", verify_views.keys, name="keys"),
    path("public/outlines.json", views.outlines, name="outlines"),
]
