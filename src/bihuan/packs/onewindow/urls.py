"""Addresses of one-window service."""

from django.urls import path

from bihuan.packs.onewindow.applying import published, views, window
from bihuan.packs.onewindow.catalogue import guide
from bihuan.packs.onewindow.columns import views as own_columns
from bihuan.packs.onewindow.commitments import views as commitments
from bihuan.packs.onewindow.hall import kiosk_views, manager, panel, public, screens
from bihuan.packs.onewindow.lessons import views as lessons
from bihuan.packs.onewindow.online import papers as own_papers
from bihuan.packs.onewindow.online import views as online
from bihuan.packs.onewindow.platforms import views as platforms
from bihuan.packs.onewindow.supervision import views as supervision
from bihuan.packs.onewindow.themes import views as themes

app_name = "onewindow"
urlpatterns = [
    path("onewindow/window", window.window, name="window"),
    path("onewindow/window/found", window.found, name="found"),
    path("onewindow/window/held", window.held, name="held"),
    path("onewindow/taken/<str:key>", window.taken, name="taken"),
    path("onewindow/reviews", views.reviews, name="reviews"),
    path("onewindow/cases/<str:number>/materials", views.materials, name="materials"),
    path("onewindow/cases/<str:number>/papers/<str:paper>", views.paper, name="paper"),
    path("onewindow/columns", own_columns.columns, name="columns"),
    path("onewindow/cards", supervision.cards, name="cards"),
    path("onewindow/cards/<int:card>", supervision.card, name="card"),
    path("onewindow/discredited", commitments.entries, name="discredited"),
    path("onewindow/discredited/<int:commitment>", commitments.repair, name="credit_repair"),
    path("onewindow/lessons", lessons.lessons, name="lessons"),
    path("onewindow/exchange", platforms.exchange, name="exchange"),
    path("onewindow/exchange/reviews", platforms.review_in, name="review_in"),
    path("onewindow/themes", themes.projects, name="theme_projects"),
    path("onewindow/window/theme/<int:theme>", themes.window, name="theme_window"),
    path("onewindow/window/theme/<int:theme>/held", themes.held, name="theme_held"),
    path("public/theme/<int:theme>", themes.guide, name="theme"),
    path("onewindow/hall", manager.hall, name="hall"),
    path("onewindow/hall/skills", manager.hall_skills, name="hall_skills"),
    path("onewindow/hall/clear", manager.hall_clear, name="hall_clear"),
    path("onewindow/hall/desk", panel.desk, name="hall_desk"),
    path("onewindow/hall/desk/waiting", panel.desk_waiting, name="hall_desk_waiting"),
    path("onewindow/hall/desk/<str:act>", panel.desk_act, name="hall_desk_act"),
    path("onewindow/hall/counter", panel.counter, name="hall_counter"),
    path("onewindow/hall/screen", screens.screen, name="hall_calls"),
    path("onewindow/hall/screen/now", screens.screen_now, name="hall_calls_now"),
    path("onewindow/kiosk", kiosk_views.kiosk, name="kiosk"),
    path("onewindow/kiosk/now", kiosk_views.kiosk_now, name="kiosk_now"),
    path("onewindow/kiosk/<str:act>", kiosk_views.kiosk_act, name="kiosk_act"),
    path("onewindow/helping", kiosk_views.helping, name="helping"),
    path("onewindow/helping/now", kiosk_views.helping_now, name="helping_now"),
    path("onewindow/helping/<str:act>", kiosk_views.helping_act, name="helping_act"),
    path("public/hall", public.entrance, name="entrance"),
    path("public/hall/<str:key>", public.ticket, name="ticket"),
    path("public/apply/<int:item>", online.apply, name="apply"),
    path("public/apply/theme/<int:theme>", online.theme_apply, name="theme_apply"),
    path("public/cases/<str:number>/materials", online.bring, name="bring"),
    path("public/cases/<str:number>/papers/<str:paper>", own_papers.paper, name="own_paper"),
    path("public/applied", online.applied, name="applied"),
    path("public/guide", guide.guides, name="guides"),
    path("public/reviews", published.published, name="published"),
    path("public/guide/<int:item>", guide.guide, name="guide"),
]
