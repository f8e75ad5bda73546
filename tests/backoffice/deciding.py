"""People who ask and decide, for the tests of approvals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from backoffice.approvals import request_approval
from backoffice.models import Approval, Company, Site, User
from backoffice.signature import acting
from tests.factories import CompanyFactory, UserFactory
from tests.factories.every_model import a_site

TODAY = date(2026, 11, 23)


@contextmanager
def signed(user: User | None) -> Iterator[None]:
    """As in a request of this person, which the database knows of."""
    with acting(by=user and user.pk, request="test"):
        yield


def asked(site: Site | None = None, *, by: User | None = None, **facts) -> Approval:
    """A request to try something with a site, which takes office/manage."""
    facts = {"area": "office", "level": "manage", "text": "large", "title": "A try"} | facts
    return request_approval(site or a_site(), "try", by=by or UserFactory(), **facts)


def one_person_office() -> Company:
    company = CompanyFactory()
    Company.objects.update(works_alone=True)
    return company
