"""The hotline's board: what its charts count."""

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.manifest import Board, Chart

WATCHERS = ("seat_agent", "reviewer", "caller_desk", "supervisor")
"""Who sees every order, and so the figures of dispatch over all of them."""

BOARDS = (
    Board(
        "hotline",
        _("热线看板"),
        (
            Chart("hours", _("今天每小时收到"), "opened", "hour"),
            Chart("places", _("按地点"), "opened", "place"),
            Chart("classes", _("按类别"), "opened", "class"),
            Chart("pressing", _("临期和超期"), "pressing"),
            Chart("turned", _("退单和重办"), "turned"),
            Chart("satisfaction", _("本月满意率"), "scored", measure="satisfaction"),
            Chart("ranking", _("考核排名"), "ranked"),
        ),
        screen=("hours", "places", "pressing"),
        links=(
            (_("派单数据"), "hotline:figures", WATCHERS),
            (_("考核"), "scores", ("supervisor", "bureau_head")),
        ),
    ),
)
