"""Coming in: links, invitations, passwords, and the doors that stay shut."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.errors import Refused
from backoffice.models import AuditEvent, Letter, OneTimeLink
from backoffice.signing_in import invite, make_link
from tests.factories import CompanyFactory, UserFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company():
    return CompanyFactory()


def path_of(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def test_a_one_time_link_signs_in_once(client):
    link = make_link(staff(), purpose="sign_in", minutes=10, by=None)

    first = client.get(path_of(link), follow=True)
    client.logout()
    second = client.get(path_of(link))

    assert first.wsgi_request.user.is_authenticated
    assert second.status_code == 410
    assert "used or is too old" in second.content.decode()


def test_a_link_is_refused_when_its_time_is_over(client):
    link = make_link(staff(), purpose="sign_in", minutes=10, by=None)
    OneTimeLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = client.get(path_of(link))

    assert answer.status_code == 410
    assert "_auth_user_id" not in client.session


def test_the_secret_of_a_link_is_not_kept():
    link = make_link(staff(), purpose="sign_in", minutes=10, by=None)

    assert OneTimeLink.objects.get().secret_hash not in link
    assert AuditEvent.objects.filter(action="one_time_link").exists()


def test_who_left_gets_no_link():
    with pytest.raises(Refused, match="not active"):
        make_link(UserFactory(is_active=False), purpose="sign_in", minutes=10, by=None)


def test_an_invitation_is_a_letter_with_a_link_to_choose_a_password(client):
    owner, new = staff("Owner"), UserFactory(email="tom@example.com")

    invite(new, by=owner)

    letter = Letter.objects.get()
    assert (letter.recipients, letter.is_secret) == ("tom@example.com", True)
    link = re.search(r"http\S+", letter.text).group()
    page = client.get(path_of(link))
    assert page.status_code == 200
    assert "_auth_user_id" not in client.session  # a mail scanner may open it
    client.post(path_of(link), {"password": "tall pines in the harbour"})
    new.refresh_from_db()
    assert new.check_password("tall pines in the harbour")
    assert client.get(reverse("backoffice:home")).status_code == 200


def test_a_weak_first_password_is_refused_and_the_link_still_works(client):
    new = UserFactory()
    link = path_of(make_link(new, purpose="invitation", minutes=10, by=None))

    answer = client.post(link, {"password": "short"})

    assert "too short" in answer.content.decode()
    assert client.get(link).status_code == 200


def test_somebody_signs_in_by_e_mail_and_password(client):
    user = staff()
    user.set_password("tall pines in the harbour")
    user.save()

    form = {"login": user.email.upper(), "password": "tall pines in the harbour"}
    answer = client.post(reverse("account_login"), form)

    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_known_and_unknown_addresses_get_the_same_answer(client):
    user = staff()
    answers = [
        client.post(reverse("account_login"), {"login": address, "password": "not the password"})
        for address in (user.email, "nobody@example.com")
    ]

    texts = [re.sub(r'value="[^"]*"', "", a.content.decode()) for a in answers]
    assert texts[0] == texts[1]


def test_nobody_signs_up(client):
    answer = client.get(reverse("account_signup"))

    assert "by invitation" in answer.content.decode().lower()
    assert not client.post(
        reverse("account_signup"), {"email": "x@example.com", "password1": "long enough words"}
    ).wsgi_request.user.is_authenticated


def test_a_password_reset_goes_out_as_a_letter(client):
    user = staff()
    user.set_password("tall pines in the harbour")
    user.save()

    client.post(reverse("account_reset_password"), {"email": user.email})

    letter = Letter.objects.get()
    assert (letter.recipients, letter.is_secret) == (user.email, True)
    assert "http://localhost:8000/account/" in letter.text


def test_a_forged_host_does_not_reach_the_letter(client, settings):
    user = staff()
    user.set_password("tall pines in the harbour")
    user.save()

    client.post(
        reverse("account_reset_password"), {"email": user.email}, headers={"host": "evil.example"}
    )

    letters = Letter.objects.all()
    assert letters.exists()
    assert all("evil.example" not in letter.text for letter in letters)


def test_sign_in_goes_on_to_this_site_only(client):
    user = staff()
    user.set_password("tall pines in the harbour")
    user.save()

    form = {
        "login": user.email,
        "password": "tall pines in the harbour",
        "next": "//evil.example/",
    }
    answer = client.post(reverse("account_login"), form)

    assert "evil" not in answer.headers.get("Location", "")
