"""When the database is away: every address says so and when to try again, instead of an error that helps nobody."""

from __future__ import annotations

import sys

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error as error_page

from bihuan.kernel.desk.api.problems import problem_response

SECONDS = 10
"""After so many it is worth trying again: a restart of the database takes less."""
GONE = ("08", "57P")
"""SQLSTATE classes of a connection that failed or that the server ended; a failure to connect has none."""


def server_error(request: HttpRequest) -> HttpResponse:
    """What is shown of an error that nothing has caught: 503 and when to try again if the database is away, else 500."""
    if not database_away(sys.exc_info()[1]):
        return error_page(request)
    if request.path.startswith("/api/"):
        message = _("数据库暂时连不上,什么也没有改动;请稍后用同一个键再试。")
        response = problem_response(request, status=503, code="database_away", message=message)
    else:
        response = render(None, "site/away.html", status=503)
    response.headers["Retry-After"] = str(SECONDS)
    return response


def database_away(error: BaseException | None) -> bool:
    """Is it an error of a connection to the database that cannot be made or is lost?"""
    if not isinstance(error, Error):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state.startswith(GONE) if state else isinstance(error, (OperationalError, InterfaceError))
