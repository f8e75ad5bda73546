"""A maker for every model that has pages: a new one is entered here, or the page tests fail."""

from datetime import date
from decimal import Decimal
from itertools import count

from accounting.models import (
    Account,
    Allocation,
    AssetClass,
    BankRule,
    BankStatement,
    Budget,
    BudgetLine,
    EntryDraft,
    FiscalYear,
    FixedAsset,
    Item,
    JournalEntry,
    JournalLine,
    OwnAccount,
    PartyTerms,
    Payment,
    PaymentRun,
    Period,
    Reminder,
    ReminderLevel,
    StatementLine,
    TaxCode,
    TaxReturn,
)
from accounting.payments import record_payment
from accounting.posting import Line, post
from accounting.settling import Part, settle_each_other
from backoffice.approvals import request_approval
from backoffice.models import (
    Approval,
    Assignment,
    Attachment,
    AuditEvent,
    Change,
    Company,
    Currency,
    Delegation,
    Department,
    ImportRun,
    Job,
    Letter,
    MailPreference,
    Notice,
    Party,
    Role,
    Room,
    SavedView,
    Site,
    User,
)
from tests.factories.accounting import A_DAY_IN_MAY, AccountFactory, SmallBooks, small_books
from tests.factories.assets import an_asset, asset_class
from tests.factories.backoffice import (
    CompanyFactory,
    DepartmentFactory,
    PartyFactory,
    RootDepartmentFactory,
    UserFactory,
)
from tests.factories.banking import a_line, a_statement, an_own_account
from tests.factories.budgets import BudgetFactory
from tests.factories.documents import DOCUMENT_MAKERS
from tests.factories.open_items import control_accounts
from tests.factories.taxes import ItemFactory, PartyTermsFactory, TaxCodeFactory

_numbers = count(1)


def a_role() -> Role:
    return Role.objects.create(name=f"Clerk {next(_numbers)}", description="Files things.")


def a_site() -> Site:
    return Site.objects.create(
        name=f"Quay {next(_numbers)}", city="Cork", country="IE", time_zone="Europe/Dublin"
    )


def a_room() -> Room:
    return Room.objects.create(site=a_site(), name=f"Room {next(_numbers)}", seats=8)


def the_books() -> SmallBooks | None:
    """Books to post in; None where they are there already."""
    return None if Account.objects.filter(role="bank").exists() else small_books()


def an_entry() -> JournalEntry:
    the_books()
    books = SmallBooks.__new__(SmallBooks)
    books.bank, books.sales = (Account.objects.get(role=role) for role in ("bank", "sales"))
    books.user = UserFactory()
    return books.sell(text=f"Sale {next(_numbers)}")


def a_draft() -> EntryDraft:
    return EntryDraft.objects.create(
        text=f"Rent {next(_numbers)}", date=A_DAY_IN_MAY, made_by=UserFactory()
    )


def a_fixed_asset() -> FixedAsset:
    return an_asset(the_books())


def a_period() -> Period:
    the_books()
    return Period.objects.first()


def a_file(**facts) -> Attachment:
    """A file put to a site; its bytes are not there."""
    number = next(_numbers)
    return Attachment.objects.create(
        label="backoffice.site",
        record_key=str(a_site().pk),
        name="Plan.pdf",
        size=1,
        media_type="application/pdf",
        sha256=f"{number:064}",
        stored_name=f"00/{number:064}",
        uploaded_by=facts.get("uploaded_by") or UserFactory(),
    )


def a_bank() -> OwnAccount:
    CompanyFactory()
    return an_own_account()


def a_bank_rule() -> BankRule:
    return BankRule.objects.create(
        name=f"Rent {next(_numbers)}", contains="rent", account=AccountFactory()
    )


def a_bank_statement() -> BankStatement:
    return a_statement(a_bank(), "5")


def a_bank_line() -> StatementLine:
    return a_line(a_statement(a_bank()), "5")


def a_fiscal_year() -> FiscalYear:
    return a_period().fiscal_year


def a_payment() -> Payment:
    the_books()
    control_accounts()
    return record_payment(
        direction="in",
        party=PartyFactory(),
        bank=Account.objects.get(role="bank"),
        amount=Decimal(5),
        on=A_DAY_IN_MAY,
        by=UserFactory(),
        source_key=f"made:{next(_numbers)}",
    )


def an_allocation() -> Allocation:
    the_books()
    party = PartyFactory()
    control_accounts()
    bank, facts = Account.objects.get(role="bank"), {"by": None, "on": A_DAY_IN_MAY}
    for amount in (5, -5):
        lines = [Line("receivable", Decimal(amount), party=party), Line(bank, -Decimal(amount))]
        post(text="Credit", lines=lines, **facts)
    parts = [
        Part(line, Decimal(5))
        for line in JournalLine.objects.filter(party=party, account__role="receivable")
    ]
    return settle_each_other(parts, **facts)[0]


