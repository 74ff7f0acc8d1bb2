"""The day on which these tests take place."""

from tests.obligations.conftest import today

__all__ = ["today"]
