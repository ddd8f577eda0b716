"""What every page of the desk knows."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from bihuan.kernel.desk.menu import menu_for
from bihuan.kernel.notices.selectors import notices_unread_count


def desk(request: HttpRequest) -> dict[str, Any]:
    """The person's scope and menu (empty when nobody is logged in), how many messages are unread (asked only where a page
    shows it), and whether large type is wanted.
    """
    scope = getattr(request, "scope", None)
    return {
        "scope": scope,
        "menu": menu_for(scope),
        "messages_at": reverse("notices:mine"),
        "unread": lambda: notices_unread_count(scope=scope) if scope and scope.person else 0,
        "large_type": request.COOKIES.get("large_type") == "1",
    }
