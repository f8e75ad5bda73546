"""The books the tests of accounting begin with."""

import pytest

from tests.factories import staff
from tests.factories.accounting import small_books


@pytest.fixture
def books(db):
    return small_books()


@pytest.fixture
def real_books(committed):
    """The same books where commits are real, for guards that speak at commit and for races."""
    return small_books()


@pytest.fixture
def accountant(client, books):
    user = staff("Accountant")
    client.force_login(user)
    return user
