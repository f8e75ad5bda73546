"""Every page: readable by everybody, on every screen, under the content policy, light to load."""

import brotli
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.template.loader import get_template
from django.urls import reverse

from backoffice.models import Party
from backoffice.pages import declared
from tests.browser.conftest import PHONE, WIDE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HTML = "text/html; charset=utf-8"
PUBLIC = ("account_login", "account_reset_password", "account_reset_password_done")
WRITTEN = (
    "home",
    "search",
    "profile",
    "settings",
    "company",
    "functions",
)


def pages_of_the_office() -> list[str]:
    """Written pages, and each declared list with its form for a new record."""
    found = [reverse(f"backoffice:{name}") for name in WRITTEN]
    found += [reverse("account_change_password"), reverse("backoffice:set-up", args=["you"])]
    for pages in declared:
        found.append(pages.url("list"))
        if pages.form:
            found.append(pages.url("add"))
    return [*found, Party.objects.latest("pk").get_absolute_url(), "/nowhere/"]


def findings_of(page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{page.url}: {rule['id']} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(visit, scheme):
    owner = visit(WIDE, scheme=scheme)

    found = [line for path in pages_of_the_office() for line in findings_of(owner.open(path))]

    # The browser notes the one page that is not there.
    owner.complaints = [line for line in owner.complaints if "404" not in line]
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_before_signing_in_can_be_used_by_everybody(look, office, scheme):
    stranger = look(WIDE, scheme=scheme)

    assert [x for name in PUBLIC for x in findings_of(stranger.open(reverse(name)))] == []


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_error_pages_need_nothing_and_can_be_used_by_everybody(look, name):
    stranger = look(PHONE)
    body = get_template(name).render()
    stranger.page.route("**/broken", lambda route: route.fulfill(body=body, content_type=HTML))

    page = stranger.open("/broken")

    assert findings_of(page) == []
    assert page.get_by_role("link", name="Go home").is_visible()


def test_the_search_for_faults_finds_one(visit):
    owner = visit(WIDE)
    page = owner.open("/")

    page.evaluate("document.querySelector('main').append(document.createElement('input'))")

    assert any("label" in line for line in findings_of(page))


def test_no_page_scrolls_sideways_on_a_phone(visit):
    owner = visit(PHONE)
    too_wide = []

    for path in pages_of_the_office():
        page = owner.open(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE[0]:
            too_wide.append((path, width))

    owner.complaints = [line for line in owner.complaints if "404" not in line]
    assert too_wide == []


def test_everything_to_click_is_large_enough_for_a_finger(visit):
    owner = visit(PHONE)
    page = owner.open(reverse("backoffice:party-list"))

    small = page.evaluate("""() => [...document.querySelectorAll("button, summary, .iconbtn")]
        .filter((e) => e.checkVisibility())
        .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, box]) => box.width < 24 || box.height < 24)
        .map(([html]) => html)""")

    assert small == []


def test_the_browser_refuses_inline_styles_and_says_so(visit):
    owner = visit(WIDE)
    page = owner.open("/")

    page.evaluate("document.querySelector('main').innerHTML = '<p style=\"color:red\">x</p>'")

    assert any("Content Security Policy" in line for line in owner.complaints)
    owner.complaints.clear()


def test_the_first_visit_weighs_little(visit):
    owner = visit(WIDE)
    answers = []
    owner.page.on("response", lambda answer: answers.append(answer))

    owner.open("/")
    owner.page.wait_for_load_state("networkidle")

    weights = {answer.url: weight_of(answer) for answer in answers}
    assert len(weights) <= 12, weights
    assert sum(weights.values()) <= 110 * 1024, weights


def weight_of(answer) -> int:
    """What it weighs on the wire: text is sent compressed, fonts are compressed in themselves."""
    body = answer.body()
    return len(body) if answer.url.endswith(".woff2") else len(brotli.compress(body, quality=11))
