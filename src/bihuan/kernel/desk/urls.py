"""Addresses of the desk."""

from django.urls import path, re_path

from bihuan.kernel.desk import case_views, head, mine, promises, queue, styleguide, unit_desk, views

urlpatterns = [
    path("", views.worklist, name="worklist"),
    path("worklist/counts", views.worklist_counts, name="worklist_counts"),
    path("home", views.home, name="home"),
    path("head", head.head, name="head"),
    path("mine", mine.mine, name="mine"),
    path("unit", unit_desk.unit_desk, name="unit_desk"),
    path("queue", queue.queue, name="queue"),
    path("queue/<str:number>/<str:step>", queue.queue_step, name="queue_step"),
    path("search", views.search, name="search"),
    path("export.xlsx", views.export, name="export"),
    re_path("^choices/(?P<kind>unit|person)$", views.choices, name="choices"),
    path("promises", promises.board, name="promises"),
    path("promises/<slug:code>", promises.story, name="story"),
    path("styleguide", styleguide.styleguide, name="styleguide"),
    path("large-type", views.large_type, name="large_type"),
    path("cases/<str:number>/print.pdf", case_views.case_print, name="case_print"),
    path("cases/<str:number>", case_views.case, name="case"),
    path("cases/<str:number>/steps/<str:step>", case_views.case_step, name="case_step"),
    path("cases/<str:number>/question", case_views.case_question, name="case_question"),
    path("cases/<str:number>/parties/<int:party>/show", case_views.party_show, name="party_show"),
]
