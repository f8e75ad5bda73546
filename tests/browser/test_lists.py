"""Lists and forms in the hand: search while typing, columns, views, rows, selection."""

import re
from decimal import Decimal

from django.urls import reverse
from playwright.sync_api import expect

from accounting.posting import credit, debit, post
from backoffice.models import Party, SavedView
from tests.browser.conftest import PHONE
from tests.factories.accounting import A_DAY_IN_MAY, small_books


def test_typing_searches_and_keeps_cursor_and_address(visit):
    Party.objects.create(name="Café Lumière")
    page = visit().open(reverse("backoffice:party-list") + "?sort=-name")

    page.locator("#list-search").press_sequentially("Lumi", delay=20)

    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("#list-search")).to_be_focused()
    expect(page.locator("#list-search")).to_have_value("Lumi")
    expect(page).to_have_url(re.compile(r"sort=-name"))
    expect(page.locator("#found")).to_have_text("1 to 1 of 1")


def test_what_is_typed_while_the_answer_is_on_its_way_is_not_lost(visit):
    owner = visit()
    page = owner.open(reverse("backoffice:party-list"))
    search = page.locator("#list-search")

    with page.expect_request(re.compile(r"q=blue")):
        search.press_sequentially("blue")
    search.press_sequentially("fin logi")

    expect(page).to_have_url(re.compile(r"q=bluefin\+logi|q=bluefin%20logi"))
    expect(search).to_have_value("bluefin logi")


def test_sorting_and_the_next_page_swap_the_table_and_back_returns(visit):
    page = visit().open(reverse("backoffice:party-list"))
    first = page.locator("[data-row] .first a").first.text_content()

    page.get_by_role("link", name="Next page").click()
    expect(page.locator("[data-found]")).to_have_text("51 to 53 of 53")
    page.go_back()

    expect(page.locator("[data-row] .first a").first).to_have_text(first)


def test_columns_are_chosen_without_losing_the_search(visit):
    page = visit(javascript=False).open(reverse("backoffice:party-list") + "?q=bluefin")

    page.locator("summary[aria-label=Columns]").click()
    page.get_by_label("Website").uncheck()
    page.get_by_label("Legal name").check()
    page.get_by_role("button", name="Show these").click()

    heads = page.locator("thead th").all_text_contents()
    assert any("Legal name" in head for head in heads)
    assert not any("Website" in head for head in heads)
    expect(page.locator("#list-search")).to_have_value("bluefin")


def test_a_view_is_saved_as_a_tab_with_its_count_and_taken_away_again(visit):
    page = visit().open(reverse("backoffice:party-list") + "?q=bluefin")

    page.get_by_text("Save view").click()
    page.get_by_label("Name of the view").fill("Bluefins")
    page.get_by_role("button", name="Save", exact=True).click()
    tab = page.locator(".views [aria-current=page]")
    expect(tab).to_contain_text("Bluefins")
    expect(tab).to_contain_text("53")
    page.get_by_role("button", name="Delete the view Bluefins").click()

    expect(page.locator(".note")).to_contain_text("removed")
    assert not SavedView.objects.exists()


def test_a_filter_becomes_a_chip_that_takes_it_away(visit):
    page = visit().open(reverse("backoffice:party-list"))

    page.get_by_text("Add filter").click()
    page.locator(".filters [name=is_active]").select_option("true")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator(".chip")).to_contain_text("yes")
    page.get_by_role("link", name="Remove the filter Active").click()

    expect(page.locator(".chip")).to_have_count(0)


def test_rows_are_added_to_a_form_and_saved(visit):
    page = visit().open(reverse("backoffice:party-add"))
    emails = page.locator("[data-formset=emails]")

    page.locator("[name=name]").fill("Vega Print")
    emails.locator("[name=emails-0-address]").fill("one@example.com")
    emails.get_by_role("button", name="Add a row").click()
    emails.locator("[name=emails-1-address]").fill("two@example.com")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator(".note")).to_contain_text("Vega Print saved.")
    vega = Party.objects.get(name="Vega Print")
    assert vega.emails.count() == 2


def test_what_a_form_refuses_stands_at_its_field(visit):
    page = visit().open(reverse("backoffice:party-add"))

    page.locator("[name=name]").fill("Vega Print")
    page.locator("[name=emails-0-address]").fill("no address")
    page.locator("form.sheet").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.locator("[name=emails-0-address]")).to_have_class(re.compile("is-invalid"))
    assert not Party.objects.filter(name="Vega Print").exists()


def test_rows_are_cards_on_a_phone(visit):
    page = visit(PHONE).open(reverse("backoffice:party-list"))

    expect(page.locator("thead")).to_be_hidden()
    box = page.locator("[data-row]").first.bounding_box()
    assert box["height"] < 80


def test_a_selection_is_counted_and_summed_to_the_cent(visit):
    books = small_books()
    for cents in ("0.10", "0.20", "-9007199254740.01"):
        amount = Decimal(cents)
        lines = [debit(books.bank, amount), credit(books.sales, amount)]
        post(on=A_DAY_IN_MAY, text="Till", lines=lines, by=books.user)
    page = visit().open(reverse("accounting:journalentry-list"))
    bar = page.locator(".bulk")
    expect(bar).to_be_hidden()

    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("1 selected")
    page.get_by_label("Select all on this page").check()
    expect(bar).to_contain_text("3 selected")
    expect(bar.locator("[data-sum]")).to_have_text("9,007,199,254,740.31")
    page.get_by_label("Clear selection").click()

    expect(bar).to_be_hidden()
