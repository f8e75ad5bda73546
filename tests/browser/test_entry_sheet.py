"""The script of the journal entry: totals to the cent, and the keys of an accountant."""

import re

import pytest
from playwright.sync_api import expect

LINE = """<tr data-line><td><input data-account name="line_account"></td>
<td><input data-debit name="line_debit"></td>
<td><input data-credit name="line_credit"></td></tr>"""
SHEET = """<!doctype html><meta charset="utf-8"><form method="get" action="/sheet">
<table data-entry data-decimals="{decimals}" data-locale-decimal="{point}">
<tbody>{line}{line}</tbody>
<tfoot><tr><td data-total-debit></td><td data-total-credit></td><td data-difference></td></tr>
</tfoot></table><template data-empty-line>{line}</template>
<button name="act" value="save">Save</button>
<button data-post name="act" value="post">Post</button>
</form><script type="module" src="/static/js/entry.js"></script>"""


@pytest.fixture
def sheet(look):
    """Makes a sheet with two empty lines."""

    def make(decimals=2, point="."):
        visit = look()
        body = SHEET.format(line=LINE, decimals=decimals, point=point)
        visit.page.route(
            re.compile("/sheet"), lambda route: route.fulfill(body=body, content_type="text/html")
        )
        page = visit.open("/sheet")
        expect(page.locator("[data-difference]")).not_to_be_empty()
        return page

    return make


def cell(page, name, row=0):
    return page.locator(f"[data-{name}]").nth(row)


@pytest.mark.parametrize(
    ("point", "typed", "shown"),
    [
        (".", "1,234.56", "1,234.56"),
        (".", "1,234", "1,234.00"),
        (".", "1234.5", "1,234.50"),
        (".", "1,234,567", "1,234,567.00"),
        (".", "9007199254740993.01", "9,007,199,254,740,993.01"),
        (",", "1.234,56", "1.234,56"),
        (",", "1.234", "1.234,00"),
        (",", "12,5", "12,50"),
    ],
)
def test_amounts_are_read_as_people_write_them(sheet, point, typed, shown):
    page = sheet(point=point)

    cell(page, "debit").fill(typed)

    expect(page.locator("[data-total-debit]")).to_have_text(shown)


@pytest.mark.parametrize(
    ("point", "typed"), [(".", "1.234,56"), (".", "12,34"), (",", "1,234.56"), (".", "1,23,456")]
)
def test_what_another_country_reads_otherwise_is_not_counted(sheet, point, typed):
    page = sheet(point=point)

    cell(page, "debit").fill(typed)

    expect(page.locator("[data-total-debit]")).to_have_text(f"0{point}00")


def test_cents_add_up_where_floats_would_not(sheet):
    page = sheet()

    cell(page, "debit", 0).fill("0.10")
    cell(page, "debit", 1).fill("0.20")
    cell(page, "credit", 2).fill("0.30")

    expect(page.locator("[data-difference]")).to_have_text("0.00")
    expect(page.locator("[data-difference]")).to_have_class("even")


def test_what_is_no_amount_is_marked_and_not_counted(sheet):
    page = sheet()

    cell(page, "debit", 0).fill("12.345")
    cell(page, "credit", 1).fill("twelve")

    expect(page.locator("[data-total-debit]")).to_have_text("0.00")
    expect(cell(page, "debit", 0)).to_have_attribute("aria-invalid", "true")
    expect(cell(page, "credit", 1)).to_have_attribute("aria-invalid", "true")


def test_a_currency_without_decimals_has_none(sheet):
    page = sheet(decimals=0)

    cell(page, "debit").fill("1500")

    expect(page.locator("[data-total-debit]")).to_have_text("1,500")


def test_a_debit_takes_the_credit_of_its_line_away(sheet):
    page = sheet()

    cell(page, "credit").fill("5")
    cell(page, "debit").fill("7")

    expect(cell(page, "credit")).to_have_value("")


def test_enter_walks_through_the_cells_into_a_new_line(sheet):
    page = sheet()
    cell(page, "account").focus()

    for typed in ("1000", "12.50", "", "2000", "", "12.50", "3000"):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")

    expect(cell(page, "account", 2)).to_have_value("3000")
    expect(page.locator("[data-line]")).to_have_count(4)
    expect(page.locator("[data-difference]")).to_have_text("0.00")


def test_alt_and_equals_put_the_difference_in(sheet):
    page = sheet()
    cell(page, "debit", 0).fill("1,234.50")

    cell(page, "credit", 1).focus()
    page.keyboard.press("Alt+=")

    expect(cell(page, "credit", 1)).to_have_value("1234.50")
    expect(page.locator("[data-difference]")).to_have_text("0.00")


def test_ctrl_and_backspace_take_a_line_out(sheet):
    page = sheet()
    cell(page, "debit", 0).fill("5")

    cell(page, "debit", 0).press("Control+Backspace")

    expect(page.locator("[data-total-debit]")).to_have_text("0.00")


def test_ctrl_and_enter_post(sheet):
    page = sheet()
    cell(page, "debit", 0).fill("5")

    with page.expect_navigation():
        cell(page, "debit", 0).press("Control+Enter")

    assert "act=post" in page.url
