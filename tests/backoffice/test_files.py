import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice import files
from backoffice.access import Level, Reach
from backoffice.errors import Refused
from backoffice.models import Assignment, Attachment, AuditEvent, Grant, Role
from backoffice.office_checks import checks
from tests.backoffice.uploads import HTML, PDF, SVG, attach, upload
from tests.factories import DepartmentFactory, PartyFactory, UserFactory, staff
from tests.factories.every_model import an_entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_apart")]


@pytest.fixture
def clerk(client):
    """Somebody who keeps the directory."""
    user = staff("Marketer")
    client.force_login(user)
    return user


# --- who reaches them -----------------------------------------------------------------------


def test_several_are_put_to_a_record_and_each_refusal_is_said(client, clerk):
    party = PartyFactory()
    address = reverse("backoffice:file-add", args=["backoffice.party", party.pk])

    answer = client.post(
        address,
        {
            "files": [
                upload("a.pdf", PDF),
                upload("b.svg", SVG, "image/png"),
                upload("c.txt", b"c"),
            ]
        },
        follow=True,
    )

    page = answer.content.decode()
    assert [found.name for found in files.files_of(party)] == ["a.pdf", "c.txt"]
    assert "2 files added." in page
    assert "“b.svg” is of a kind that is not taken" in page
    assert AuditEvent.objects.filter(action="file attached", actor=clerk).count() == 2


def test_a_file_is_given_to_be_saved_and_nothing_else(client, clerk):
    found = attach(PartyFactory(), clerk, "Rechnung “Mai”.pdf")

    answer = client.get(found.get_absolute_url())

    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''Rech")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert AuditEvent.objects.filter(action="file read", actor=clerk).count() == 1


def addresses_of(found: Attachment) -> dict[str, str]:
    return {
        page: reverse(f"backoffice:file{page}", args=[found.key])
        for page in ("", "-remove", "-restore")
    }


def status_of(answer) -> int:
    """The status of an answer that is not read to its end."""
    b"".join(answer)
    return answer.status_code


def answers_to(client, found: Attachment) -> list[int]:
    addresses = addresses_of(found)
    add = reverse("backoffice:file-add", args=[found.label, found.record_key])
    return [
        status_of(client.get(addresses[""])),
        client.post(addresses["-remove"]).status_code,
        client.post(addresses["-restore"]).status_code,
        client.post(add, {"files": upload("a.pdf", PDF)}).status_code,
    ]


def test_without_the_right_to_its_record_a_file_is_not_there(client):
    found = attach(PartyFactory(), UserFactory())
    client.force_login(staff())

    assert answers_to(client, found) == [404] * 4
    assert Attachment.objects.get().removed_at is None
    assert not AuditEvent.objects.filter(action="file read").exists()


def test_a_file_of_a_row_out_of_reach_is_not_there(client):
    found = attach(UserFactory(department=DepartmentFactory()), UserFactory())
    apart, role = DepartmentFactory(), Role.objects.create(name="Somewhere else")
    Grant.objects.create(role=role, area="office", level=Level.MANAGE, reach=Reach.DEPARTMENT)
    reader = staff()
    Assignment.objects.create(user=reader, role=role, department=apart, starts_on="2020-01-01")
    client.force_login(reader)

    assert answers_to(client, found) == [404] * 4


def test_a_name_everybody_reads_does_not_open_its_files(client):
    found = attach(DepartmentFactory(), UserFactory())
    client.force_login(staff("Marketer"))

    assert answers_to(client, found) == [404] * 4


def test_the_uploader_loses_the_file_with_the_record(client):
    uploader = staff()
    found = attach(PartyFactory(), uploader)
    client.force_login(uploader)

    assert client.get(found.get_absolute_url()).status_code == 404


def test_a_stranger_is_asked_to_sign_in(client):
    found = attach(PartyFactory(), UserFactory())

    answer = client.get(found.get_absolute_url())
    direct = client.get(f"/files/attachments/{found.stored_name}")

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    assert direct.status_code == 404


def test_who_only_looks_reads_files_and_adds_none(client):
    entry = an_entry()
    found = attach(entry, UserFactory())
    client.force_login(staff("Auditor"))

    read, *others = answers_to(client, found)
    page = client.get(entry.get_absolute_url()).content.decode()

    assert read == 200
    assert others[-1] == 404
    assert Attachment.objects.get().removed_at is None
    assert found.name in page
    assert "data-drop" not in page


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("backoffice.party", "999999"),
        ("backoffice.party", "9" * 5000),
        ("backoffice.party", "one"),
        ("backoffice.attachment", "1"),
        ("backoffice.auditevent", "1"),
        ("auth.permission", "1"),
        ("nothing.at.all", "1"),
    ],
)
def test_files_are_put_to_records_that_are_there_alone(client, clerk, label, key):
    address = reverse("backoffice:file-add", args=[label, key])

    assert client.post(address, {"files": upload("a.pdf", PDF)}).status_code == 404


