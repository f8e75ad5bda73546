"""What holds for the pages of every model that declares some."""

import csv
import io
from datetime import date, datetime, time
from functools import reduce

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

import backoffice.urls
from backoffice import pages as declared_pages
from backoffice.access import Level, Reach
from backoffice.models import Assignment, Grant, Role
from tests.factories import CompanyFactory, DepartmentFactory, staff
from tests.factories.every_model import MAKERS, make

# Reading the addresses declares the pages.
assert backoffice.urls.urlpatterns
EVERY = declared_pages.declared
every_page = pytest.mark.parametrize("pages", EVERY, ids=[p.model._meta.label for p in EVERY])
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def company(db):
    return CompanyFactory()


@pytest.fixture
def reader(client):
    """Somebody who may do everything in the office and the books."""
    user = staff("Owner", "Accountant")
    client.force_login(user)
    return user


def queries_to_list(pages, client, query: str = "") -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(pages.url("list") + query).status_code == 200
    return len(queries)


def exported(pages, client, format: str, query: str = "") -> list[list[str]]:
    """The rows of the file as words, its header first."""
    response = client.get(pages.url("export", format) + query)
    content = b"".join(response.streaming_content)
    if format == "csv":
        return list(csv.reader(io.StringIO(content.decode())))
    sheet = load_workbook(io.BytesIO(content)).active
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.values]


def test_every_model_with_pages_has_a_maker():
    without = {pages.model.__name__ for pages in EVERY if pages.model not in MAKERS}

    assert not without, f"Enter {without} in tests/factories/every_model.py."


@every_page
def test_the_list_answers_who_may_see_it(pages, client, reader):
    record = make(pages.model)[0]

    response = client.get(pages.url("list"))

    assert response.status_code == 200
    addresses = {row.record: row.url for row in response.context["page"].rows}
    assert addresses[record] == record.get_absolute_url()


@every_page
def test_the_record_answers_who_may_see_it(pages, client, reader):
    record = make(pages.model)[0]

    response = client.get(pages.url("detail", record.pk))

    assert response.status_code == 200
    assert "{%" not in response.content.decode()


@every_page
def test_the_forms_answer_who_may_edit(pages, client, reader):
    if pages.form is None:
        pytest.skip("its form is a page of its own")
    record = make(pages.model)[0]

    new = client.get(pages.url("add"))
    if not pages.may_edit(reader, record):  # what is somebody's own only that person edits
        client.force_login(getattr(record, pages.model.access.owner))
    edited = client.get(pages.url("edit", record.pk))

    assert (new.status_code, edited.status_code) == (200, 200)


@every_page
def test_an_empty_form_is_refused_and_nothing_is_saved(pages, client, reader):
    if pages.form is None:
        pytest.skip("its form is a page of its own")
    before = pages.model.objects.count()

    response = client.post(pages.url("add"), empty_formsets(pages))

    assert response.status_code == 200
    assert response.context["form"].errors
    assert pages.model.objects.count() == before


def empty_formsets(pages) -> dict[str, str]:
    return {"sent": "yes"} | {
        f"{part.formset.get_default_prefix()}-{name}": "0"
        for part in pages.formsets
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }


@every_page
def test_somebody_without_a_role_is_turned_away(pages, client):
    if pages.area == "signed_in":
        pytest.skip("everybody opens it and finds what is theirs")
    record = make(pages.model)[0]
    client.force_login(staff())

    answers = [client.get(pages.url("list")), client.get(pages.url("detail", record.pk))]

    # A list of one's own things is open to everybody, and holds nobody else's.
    turned_away = [200, 404] if pages.area == "signed_in" else [403, 403]
    assert [answer.status_code for answer in answers] == turned_away
    assert pages.area != "signed_in" or answers[0].context["page"].rows == []


@every_page
def test_a_row_out_of_reach_is_not_there(pages, client):
    if pages.model.access.everybody_reads:
        pytest.skip("everybody reads its rows")
    record = make(pages.model)[0]
    user, apart = staff(), DepartmentFactory()
    role = Role.objects.create(name="Somewhere else")
    Grant.objects.create(role=role, area=pages.area, level=Level.VIEW, reach=Reach.DEPARTMENT)
    Assignment.objects.create(user=user, role=role, department=apart, starts_on=date(2020, 1, 1))
    client.force_login(user)

    listed, shown = client.get(pages.url("list")), client.get(pages.url("detail", record.pk))

    assert (listed.status_code, shown.status_code) == (200, 404)
    assert record not in [row.record for row in listed.context["page"].rows]


