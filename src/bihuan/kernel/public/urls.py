"""Addresses for people without an account; packs add their own below `public/`."""

from django.urls import path

from bihuan.kernel.public import booking_views, score_views, verify_views, views

app_name = "public"
urlpatterns = [
    path("public", views.start, name="start"),
    path("public/follow", views.follow, name="follow"),
    path("public/leave", views.leave, name="leave"),
    path("public/cases/<str:number>", views.case, name="case"),
    path("public/cases/<str:number>/words", views.words, name="words"),
    path("public/cases/<str:number>/grade", views.grade, name="grade"),
    path("public/cases/<str:number>/steps/<str:action>", views.step, name="step"),
    path("public/cases/<str:number>/photographs/<int:attachment>", views.photograph, name="photograph"),
    path(
        "public/cases/<str:number>/photographs/<int:attachment>/thumbnail", views.thumbnail, name="thumbnail"
    ),
    path(
        "public/cases/<str:number>/certificates/<int:certificate>.pdf", views.certificate, name="certificate"
    ),
    path("public/scores", score_views.scores, name="scores"),
    path("public/book", booking_views.offices, name="offices"),
    path("public/book/<str:code>", booking_views.book, name="book"),
    path("public/bookings", booking_views.mine, name="bookings"),
    path("public/bookings/<str:number>", booking_views.booking, name="booking"),
    path("public/bookings/<str:number>/cancel", booking_views.cancel, name="booking_cancel"),
    path("verify", verify_views.verify, name="verify"),
    path("verify/keys.json", verify_views.keys, name="keys"),
    path("public/outlines.json", views.outlines, name="outlines"),
]
