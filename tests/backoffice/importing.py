"""What the tests of imports share: two small files, somebody who may bring them in."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounting.models import Account
from backoffice import import_runs
from tests.factories import CompanyFactory, staff

PARTIES = b"Company;Mail;Shoe size\nBluefin;hello@bluefin.ie;44\nNorth Co;nobody;12\n"
JOURNAL = (
    b"entry,date,account,amount\n1,2026-01-05,1100,5.00\n1,2026-01-05,4000,-5.00\n"
    b"2,2026-01-06,1100,7\n2,2026-01-06,9999,-7\n"
)


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def bookkeeper(db, client):
    return bookkeeper_in(client)


def bookkeeper_in(client):
    CompanyFactory()
    user = staff("Bookkeeper")
    client.force_login(user)
    Account.objects.create(code="1100", name="Bank", kind="asset")
    Account.objects.create(code="4000", name="Sales", kind="income")
    return user


def upload(client, content=PARTIES, kind="parties", name="list.csv", key=None):
    file = SimpleUploadedFile(name, content)
    address = reverse("backoffice:import-add", args=[kind])
    return client.post(address, {"key": key or uuid4(), "file": file})


def address(run, page="detail"):
    return reverse(f"backoffice:import-{page}", args=[run.key])


def begin(client, run, do="bring-in", **more):
    columns = {f"column-{name}": heading for name, heading in run.mapping.items()}
    return client.post(address(run, "start"), {**columns, "do": do, **more})


def done(run):
    import_runs.bring_in(str(run.key))
    run.refresh_from_db()
    return run
