"""What every page of the desk knows."""

from typing import Any

from django.http import HttpRequest

from bihuan.kernel.desk.menu import menu_for


def desk(request: HttpRequest) -> dict[str, Any]:
    """The person's scope and menu (empty when nobody is logged in), and whether large type is wanted."""
    scope = getattr(request, "scope", None)
    return {
        "scope": scope,
        "menu": menu_for(scope),
        "large_type": request.COOKIES.get("large_type") == "1",
    }
