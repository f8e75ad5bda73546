"""Abuse of the books, case D13 and its kin: one wrong value in an otherwise sound form.

New forms are found by themselves.
"""

import logging

import pytest
from django.test import Client

from accounting.years import open_year_for
from tests.abuse.walked import Walker, routes_with_forms
from tests.factories import staff
from tests.factories.accounting import A_DAY_IN_MAY
from tests.factories.documents import trading_books
from tests.factories.open_items import control_accounts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]


@pytest.fixture
def walker():
    """An owner's browser, in books with a chart and three years open."""
    logging.disable(logging.CRITICAL)
    trading_books()
    open_year_for(A_DAY_IN_MAY, by=None)
    control_accounts()
    browser = Client(raise_request_exception=False)
    browser.force_login(staff("Owner"))
    yield Walker(browser)
    logging.disable(logging.NOTSET)


PARTS = 2


@pytest.mark.parametrize("part", range(PARTS))
def test_one_wrong_value_in_a_form_is_answered_by_a_sentence(walker, part):
    """D13: days and amounts beyond reason, choices out of reach, text that is code."""
    for route in routes_with_forms()[part::PARTS]:
        walker.walk(route)

    assert "\n".join(walker.faults) == ""
    assert walker.filled > 20
