"""Addresses of the desk."""

from django.urls import path, re_path

from bihuan.kernel.desk import phone, styleguide
from bihuan.kernel.desk.appointments import views as appointments
from bihuan.kernel.desk.boards import screen as hall
from bihuan.kernel.desk.boards import views as boards
from bihuan.kernel.desk.case import answers_views
from bihuan.kernel.desk.case import views as case_views
from bihuan.kernel.desk.certificates import change_views
from bihuan.kernel.desk.certificates import views as certificates
from bihuan.kernel.desk.finding import beside_views, palette_views
from bihuan.kernel.desk.homes import head, mine, overview_views
from bihuan.kernel.desk.homes import unit as unit_desk
from bihuan.kernel.desk.lists import bulk_views, views
from bihuan.kernel.desk.lists import keeping_views as list_views
from bihuan.kernel.desk.meetings import views as meetings
from bihuan.kernel.desk.promises import board as promises
from bihuan.kernel.desk.queue import views as queue
from bihuan.kernel.desk.report import views as report_views
from bihuan.kernel.desk.scores import decision_views
from bihuan.kernel.desk.scores import views as score_views

urlpatterns = [
    path("", views.worklist, name="worklist"),
    path("worklist/counts", views.worklist_counts, name="worklist_counts"),
    path("home", views.home, name="home"),
    path("views", list_views.saved, name="view_save"),
    path("views/<int:view>/remove", list_views.removed, name="view_remove"),
    path("views/<int:view>/restore", list_views.restored, name="view_restore"),
    path("columns", list_views.columns_keep, name="columns"),
    path("bulk", bulk_views.bulk_preview, name="bulk"),
    path("bulk/runs/<int:run>", bulk_views.bulk_run, name="bulk_run"),
    path("bulk/runs/<int:run>/progress", bulk_views.bulk_progress, name="bulk_progress"),
    path("bulk/runs/<int:run>/on", bulk_views.bulk_on, name="bulk_on"),
    path("bulk/<str:step>", bulk_views.bulk_go, name="bulk_go"),
    path("overview", overview_views.overview_page, name="overview"),
    path("overview/now", overview_views.overview_now, name="overview_now"),
    path("boards", boards.boards_home, name="boards"),
    path("boards/screen", hall.hall_screen, name="hall_screen"),
    path("boards/<slug:board>", boards.board, name="board"),
    path("boards/<slug:board>/now", boards.board_now, name="board_now"),
    path("boards/<slug:board>/live", boards.board_live, name="board_live"),
    path("boards/<slug:board>/scores", boards.board_scores, name="board_scores"),
    path("boards/<slug:board>/screen", hall.screen, name="board_screen"),
    path("boards/<slug:board>/screen/now", hall.screen_now, name="board_screen_now"),
    path("boards/<slug:board>/screen/live", hall.screen_live, name="board_screen_live"),
    path("boards/<slug:board>/behind/<slug:chart>", boards.behind, name="board_behind"),
    path("head", head.head, name="head"),
    path("mine", mine.mine, name="mine"),
    path("unit", unit_desk.unit_desk, name="unit_desk"),
    path("queue", queue.queue, name="queue"),
    path("queue/resume", queue.queue_resume, name="queue_resume_all"),
    path("queue/resume/<str:number>", queue.queue_resume, name="queue_resume"),
    path("queue/aside/<str:number>", queue.queue_aside, name="queue_aside"),
    path("queue/call/<str:number>", queue.queue_call, name="queue_call"),
    path("queue/phone/<str:number>/<int:party>", queue.queue_phone, name="queue_phone"),
    path("queue/<str:number>/<str:step>", queue.queue_step, name="queue_step"),
    path("meetings", meetings.meetings, name="meetings"),
    path("meetings/new", meetings.meeting_new, name="meeting_new"),
    path("meetings/<int:meeting>", meetings.meeting, name="meeting"),
    path("meetings/<int:meeting>/minutes.pdf", meetings.minutes, name="meeting_minutes"),
    path("meetings/<int:meeting>/<slug:act>", meetings.meeting_do, name="meeting_do"),
    path("appointments", appointments.appointments, name="appointments"),
    path("appointments/<int:booking>/arrived", appointments.appointment_arrived, name="appointment_arrived"),
    path("certificates", certificates.certificates, name="certificates"),
    path("certificates/<int:certificate>", change_views.certificate, name="certificate"),
    path("certificates/changes/<int:change>/<slug:what>", change_views.change, name="certificate_change"),
    path("certificates/<int:certificate>/paper.pdf", certificates.paper, name="certificate_paper"),
    path("search", views.search, name="search"),
    path("palette", palette_views.palette, name="palette"),
    path("export.xlsx", views.export, name="export"),
    re_path("^choices/(?P<kind>unit|person|matter)$", views.choices, name="choices"),
    path("scores", score_views.scores, name="scores"),
    path("scores/units/<str:code>", score_views.unit_scores, name="unit_scores"),
    path("scores/units/<str:code>/<slug:measure>", score_views.behind, name="scores_behind"),
    path("scores/bulletins/<str:month>/<slug:light>.pdf", score_views.bulletin, name="bulletin"),
    path("scores/report", report_views.report, name="report"),
    path("scores/report.pdf", report_views.report_paper, name="report_paper"),
    path("scores/report.xlsx", report_views.report_sheets, name="report_sheets"),
    path("scores/decisions", decision_views.decisions, name="decisions"),
    path("scores/decisions/<int:decision>/decide", decision_views.decide, name="decision_decide"),
    path("scores/decisions/<int:decision>/withdraw", decision_views.withdraw, name="decision_withdraw"),
    path("promises", promises.board, name="promises"),
    path("promises/<slug:code>", promises.story, name="story"),
    path("styleguide", styleguide.styleguide, name="styleguide"),
    path("sw.js", phone.service_worker, name="service_worker"),
    path("manifest.webmanifest", phone.manifest, name="manifest"),
    path("public/manifest.webmanifest", phone.manifest_public, name="manifest_public"),
    path("offline", phone.offline, name="offline"),
    path("waiting", phone.waiting, name="waiting"),
    path("waiting/who", phone.waiting_who, name="waiting_who"),
    path("large-type", views.large_type, name="large_type"),
    path("cases/<str:number>/print.pdf", case_views.case_print, name="case_print"),
    path("cases/<str:number>", case_views.case, name="case"),
    path("cases/<str:number>/similar", beside_views.case_similar, name="case_similar"),
    path("cases/<str:number>/steps/<str:step>", case_views.case_step, name="case_step"),
    path("cases/<str:number>/question", case_views.case_question, name="case_question"),
    path("cases/<str:number>/handler", case_views.case_hand_out, name="case_hand_out"),
    path("cases/<str:number>/steps/<str:step>/form", case_views.case_switch, name="case_switch"),
    path("cases/<str:number>/answers/<int:answers>/show", answers_views.answers_show, name="answers_show"),
    path("cases/<str:number>/answers/<int:answers>", answers_views.answers_correct, name="answers_correct"),
    path("cases/<str:number>/parties/<int:party>/show", case_views.party_show, name="party_show"),
]
