"""Nonsense sent to every address there is: a refusal is an answer, a fault is none.

New addresses are found by themselves; one that cannot be asked fails the proof of rights.
"""

import logging

import pytest
from django.db import transaction
from django.test import Client

from tests.abuse.hostile import Sender
from tests.access_matrix import PARTS, part
from tests.factories import staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]
# What ends the session the others are sent in.
ENDS_THE_SESSION = {"account_logout"}


@pytest.fixture
def sender():
    """An owner's browser; thousands of refusals are no news to the log."""
    logging.disable(logging.CRITICAL)
    browser = Client(raise_request_exception=False)
    browser.force_login(staff("Owner"))
    yield Sender(browser)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("number", range(PARTS))
def test_no_address_answers_nonsense_with_a_fault(sender, number):
    """H07: digits without end, null bytes, broken UTF-8, a megabyte, 5,000 fields, deep JSON."""
    for route in part(number):
        path = sender.address_of(route)
        sender.try_keys(route)
        if "GET" in route.methods:
            sender.try_queries(route, path)
        if "POST" in route.methods and route.name not in ENDS_THE_SESSION:
            sender.try_forms(route, path)

    assert "\n".join(sender.faults) == ""


@pytest.mark.parametrize(
    "cookie",
    ["sessionid={}", "sessionid={}; csrftoken={}", "messages={}"],
)
@pytest.mark.parametrize(
    "value", ['"\\000\\000\\000\\000\\000\\000\\000\\000"', "9" * 9_000, "ÿþ"]
)
def test_a_cookie_of_nonsense_is_no_fault(db, cookie, value):
    """H07: cookies are input as well; with a broken one a stranger is a stranger."""
    browser = Client(
        raise_request_exception=False, headers={"cookie": cookie.format(value, value)}
    )

    with transaction.atomic():
        answer = browser.get("/office/staff/")

    assert answer.status_code in {302, 400}
