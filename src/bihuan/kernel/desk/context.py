"""What every page of the desk knows."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from bihuan.kernel.desk.menu import menu_at, menu_for, menu_parted
from bihuan.kernel.notices.selectors import notices_unread_count


def desk(request: HttpRequest) -> dict[str, Any]:
    """The person's scope and menu (empty when nobody is logged in; what stands in the bar, what behind "more", and the
    address of the entry that the page belongs to), how many messages are unread (asked only where a page
    shows it), and whether large type is wanted.
    """
    scope = getattr(request, "scope", None)
    menu = menu_for(scope)
    first, more = menu_parted(menu)
    return {
        "scope": scope,
        "menu": menu,
        "menu_first": first,
        "menu_more": more,
        "menu_at": menu_at(menu, request.path),
        "messages_at": reverse("notices:mine"),
        "unread": lambda: notices_unread_count(scope=scope) if scope and scope.person else 0,
        "large_type": request.COOKIES.get("large_type") == "1",
    }
