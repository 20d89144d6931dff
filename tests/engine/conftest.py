"""One thread: most worlds here are too small for two."""

from tests.one_thread import one_thread

__all__ = ["one_thread"]
