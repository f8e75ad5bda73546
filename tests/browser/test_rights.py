"""The admin, the matrix of rights and another's eyes in a browser, under the strict policy."""

import pytest
from django.urls import reverse

from backoffice.models import Role, User
from tests.browser.conftest import PHONE, WIDE
from tests.factories.backoffice import staff
from tests.factories.every_model import an_entry

SHAPES = [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light")]
shapes = pytest.mark.parametrize(("size", "scheme"), SHAPES)


@shapes
@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/backoffice/user/",
        "/admin/backoffice/department/add/",
        "/admin/accounting/journalentry/",
    ],
)
def test_the_admin_works_under_the_content_policy(visit, path, size, scheme):
    page = visit(size, scheme=scheme).open(path)

    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert page.locator("h1").count() >= 1
    assert colour == ("rgb(22, 21, 19)" if scheme == "dark" else "rgb(250, 249, 247)")


def test_a_manager_is_found_while_typing_in_the_admin(visit, office):
    staff(name="Tom Brandt")
    page = visit().open("/admin/backoffice/department/add/")

    page.locator(".field-manager .select2-selection").click()
    page.locator(".select2-search__field").fill("Brandt")
    page.locator(".select2-results__option", has_text="Tom Brandt").click()

    chosen = page.locator("#id_manager").input_value()
    assert chosen == str(User.objects.get(name="Tom Brandt").pk)


@shapes
def test_the_matrix_never_widens_the_page(visit, size, scheme):
    page = visit(size, scheme=scheme).open(reverse("backoffice:rights"))

    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")

    assert widths[0] <= widths[1]


def test_a_right_is_given_in_the_matrix_of_a_role(visit, office):
    role = Role.objects.get(name="Bookkeeper")
    page = visit().open(reverse("backoffice:role-edit", args=[role.pk]))

    page.get_by_label("Trail", exact=True).select_option("view")
    page.get_by_role("button", name="Save").click()

    page.wait_for_url("**/roles/*/")
    assert role.grants.get(area="audit").level == 1


def test_an_owner_looks_through_anothers_eyes_and_stops(visit, office):
    an_entry()
    clerk = staff("Bookkeeper", name="Tom Brandt")
    page = visit().open(reverse("backoffice:user-rights", args=[clerk.pk]))

    page.get_by_role("button", name="See the office as this person").click()
    bar = page.locator(".seeing-as")
    bar.wait_for()
    seen = bar.inner_text()
    bar.get_by_role("button", name="Stop").click()
    page.get_by_text("with your own eyes").wait_for()

    assert "Tom Brandt" in seen
    assert page.locator(".seeing-as").count() == 0
