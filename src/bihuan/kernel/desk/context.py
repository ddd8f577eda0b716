"""What every page of the desk knows."""

from typing import Any

from django.http import HttpRequest


def desk(request: HttpRequest) -> dict[str, Any]:
    """The person's scope, for menus; None when nobody is logged in."""
    return {"scope": getattr(request, "scope", None)}
