"""The first day: an empty office, and what its owner is asked."""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import audit
from backoffice.departments import open_function, root_department
from backoffice.errors import Refused
from backoffice.models import Company, Currency, Department, Role, User
from backoffice.owners import owners
from backoffice.signing_in import invite
from backoffice.staff import assign

OWNER_ADDRESS = "owner@localhost"
STEPS = ("you", "company", "books", "functions", "people")


def is_empty() -> bool:
    """Whether nobody has set up this office, not even as a demo."""
    return not Company.objects.exists() and not User.objects.exists()


@transaction.atomic
def open_empty_office(*, currency: str, on: date) -> User:
    """Make an office with an owner and the books open, and nothing else; returns the owner.

    A second call changes nothing. Raises Refused for an unknown currency.
    """
    if not is_empty():
        return owners()[0]
    if not Currency.objects.filter(code=currency.upper()).exists():
        raise Refused(
            _("%(code)s is no currency of ISO 4217: write three letters, as in EUR.")
            % {"code": currency}
        )
    Company.objects.create(
        name=_("My company"), country="GB", currency_id=currency.upper(), time_zone="UTC"
    )
    root = Department.objects.create(name=_("My company"), code="ALL")
    owner = User.objects.create_user(OWNER_ADDRESS, name=_("Owner"), department=root)
    assign(owner, Role.objects.get(name="Owner"), department=root, on=on, by=None)
    open_function("accounting", on=on, by=None)
    return owner


def reach(company: Company, step: str) -> None:
    """Remember how far the set-up has come, so that it can be left and resumed."""
    number = STEPS.index(step)
    Company.objects.filter(pk=company.pk, set_up_step__lt=number).update(set_up_step=number)


@transaction.atomic
def introduce_owner(owner: User, *, password: str, by: User) -> None:
    """Keep the owner's own name, address and, where one is given, password."""
    if password:
        owner.set_password(password)
    owner.save()
    audit.record("introduced", owner, by=by)


@transaction.atomic
def name_company(company: Company, *, by: User) -> None:
    """Give the company its name; its root department is called the same."""
    company.save()
    Department.objects.filter(parent=None).update(name=company.name[:80])
    audit.record("company_named", company, by=by)


@transaction.atomic
def add_colleagues(people: list[tuple[str, str]], *, by: User) -> list[User]:
    """Put people on the staff and invite them; who is there already is left as is."""
    added = []
    for name, address in people:
        if User.objects.filter(email__iexact=address).exists():
            continue
        user = User.objects.create_user(address, name=name, department=root_department())
        invite(user, by=by)
        added.append(user)
    return added


@transaction.atomic
def finish(company: Company) -> None:
    """The set-up is over; what it asked can be changed in the settings."""
    Company.objects.filter(pk=company.pk).update(set_up_at=timezone.now(), set_up_step=len(STEPS))
