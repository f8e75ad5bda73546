"""`import_list`: lists from files, by the same acts as the page."""

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backoffice.models import AuditEvent, Party, User
from tests.factories import CompanyFactory, DepartmentFactory, PartyFactory, RootDepartmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    RootDepartmentFactory()


def run(*words, **options):
    out, err = StringIO(), StringIO()
    try:
        call_command("import_list", *words, stdout=out, stderr=err, **options)
        code = 0
    except SystemExit as end:
        code = end.code
    return code, out.getvalue(), err.getvalue()


def test_staff_are_added_changed_or_left(tmp_path):
    DepartmentFactory(name="Sales", code="SALES")
    (tmp_path / "staff.csv").write_text(
        "Full name;E-mail;Department;Phone\n"
        "Tom Brandt;Tom@Example.com;sales;+353 1 234 5678\n"
        "Ann Lee;;;\n"
        "Bad Mail;nobody;;\n"
        "No Team;x@example.com;Moon;\n"
    )

    code, said, _err = run("staff", "staff.csv", "--key", "name")

    assert code == 0
    assert "4 rows read: 2 created, 0 updated, 0 unchanged, 2 failed." in said
    tom = User.objects.get(name="Tom Brandt")
    assert (tom.email, tom.department.code, tom.phone) == (
        "tom@example.com",
        "SALES",
        "+35312345678",
    )
    assert not tom.has_usable_password()
    assert User.objects.get(name="Ann Lee").department.parent is None
    with (tmp_path / "staff-failed.csv").open() as file:
        failed = list(csv.DictReader(file))
    assert [row["Full name"] for row in failed] == ["Bad Mail", "No Team"]
    assert "no department" in failed[1]["Reason"]


def test_the_same_file_again_changes_nothing(tmp_path):
    (tmp_path / "p.csv").write_text(
        "name,email,city,street,country\nBluefin,a@b.ie,Cork,1 Quay,IE\n"
    )
    run("parties", "p.csv")

    _code, said, _err = run("parties", "p.csv")

    assert "1 rows read: 0 created, 0 updated, 1 unchanged, 0 failed." in said
    party = Party.objects.get()
    assert (party.emails.count(), party.addresses.count()) == (1, 1)


def test_a_changed_cell_updates_its_record_and_only_named_columns(tmp_path):
    PartyFactory(name="Bluefin", website="https://bluefin.example", note="Keep me")
    (tmp_path / "p.csv").write_text("name,website\nbluefin,https://new.example\n")

    _code, said, _err = run("parties", "p.csv")

    assert "0 created, 1 updated" in said
    party = Party.objects.get()
    assert (party.name, party.note) == ("bluefin", "Keep me")
    assert party.website == "https://new.example"
    assert AuditEvent.objects.filter(action="imported").count() == 1


def test_a_key_that_stands_twice_fails_the_second_row(tmp_path):
    (tmp_path / "p.csv").write_text("name\nBluefin\nBLUEFIN\n\nOther\n")

    _code, said, _err = run("parties", "p.csv")

    assert "3 rows read: 2 created, 0 updated, 0 unchanged, 1 failed." in said
    assert "Row 3 name: Row 2 has the same." in said


def test_a_dry_run_says_what_would_happen_and_keeps_nothing(tmp_path):
    (tmp_path / "p.csv").write_text("name\nBluefin\n")

    _code, said, _err = run("parties", "p.csv", "--dry-run")

    assert "1 created" in said
    assert "Dry run" in said
    assert not Party.objects.exists()


def test_a_mapping_names_headings_nobody_would_guess(tmp_path):
    (tmp_path / "p.csv").write_text("Firma,Wo\nBluefin,Bremen\n")
    (tmp_path / "map.json").write_text('{"name": "Firma"}')

    assert run("parties", "p.csv", "--map", "map.json")[0] == 0
    assert Party.objects.get().name == "Bluefin"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["parties", "nowhere.csv"], "No such file"),
        (["moons", "p.csv"], "There is nothing called “moons”"),
        (["journal", "p.csv"], "books_import"),
        (["parties", "p.csv", "--map", "p.csv"], "is not JSON"),
        (["parties", "p.csv", "--key", "shoe"], "not by “shoe”"),
        (["staff", "p.csv"], "lacks a column for: name"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(tmp_path, words, sentence):
    (tmp_path / "p.csv").write_text("company\nBluefin\n")

    code, _said, complaint = run(*words)

    assert code == 2
    assert sentence in complaint
    assert not Party.objects.exists()


def test_an_unknown_date_format_is_no_option(tmp_path):
    with pytest.raises(CommandError, match="date-format"):
        call_command("import_list", "parties", "p.csv", "--date-format", "lunar")


def test_a_national_phone_number_is_of_the_companys_country(tmp_path):
    CompanyFactory()
    (tmp_path / "p.csv").write_text("name,phone,street,city\nBluefin,01 234 5678,1 Quay,Cork\n")

    run("parties", "p.csv")

    party = Party.objects.get()
    assert party.phones.get().number == "+35312345678"
    assert party.addresses.get().country == "IE"


@pytest.mark.parametrize(("written", "code"), [("Ireland", "IE"), ("ie", "IE"), ("Eire land", "")])
def test_a_country_is_known_by_its_code_or_its_name(tmp_path, written, code):
    (tmp_path / "p.csv").write_text(f"name,street,city,country\nBluefin,1 Quay,Cork,{written}\n")

    run("parties", "p.csv")

    found = Party.objects.values_list("addresses__country", flat=True)
    assert list(found) == ([code] if code else [])
