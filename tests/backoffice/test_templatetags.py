"""The small words of templates."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template import Context, Engine, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone

from backoffice.management.commands import vendor

ROOT = Path(settings.BASE_DIR)
ENGINE = Engine(builtins=settings.TEMPLATES[0]["OPTIONS"]["builtins"])


def company(code: str = "EUR", minor_unit: int = 2) -> SimpleNamespace:
    return SimpleNamespace(currency=SimpleNamespace(code=code, minor_unit=minor_unit))


def draw(template: str, **facts) -> str:
    facts.setdefault("company", company())
    return ENGINE.from_string(template).render(Context(facts))


def test_an_icon_is_a_symbol_of_the_sprite():
    assert draw('{% icon "home" "s" %}') == (
        '<svg class="ic ic-s" aria-hidden="true"><use href="/static/icons.svg#home"></use></svg>'
    )


def used_icons() -> set[str]:
    found = set()
    for folder in ("templates", *(p.parent.name for p in ROOT.glob("*/apps.py"))):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".html", ".py"):
                found |= set(
                    re.findall(r'(?:\bicon ?=? ?|icon: str = )"([a-z0-9-]{2,})"', path.read_text())
                )
    return found


def test_every_icon_that_is_used_is_in_the_sprite():
    sprite = (ROOT / "static" / "icons.svg").read_text()

    assert len(used_icons()) > 20
    assert {name for name in used_icons() if f'id="{name}"' not in sprite} == set()


def test_money_is_written_as_the_reader_writes_it():
    assert "1.234,50" in draw("{% money amount %}", amount=Decimal("1234.5"), locale="de_DE")
    assert "1,234.50" in draw("{% money amount %}", amount=Decimal("1234.5"), locale="en_IE")


def test_a_negative_amount_has_a_true_minus():
    assert draw("{% money amount %}", amount=Decimal(-5), locale="en") == (
        '<span class="num">−5.00</span>'
    )


def test_money_has_the_decimals_of_the_books():
    shown = draw("{% money amount %}", amount=Decimal(1500), company=company("JPY", 0))

    assert shown == '<span class="num">1,500</span>'


@pytest.mark.django_db
def test_a_named_currency_is_shown_with_its_own_decimals():
    assert "¥1,500<" in draw('{% money amount currency="JPY" %}', amount=Decimal(1500))


def test_nothing_is_written_for_no_amount_and_no_day():
    assert draw("{% money x %}{% day x %}{% instant x %}{{ x|plain }}", x=None) == ""


def test_a_day_is_readable_for_people_and_programs():
    assert draw("{% day on %}", on=date(2026, 11, 23), locale="en_IE") == (
        '<time datetime="2026-11-23">23 Nov 2026</time>'
    )


def test_an_instant_is_shown_in_the_zone_of_the_reader():
    at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)

    with timezone.override("Europe/Dublin"):
        shown = draw("{% instant at %}", at=at, locale="en_IE")

    assert 'datetime="2026-07-02T00:30:00+01:00"' in shown
    assert "2 Jul 2026" in shown


def test_a_state_is_a_word_and_its_tone_is_known():
    assert (
        draw('{% state word "ok" %}', word="<Paid>")
        == '<span class="state s-ok">&lt;Paid&gt;</span>'
    )
    with pytest.raises(ValueError, match="not 'purple'"):
        draw('{% state "Paid" "purple" %}')


def test_query_changes_one_parameter_and_starts_at_the_first_page():
    request = RequestFactory().get("/x/", {"q": "a b", "page": "3", "columns": "a,b"})

    shown = draw('{% query sort="-name" %}', request=request)
    assert unescape(shown) == "?q=a%20b&columns=a,b&sort=-name"
    assert draw("{% query q=None %}", request=request) == "?columns=a,b"


def test_current_marks_this_page_and_what_it_lies_under():
    request = RequestFactory().get("/accounting/journal/7/")
    marks = draw(
        '{% current "/accounting/journal/7/" %}|{% current "/accounting/journal/" %}|'
        '{% current "/payroll/" %}',
        request=request,
    )

    assert marks == 'aria-current="page"|aria-current="true"|'


def test_no_letter_leads_to_two_functions():
    names = ["Accounting", "People", "Payroll", "Home care"]
    menu = [SimpleNamespace(function=SimpleNamespace(verbose_name=name)) for name in names]

    letters = draw("{% for entry, letter in menu|lettered %}{{ letter }}{% endfor %}", menu=menu)

    assert letters == "apyo"


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1.0000", "1"), ("2.5000", "2.5"), ("1234.56789", "1,234.56789"), ("-3", "−3"), ("0", "0")],
)
def test_numbers_have_no_zeros_at_their_end(amount, shown):
    assert draw("{% number amount %}", amount=Decimal(amount)) == shown


def test_a_price_has_the_decimals_of_its_currency_at_least():
    assert draw('{% number amount "" %}', amount=Decimal("4200.000000")) == "4,200.00"
    assert draw('{% number amount "" %}', amount=Decimal("0.123400")) == "0.1234"
    assert draw("{% number amount %}", amount=None) == ""


@pytest.mark.parametrize(
    ("amount", "shown"), [("1.0000", "1"), ("200.500", "200.5"), ("1000", "1000"), ("0.00", "0")]
)
def test_plain_amounts_have_no_zeros_at_their_end(amount, shown):
    assert draw("{{ amount|plain }}", amount=Decimal(amount)) == shown


def test_plain_amounts_have_no_exponent():
    assert draw("{{ amount|plain }}", amount=Decimal("1E+3")) == "1000"


def test_a_word_that_does_not_exist_is_an_error():
    with pytest.raises(TemplateSyntaxError):
        draw("{% no_such_word %}")


# --- What templates may not have, and what was taken over from others -----------------------


def test_no_template_has_what_the_content_policy_refuses():
    refused = re.compile(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|href=\"javascript:")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in (ROOT / "templates").rglob("*.html")
        for line in path.read_text().splitlines()
        if refused.search(line)
    ]

    assert found == []


def test_templates_are_short():
    long = {
        str(path): length
        for path in (ROOT / "templates").rglob("*.html")
        if (length := len(path.read_text().splitlines())) > 120
    }

    assert long == {}


def test_colours_are_named_in_the_theme_alone():
    styles = ROOT.glob("static/css/*.css")
    literal = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(", re.IGNORECASE)

    found = {p.name for p in styles if p.name != "theme.css" and literal.search(p.read_text())}

    assert found == set()


def test_vendored_files_are_the_ones_that_were_fetched(capsys):
    call_command("vendor", "--check")

    assert "as listed" in capsys.readouterr().out


def test_a_vendored_file_that_was_touched_is_noticed(tmp_path, monkeypatch):
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "a.css").write_text("a {}")
    (tmp_path / "vendor" / "stray.js").write_text("1")
    monkeypatch.setattr(vendor, "STATIC", tmp_path)
    files = {"vendor/a.css": {"sha256": "0" * 64}, "vendor/b.css": {"sha256": "0" * 64}}

    assert list(vendor.differences({"a": {"files": files}})) == [
        "vendor/a.css is not the file that was fetched.",
        "vendor/b.css is listed but not here.",
        "vendor/stray.js is here but not listed.",
    ]