def a_payment_run() -> PaymentRun:
    the_books()
    return PaymentRun.objects.create(
        on=A_DAY_IN_MAY,
        due_until=A_DAY_IN_MAY,
        bank=Account.objects.get(role="bank"),
        holder="Harbour",
        currency=a_currency(),
        made_by=UserFactory(),
    )


def a_reminder_level() -> ReminderLevel:
    number = next(_numbers)
    return ReminderLevel.objects.create(
        level=number, days_overdue=number, subject=f"Reminder {number}", text="Please pay."
    )


def a_reminder() -> Reminder:
    return Reminder.objects.create(
        party=PartyFactory(),
        level=1,
        on=A_DAY_IN_MAY,
        address="zoe@example.com",
        subject="Reminder",
        text="Please pay.",
    )


def a_budget() -> Budget:
    return BudgetFactory(fiscal_year=a_fiscal_year())


def a_budget_line() -> BudgetLine:
    return BudgetLine.objects.create(
        budget=a_budget(),
        department=RootDepartmentFactory(),
        account=AccountFactory(),
        month=date(2024, 3, 1),
        amount=7,
    )


def an_assignment() -> Assignment:
    return Assignment.objects.create(
        user=UserFactory(),
        role=a_role(),
        department=RootDepartmentFactory(),
        starts_on=date(2020, 1, 1),
    )


def an_import() -> ImportRun:
    return ImportRun.objects.create(kind="staff", file_name="staff.csv", made_by=UserFactory())


def a_job() -> Job:
    return Job.objects.create(
        title=f"Export {next(_numbers)}",
        kind="exports.write",
        arguments={"list_name": "backoffice:party-list", "format": "csv"},
        area="directory",
        made_by=UserFactory(),
    )


def a_letter() -> Letter:
    number = next(_numbers)
    return Letter.objects.create(
        recipients=f"tom{number}@example.com", subject=f"Letter {number}", text="Tall pines."
    )


def a_notice() -> Notice:
    return Notice.objects.create(
        user=UserFactory(), kind="message", title=f"News {next(_numbers)}", url="/"
    )


def a_mail_preference() -> MailPreference:
    return MailPreference.objects.create(user=UserFactory())


def a_saved_view() -> SavedView:
    return SavedView.objects.create(
        user=UserFactory(), list_name="backoffice:user-list", name=f"View {next(_numbers)}"
    )


def a_tax_return() -> TaxReturn:
    month = date(2000 + next(_numbers), 1, 1)
    return TaxReturn.objects.create(starts_on=month, ends_on=month.replace(day=31), country="GB")


def an_act() -> AuditEvent:
    return AuditEvent.objects.create(action="tried", subject="Something")


def an_approval(**facts) -> Approval:
    """Something made that waits for a second person."""
    number = next(_numbers)
    return request_approval(
        a_site(),
        "try",
        by=facts.get("made_by") or UserFactory(),
        area="office",
        level="manage",
        text=f"Try {number}",
        title=f"Try {number}",
        detail=facts.get("detail", [("Size", "small", "large")]),
    )


def a_delegation() -> Delegation:
    user = UserFactory()
    return Delegation.objects.create(
        user=user,
        delegate=UserFactory(),
        starts_on=date(2026, 8, 3),
        ends_on=date(2026, 8, 14),
        made_by=user,
    )


def a_currency() -> Currency:
    return Currency.objects.get(code="EUR")


def a_change() -> Change:
    PartyFactory()
    return Change.objects.latest("pk")


MAKERS = DOCUMENT_MAKERS | {
    Allocation: an_allocation,
    Account: AccountFactory,
    Approval: an_approval,
    BankRule: a_bank_rule,
    BankStatement: a_bank_statement,
    Change: a_change,
    AssetClass: asset_class,
    Assignment: an_assignment,
    Attachment: a_file,
    Budget: a_budget,
    BudgetLine: a_budget_line,
    AuditEvent: an_act,
    Company: CompanyFactory,
    Currency: a_currency,
    Delegation: a_delegation,
    Department: DepartmentFactory,
    EntryDraft: a_draft,
    FiscalYear: a_fiscal_year,
    FixedAsset: a_fixed_asset,
    ImportRun: an_import,
    Item: ItemFactory,
    Job: a_job,
    JournalEntry: an_entry,
    Letter: a_letter,
    MailPreference: a_mail_preference,
    Notice: a_notice,
    OwnAccount: a_bank,
    Party: PartyFactory,
    PartyTerms: PartyTermsFactory,
    Payment: a_payment,
    PaymentRun: a_payment_run,
    Period: a_period,
    Reminder: a_reminder,
    ReminderLevel: a_reminder_level,
    Role: a_role,
    Room: a_room,
    SavedView: a_saved_view,
    Site: a_site,
    TaxCode: TaxCodeFactory,
    TaxReturn: a_tax_return,
    StatementLine: a_bank_line,
    User: UserFactory,
}


def make(model, how_many: int = 1) -> list:
    """So many new records of the model."""
    return [MAKERS[model]() for _n in range(how_many)]
