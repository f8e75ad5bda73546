"""The house around the pages: palette, keys, themes, menus, and all of it without a script."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import PHONE


def test_ctrl_k_finds_a_page_and_enter_opens_it(visit):
    page = visit().open("/")

    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type("depart")
    expect(page.locator("#palette-list a").first).to_contain_text("Departments")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(reverse("backoffice:department-list")))


def test_arrows_move_through_what_was_found_and_typing_goes_on_in_the_search(visit):
    page = visit().open("/")
    page.keyboard.press("/")
    page.keyboard.type("bluefin")
    links = page.locator("#palette-list a")
    expect(links.first).to_contain_text("Bluefin")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.type("x")
    expect(page.locator("#palette input")).to_have_value("bluefinx")

    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_keys_are_left_alone_while_somebody_types(visit):
    page = visit().open(reverse("backoffice:party-add"))

    page.locator("[name=name]").press_sequentially("Gaj / N? kx")

    expect(page.locator("[name=name]")).to_have_value("Gaj / N? kx")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_g_and_a_letter_go_to_a_function(visit):
    page = visit().open("/")

    page.keyboard.press("g")
    page.keyboard.press("y")

    expect(page).to_have_url(re.compile("/payroll/$"))


def test_n_begins_a_new_record_and_question_mark_helps(visit):
    page = visit().open(reverse("backoffice:party-list"))

    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("n")

    expect(page).to_have_url(re.compile(reverse("backoffice:party-add")))


def test_j_and_k_walk_through_the_rows(visit):
    page = visit().open(reverse("backoffice:party-list"))
    links = page.locator("[data-row] .first a")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("k")

    expect(links.nth(0)).to_be_focused()


def test_the_theme_is_kept_and_set_before_the_page_is_painted(visit):
    page = visit().open("/")

    page.get_by_role("button", name="Switch light or dark").click()
    page.reload(wait_until="commit")
    page.wait_for_selector("body", state="attached")

    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_a_phone_opens_the_menu_and_escape_closes_it(visit):
    page = visit(PHONE).open("/")
    side = page.locator("#side")
    expect(side).to_be_hidden()

    page.get_by_role("link", name="Menu", exact=True).click()
    expect(side).to_be_visible()
    page.keyboard.press("Escape")

    expect(side).to_be_hidden()
    expect(page.get_by_role("link", name="Menu", exact=True)).to_be_focused()


def test_without_a_script_menu_search_and_account_still_work(visit):
    page = visit(PHONE, javascript=False).open("/")

    page.get_by_role("link", name="Menu", exact=True).click()
    expect(page.locator("#side")).to_be_visible()
    page.locator("#side .close").click()
    page.get_by_role("link", name="Search or jump").click()
    page.get_by_role("searchbox").fill("departments")
    page.keyboard.press("Enter")
    expect(page.locator(".found a").first).to_contain_text("Departments")
    page.locator(".top summary").click()
    page.get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(re.compile(reverse("account_login")))


def test_what_was_done_is_said_and_can_be_undone(visit):
    page = visit().open(reverse("backoffice:functions"))
    payroll = page.locator("#side").get_by_role("link", name="Payroll")

    page.get_by_role("button", name="Close Payroll").click()
    expect(page.locator(".note")).to_contain_text("Payroll is closed.")
    expect(payroll).to_have_count(0)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator(".note")).to_contain_text("Payroll is open.")
    expect(payroll).to_be_visible()
