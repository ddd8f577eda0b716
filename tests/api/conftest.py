"""`as_("li")` is the API as li uses it, with an access token; `as_()` is a stranger."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.api.client import Api


@pytest.fixture
def as_(db: None) -> Callable[..., Api]:
    made: dict[str | None, Api] = {}

    def find(username: str | None = None) -> Api:
        if username not in made:
            made[username] = Api(username)
        return made[username]

    return find


@pytest.fixture
def li(as_: Callable[..., Api]) -> Api:
    """The seat agent, whose token is issued before the test looks at any row."""
    return as_("li")
