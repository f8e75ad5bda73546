from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command

from backoffice.models import AuditEvent, OneTimeLink
from backoffice.signing_in import find_link
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def said_by(*words: str) -> str:
    out = StringIO()
    call_command("login_link", *words, stdout=out)
    return out.getvalue()


def test_the_address_stands_alone_and_works_for_that_person():
    user = UserFactory(email="ada@example.com")

    said = said_by("Ada@Example.com", "--minutes", "30")

    secret = urlsplit(said.strip()).path.split("/")[-2]
    link = find_link(secret)
    assert said == f"http://localhost:8000/welcome/{secret}/\n"
    assert link.user == user
    assert (link.expires_at - AuditEvent.objects.get().at).total_seconds() == pytest.approx(
        30 * 60, abs=5
    )


def test_the_trail_remembers_it_without_the_secret():
    user = UserFactory(email="ada@example.com")

    said = said_by("ada@example.com")

    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == ("one_time_link", None, str(user))
    assert event.detail["minutes"] == 10
    assert said.strip().split("/")[-2] not in str(event.detail)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["stranger@example.com"], "Nobody on the staff uses stranger@example.com.\n"),
        (["left@example.com"], "Ada is not active and cannot sign in.\n"),
        (["left@example.com", "--minutes", "0"], "A link is good for 1 to 10080 minutes.\n"),
    ],
)
def test_nobody_else_gets_one(capsys, words, sentence):
    UserFactory(name="Ada", email="left@example.com", is_active=False)

    with pytest.raises(SystemExit) as left:
        said_by(*words)

    assert left.value.code == 2
    assert capsys.readouterr().err == sentence
    assert not OneTimeLink.objects.exists()
