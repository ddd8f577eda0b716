"""Attacks use the cast over HTTP, as in the stories, and the API's clients."""

from tests.api.conftest import as_  # noqa: F401  a fixture
from tests.stories.cast import town  # noqa: F401  a fixture