@pytest.mark.parametrize("page", ["-remove", "-restore"])
def test_nothing_is_changed_by_looking(client, clerk, page):
    found = attach(PartyFactory(), clerk)

    assert client.get(addresses_of(found)[page]).status_code == 405


# --- removed and back -----------------------------------------------------------------------


def test_a_removed_file_is_gone_and_comes_back(client, clerk):
    party = PartyFactory()
    found = attach(party, clerk)
    addresses = addresses_of(found)

    page = client.post(addresses["-remove"], follow=True).content.decode()
    gone, listed = status_of(client.get(addresses[""])), list(files.files_of(party))
    client.post(addresses["-restore"])

    assert addresses["-restore"] in page
    assert (gone, listed) == (404, [])
    assert list(files.files_of(party)) == [found]
    assert status_of(client.get(addresses[""])) == 200
    assert {"file removed", "file restored"} <= set(
        AuditEvent.objects.values_list("action", flat=True)
    )


def test_somebody_elses_file_stays(client, clerk):
    found = attach(PartyFactory(), UserFactory())

    page = client.post(addresses_of(found)["-remove"], follow=True).content.decode()

    assert "receipt.pdf stays where it is." in page
    assert Attachment.objects.get().removed_at is None


def test_who_manages_the_area_removes_any_file():
    found = attach(PartyFactory(), UserFactory())

    files.remove(found, by=staff("Owner"))

    assert Attachment.objects.get().removed_at is not None


def test_what_proves_a_posted_entry_stays():
    accountant = staff("Accountant")
    found = attach(an_entry(), accountant)

    with pytest.raises(Refused, match="stays where it is"):
        files.remove(found, by=accountant)
    with pytest.raises(Refused, match="stays where it is"):
        files.remove(found, by=staff("Owner"))


def test_the_database_lets_nobody_pass_one_file_off_as_another():
    attach(PartyFactory(), UserFactory())

    with pytest.raises(IntegrityError, match="A file stays what was uploaded"):
        Attachment.objects.update(sha256="0" * 64)


# --- whole ----------------------------------------------------------------------------------


def verdict() -> str:
    return next(iter(checks())).offender


def test_verify_finds_a_file_that_was_changed_or_is_gone():
    party = PartyFactory()
    found, other = attach(party, UserFactory()), attach(party, UserFactory(), "b.txt", b"tea")
    sound = verdict()
    path = files.path_of(found.stored_name)

    path.write_bytes(PDF.replace(b"Catalog", b"Cat4log"))
    changed = verdict()
    path.write_bytes(PDF)
    files.path_of(other.stored_name).unlink()

    assert sound == ""
    assert changed == f"receipt.pdf (backoffice.party {party.pk})"
    assert verdict() == f"b.txt (backoffice.party {party.pk})"


def test_a_file_that_was_changed_is_not_given_out(client, clerk):
    found = attach(PartyFactory(), clerk)
    files.path_of(found.stored_name).write_bytes(HTML)

    answer = client.get(found.get_absolute_url(), follow=True)

    assert answer.redirect_chain
    assert "is not what was uploaded, or is gone" in answer.content.decode()
    assert b"alert(1)" not in answer.content


# --- the box --------------------------------------------------------------------------------


def queries_to_show(client, party) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(party.get_absolute_url()).status_code == 200
    return len(queries)


def test_a_record_costs_the_same_with_two_files_and_with_twelve(client, clerk):
    party = PartyFactory()
    for _number in range(2):
        attach(party, clerk)
    client.get(party.get_absolute_url())
    with_two = queries_to_show(client, party)

    for _number in range(10):
        attach(party, UserFactory())

    assert queries_to_show(client, party) == with_two


def test_the_box_works_without_scripts(client, clerk):
    party = PartyFactory()
    found = attach(party, clerk)

    page = client.get(party.get_absolute_url()).content.decode()

    assert 'enctype="multipart/form-data"' in page
    assert 'type="file" id="files-chosen" name="files" multiple required' in page
    assert f'href="{found.get_absolute_url()}" download' in page
    assert "js/files.js" in page


def test_an_upload_without_files_says_so(client, clerk):
    address = reverse("backoffice:file-add", args=["backoffice.party", PartyFactory().pk])

    assert "Choose a file first." in client.post(address, follow=True).content.decode()
