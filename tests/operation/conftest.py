"""The cast at work, as in the stories."""

from tests.stories.cast import town  # noqa: F401  a fixture
