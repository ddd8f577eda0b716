"""Addresses of the hotline's own screens."""

from django.urls import path

from bihuan.packs.hotline import views
from bihuan.packs.hotline.adapters import open311
from bihuan.packs.hotline.adapters.open311_formats import FORMATS
from bihuan.packs.hotline.answers import views as ready_answer_views
from bihuan.packs.hotline.citizens import views as citizen_views
from bihuan.packs.hotline.seat import call_views, who_views
from bihuan.packs.hotline.seat import views as seat
from bihuan.packs.hotline.tenth import views as tenth_views

app_name = "hotline"
urlpatterns = [
    path("hotline/new", seat.order_new, name="new"),
    path("hotline/suggest", seat.suggest, name="suggest"),
    path("hotline/taken/<slug:key>", seat.taken, name="taken"),
    path("hotline/calls", call_views.calls, name="calls"),
    path("hotline/calls/ringing", call_views.ringing, name="ringing"),
    path("hotline/calls/<int:call>/called-back", call_views.called_back, name="called_back"),
    path("hotline/cases/<str:number>/recording", call_views.listen, name="listen"),
    path("hotline/cases/<str:number>/sound", call_views.sound, name="sound"),
    path("hotline/answers", ready_answer_views.answers, name="answers"),
    path("hotline/answers/<int:answer>/withdraw", ready_answer_views.answer_withdraw, name="answer_withdraw"),
    path("hotline/who", who_views.who, name="who"),
    path("hotline/figures", views.figures, name="figures"),
    path("hotline/samples", tenth_views.samples, name="samples"),
    path("hotline/samples/<int:sample>", tenth_views.sample, name="sample"),
    path("hotline/samples/<int:sample>/sign", tenth_views.sign, name="sample_sign"),
    path("hotline/samples/<int:sample>/draw.txt", tenth_views.draw, name="sample_draw"),
    path("hotline/samples/<int:sample>/call/<int:sampled>", tenth_views.call, name="sample_call"),
    path("hotline/samples/<int:sample>/phone/<int:sampled>", tenth_views.phone, name="sample_phone"),
    path("public/report", citizen_views.report, name="report"),
    path("public/received", citizen_views.received, name="received"),
    path("public/cases/<str:number>/again", citizen_views.again, name="again"),
]
for form in FORMATS:
    told = {"form": form}
    urlpatterns += [
        path(f"open311/discovery.{form}", open311.discovery, told),
        path(f"open311/v2/discovery.{form}", open311.discovery, told),
        path(f"open311/v2/services.{form}", open311.service_list, told),
        path(f"open311/v2/services/<str:code>.{form}", open311.service_definition, told),
        path(f"open311/v2/requests.{form}", open311.request_list, told),
        path(f"open311/v2/requests/<str:number>.{form}", open311.request_one, told),
        path(f"open311/v2/tokens/<str:key>.{form}", open311.token, told),
    ]
