"""The one-person office: an owner's express word, the password again, a reason, on record."""

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.approvals import decided_alone
from backoffice.errors import Refused
from backoffice.models import AuditEvent, Company
from backoffice.working_alone import work_alone, work_together
from tests.backoffice.deciding import one_person_office
from tests.factories import CompanyFactory, staff
from tests.factories.every_model import an_approval

PASSWORD = "three quiet herons at dusk"
ALONE = "backoffice:working-alone"


@pytest.fixture
def owner(client, db):
    CompanyFactory()
    user = staff("Owner")
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
    return user


def show_password(client) -> None:
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert answer.status_code == 302


def today():
    return timezone.localdate()


def test_an_office_is_of_several_until_an_owner_says_otherwise(owner):
    assert not Company.objects.get().works_alone

    work_alone(Company.objects.get(), by=owner, on=today())

    assert Company.objects.get().works_alone
    assert AuditEvent.objects.filter(action="works_alone", actor=owner).count() == 1
    work_together(Company.objects.get(), by=owner, on=today())
    assert not Company.objects.get().works_alone


@pytest.mark.parametrize("role", ["Accountant", "HR officer"])
def test_nobody_but_an_owner_says_so(owner, role):
    with pytest.raises(Refused, match="Only an owner"):
        work_alone(Company.objects.get(), by=staff(role), on=today())


def test_it_takes_the_password_again(client, owner):
    answer = client.post(reverse(ALONE))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_reauthenticate"))
    assert not Company.objects.get().works_alone

    show_password(client)
    client.post(reverse(ALONE))
    assert Company.objects.get().works_alone


def test_who_has_no_password_sets_one_first(client, owner):
    owner.set_unusable_password()
    owner.save()
    client.force_login(owner)

    answer = client.post(reverse(ALONE))

    assert answer.url == reverse("account_set_password")
    assert not Company.objects.get().works_alone


def test_the_company_form_does_not_touch_it(client, owner):
    form = {
        "name": "Harbour",
        "country": "IE",
        "currency": "EUR",
        "fiscal_year_starts_in": 1,
        "time_zone": "UTC",
        "language": "en-IE",
        "works_alone": "on",
    }

    client.post(reverse("backoffice:company"), form)

    company = Company.objects.get()
    assert (company.name, company.works_alone) == ("Harbour", False)


def test_approving_alone_takes_the_password_and_a_reason(client, owner):
    one_person_office()
    approval = an_approval(made_by=owner)
    address = reverse("backoffice:approval-alone", args=[approval.pk])

    assert client.post(address, {"why": "Only me."}).url.startswith(
        reverse("account_reauthenticate")
    )
    show_password(client)
    assert "required" in client.post(address, {"why": ""}).content.decode()
    approval.refresh_from_db()
    assert approval.state == "waiting"

    client.post(address, {"why": "There is only me."})

    approval.refresh_from_db()
    assert (approval.alone_by, approval.approved_by) == (owner, None)
    assert approval in decided_alone(today(), today())
    page = client.get(approval.get_absolute_url()).content.decode()
    assert "Approved by its maker, alone." in page


def test_where_several_work_the_page_refuses(client, owner):
    approval = an_approval(made_by=owner)
    show_password(client)

    page = client.post(reverse("backoffice:approval-alone", args=[approval.pk]), {"why": "x"})

    assert "somebody else approves" in page.content.decode()
    approval.refresh_from_db()
    assert approval.state == "waiting"


def test_the_maker_without_colleagues_is_shown_the_way(client, owner):
    page = client.get(an_approval(made_by=owner).get_absolute_url()).content.decode()

    assert reverse(ALONE) in page