@every_page
def test_a_stranger_is_asked_to_sign_in(pages, client):
    response = client.get(pages.url("list"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@every_page
def test_list_cost_does_not_grow_with_its_rows(pages, client, reader):
    make(pages.model, 2)
    client.get(pages.url("list"))
    with_two = queries_to_list(pages, client)

    make(pages.model, 10)

    assert queries_to_list(pages, client) == with_two


@every_page
@pytest.mark.parametrize("columns", ["all", "first"])
def test_no_choice_of_columns_makes_the_cost_grow(pages, client, reader, columns):
    chosen = pages.all_columns if columns == "all" else pages.columns[:1]
    query = f"?columns={','.join(chosen)}"
    make(pages.model, 2)
    client.get(pages.url("list"))
    with_two = queries_to_list(pages, client, query)

    make(pages.model, 10)

    assert queries_to_list(pages, client, query) == with_two


@every_page
@pytest.mark.parametrize("query", ["?sort=shoe_size", "?columns=name,shoe_size"])
def test_an_unknown_column_is_a_bad_request(pages, client, reader, query):
    assert client.get(pages.url("list") + query).status_code == 400


@every_page
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_file_holds_the_rows_of_the_list(pages, client, reader, format):
    make(pages.model, 3)
    listing = client.get(pages.url("list")).context["page"]

    header, *found = exported(pages, client, format)

    assert header == [str(column.label) for column in listing.columns]
    assert len(found) == len(listing.rows)
    first = pages.columns[0]
    assert [row[0] for row in found] == [in_file(row, first, format) for row in listing.rows]


def in_file(row, name, format):
    """How a file writes the first cell of a row, the field of this name: days stay days."""
    value = getattr(row.record, name, None)
    if not isinstance(value, date):
        return row.cells[0].text
    return str(value if format == "csv" else datetime.combine(value, time()))


def words_of(pages, record, others):
    """What the record is found by, and whether the others are not."""
    found = [
        (held(record, path), {held(other, path) for other in others}) for path in pages.search
    ]
    told = [(words, words not in elsewhere) for words, elsewhere in found if words]
    return max(told, key=lambda one: one[1])


def held(record, path):
    """The text a field on the way holds, if it is one."""
    value = reduce(lambda where, name: getattr(where, name, None), path.split("__"), record)
    return value if isinstance(value, str) else ""


@every_page
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_file_honours_search_and_columns(pages, client, reader, format):
    if not pages.search:
        pytest.skip("it has no search")
    before, wanted, after = make(pages.model, 3)
    words, is_told_apart = words_of(pages, wanted, (before, after))
    first, second = pages.columns[:2]
    query = f"?q={words}&columns={second},{first}"

    header, *found = exported(pages, client, format, query)

    listing = client.get(pages.url("list") + query).context["page"]
    assert header == [str(pages.label(first)), str(pages.label(second))]
    assert [row[0] for row in found] == [in_file(row, first, format) for row in listing.rows]
    assert wanted in [row.record for row in listing.rows]
    assert len(found) < pages.model.objects.count() or not is_told_apart


@every_page
def test_no_other_file_can_be_had(pages, client, reader):
    assert client.get(pages.url("export", "exe")).status_code == 400


@every_page
def test_search_filter_columns_sort_and_page_keep_each_other(pages, client, reader):
    make(pages.model, 2)
    sort = sorted(pages.sortable)[0]
    asked = {"q": "a", "columns": pages.columns[0], "sort": f"-{sort}"}

    listing = client.get(pages.url("list"), asked).context["page"]

    changes = {"q": "b", "columns": pages.columns[1], "sort": sort, "page": "2"}
    for changed, value in changes.items():
        kept = {name: word for name, word in asked.items() if name != changed}
        address = listing.with_(**{changed: value})
        assert all(f"{name}={word}" in address for name, word in kept.items()), address
        assert f"{changed}={value}" in address


@every_page
def test_a_filter_shows_only_what_it_names(pages, client, reader):
    chosen = [n for n in pages.filters if pages.filtered_by(n).choices]
    if not chosen:
        pytest.skip("it has no filter with named choices")
    make(pages.model, 2)

    for name in chosen:
        for value, _label in pages.filtered_by(name).choices:
            listing = client.get(pages.url("list"), {name: value}).context["page"]
            found = pages.rows(reader).filter(**{name: value}).count()
            assert [getattr(row.record, name) for row in listing.rows] == [value] * found


@every_page
def test_a_filter_by_nothing_known_is_a_bad_request(pages, client, reader):
    if not pages.filters:
        pytest.skip("it has no filters")
    chosen = [n for n in pages.filters if pages.filtered_by(n).choices]
    related = [n for n in pages.filters if pages.filtered_by(n).many_to_one]

    answers = {name: client.get(pages.url("list"), {name: "shoe"}) for name in chosen + related}

    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(
        answers, 400
    )


@every_page
def test_a_list_without_rows_says_what_it_is_for(pages, client, reader):
    missing = client.get(pages.url("list"), {"q": "no such words"})

    if not pages.rows(reader).exists():
        shown = client.get(pages.url("list")).content.decode()
        assert str(pages.empty) in shown or not pages.empty
    if pages.search:
        assert "Nothing matches" in missing.content.decode()


@every_page
@pytest.mark.parametrize("page", ["0", "-1", "two", "999999999999"])
def test_a_page_that_is_none_shows_some_page(pages, client, reader, page):
    assert client.get(pages.url("list"), {"page": page}).status_code == 200
