"""What attacks begin with."""

import pytest

from tests.abuse.proof import Turnstile, canaries
from tests.accounting.conftest import accountant, books, real_books
from tests.backoffice.uploads import files_apart

__all__ = ["accountant", "books", "files_apart", "real_books"]


@pytest.fixture
def turnstile(db, caplog) -> Turnstile:
    """Refusals, looked at from all sides, in an office that has secrets."""
    caplog.set_level("DEBUG")
    return Turnstile(canaries(), caplog)
