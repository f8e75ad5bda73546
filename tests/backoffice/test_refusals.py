"""What a refused request is answered with."""

import pytest
from django.urls import reverse

from tests.factories import PartyFactory, staff

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


@pytest.mark.parametrize(("path", "status"), [("/office/roles/", 403), ("/nowhere/at/all/", 404)])
def test_a_part_of_a_page_is_refused_with_a_note_and_a_page_with_a_page(client, path, status):
    client.force_login(staff("Bookkeeper"))

    part, page = client.get(path, headers=PART), client.get(path)

    assert part.status_code == page.status_code == status
    assert 'role="alert"' in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "<html" in page.content.decode()


def test_a_note_tells_no_more_than_the_page(client):
    party = PartyFactory(name="Secret Ltd")
    client.force_login(staff("Self"))

    answer = client.get(reverse("backoffice:party-detail", args=[party.pk]), headers=PART)

    assert answer.status_code in (403, 404)
    assert "Secret" not in answer.content.decode()
