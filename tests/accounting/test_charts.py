"""Charts of accounts to start from."""

from io import StringIO

import pytest
from django.core.management import call_command

from accounting.charts import CHARTS, bring_in_chart, chart_for, load_chart
from accounting.models import Account
from backoffice.errors import Refused
from tests.factories import RootDepartmentFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_gives_every_role_its_account(name):
    outcome = load_chart(name, by=None)

    assert outcome.counts["failed"] == 0
    assert outcome.counts["created"] == Account.objects.count() >= 50
    assert set(Account.objects.exclude(role="").values_list("role", flat=True)) == set(
        Account.Role.values
    )
    assert set(Account.objects.values_list("kind", flat=True)) == set(Account.Kind.values)


@pytest.mark.parametrize("name", CHARTS)
def test_savings_are_cash_and_loans_are_financing(name):
    load_chart(name, by=None)

    marked = Account.objects.exclude(cash_flow="").values_list("name", "cash_flow")
    assert {flow for account, flow in marked if "Savings" in account} == {"cash"}
    assert sorted(flow for _account, flow in marked) == ["cash", "financing", "financing"]


@pytest.mark.parametrize("name", CHARTS)
def test_no_heading_has_a_role(name):
    load_chart(name, by=None)

    assert not Account.objects.filter(children__isnull=False).exclude(role="").exists()


def test_loading_a_chart_again_keeps_what_people_changed():
    load_chart("international", by=None)
    Account.objects.filter(code="1110").update(name="Current account at the harbour bank")

    outcome = load_chart("international", by=None)

    assert outcome.counts["created"] == outcome.counts["updated"] == 0
    assert Account.objects.get(code="1110").name == "Current account at the harbour bank"


def test_a_chart_that_does_not_fit_changes_nothing(tmp_path):
    chart = tmp_path / "chart.csv"
    chart.write_text("code,name,kind,parent\n1,Assets,asset,\n2,Sales,income,1\n")

    with pytest.raises(Refused, match=r"Row 3 of the chart: .*of the kind of its heading"):
        bring_in_chart(chart, by=None)

    assert not Account.objects.exists()


def test_an_unknown_chart_is_refused():
    with pytest.raises(Refused, match="There are: international, us"):
        load_chart("martian", by=None)


def test_a_country_has_its_chart():
    assert [chart_for("US"), chart_for("IE")] == ["us", "international"]


def test_accounts_come_in_whatever_the_order_of_their_headings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    RootDepartmentFactory()
    (tmp_path / "a.csv").write_text(
        "Code,Name,Type,Parent code,Active\n"
        "112,Bank,Asset,11,yes\n11,Current assets,asset,1,\n1,Assets,asset,,yes\n"
        "2,Old,expense,,no\n3,Circle,asset,4,yes\n4,Circle too,asset,3,yes\n5,Odd,thing,,yes\n"
    )

    call_command("import_list", "accounts", "a.csv", stdout=(out := StringIO()))

    said = out.getvalue()
    assert "7 rows read: 4 created, 0 updated, 0 unchanged, 3 failed." in said
    assert Account.objects.get(code="112").parent.parent.code == "1"
    assert not Account.objects.get(code="2").is_active
