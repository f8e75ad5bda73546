"""Where parties are paid: bank details take two before money goes there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.approvals import LIVE, approves, digest_of, request_approval
from backoffice.models import Approval, BankAccount, Party, User

VERB = "bank_details"
TOLD = ("holder", "iban", "bic", "number", "bank_code")


def details_text(account: BankAccount) -> str:
    """What decides where money goes, keyed: no account number is found by trying them all."""
    return next(_texts(account))


def is_payable(account: BankAccount) -> bool:
    """Whether a second person has approved the details as they stand."""
    return bool(payable([account]))


def payable(accounts: Iterable[BankAccount]) -> set[int]:
    """The keys of those accounts money may go to, in one query."""
    digests = {
        digest_of(text): account.pk
        for account in accounts
        if _is_readable(account)
        for text in _texts(account)
    }
    found = Approval.objects.filter(
        label=BankAccount._meta.label_lower,
        verb=VERB,
        state=Approval.State.APPROVED,
        digest__in=digests,
    )
    return {digests[digest] for digest in found.values_list("digest", flat=True)}


@transaction.atomic
def ask_for_details(party: Party, *, by: User | None) -> list[Approval]:
    """Ask a second person for each account of the party whose details are not approved."""
    accounts = [a for a in party.bank_accounts.select_related("party") if _is_readable(a)]
    approved = payable(accounts)
    return [_request(account, by=by) for account in accounts if account.pk not in approved]


def standings(party: Party) -> list[tuple[str, str, str]]:
    """Each account of the party, in words whether money may go there, and where that is told."""
    accounts = list(party.bank_accounts.order_by("pk"))
    approved = payable(accounts)
    live = Approval.objects.filter(
        label=BankAccount._meta.label_lower,
        verb=VERB,
        record_key__in=[str(account.pk) for account in accounts],
        state__in=LIVE,
    )
    addresses = {approval.record_key: approval.get_absolute_url() for approval in live}
    words = {True: _("approved"), False: _("waits for approval")}
    return [
        (str(account), words[account.pk in approved], addresses.get(str(account.pk), ""))
        for account in accounts
    ]


def _request(account: BankAccount, *, by: User | None) -> Approval:
    return request_approval(
        account,
        VERB,
        by=by,
        area="accounting.pay",
        level="approve",
        text=details_text(account),
        title=_("Bank details of %(party)s: %(account)s")
        % {"party": account.party, "account": account},
        url=account.party.get_absolute_url(),
        detail=_told(account),
    )


def _told(account: BankAccount) -> list[tuple[str, str, str]]:
    """Before and after in words; of numbers the last four, as everywhere."""
    earlier = Approval.objects.filter(
        label=account._meta.label_lower,
        record_key=str(account.pk),
        verb=VERB,
        decided_at__isnull=False,
        refused_by=None,
    ).first()
    before = {label: after for label, _before, after in earlier.detail} if earlier else {}
    rows = []
    for name in TOLD:
        label = str(capfirst(account._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
        after = str(getattr(account, name))
        if after or before.get(label):
            rows.append((label, before.get(label, ""), after))
    return rows


def _is_readable(account: BankAccount) -> bool:
    return account.iban.is_readable and account.number.is_readable


def _texts(account: BankAccount) -> Iterator[str]:
    """The text under the secret key, then under those before it."""
    facts = (
        *(account.pk, account.party_id, account.holder, account.iban.whole),
        *(account.number.whole, account.bank_code, account.bic),
    )
    told = "\n".join(str(fact) for fact in facts)
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        yield salted_hmac("backoffice.bank_details", told, key, algorithm="sha256").hexdigest()


@approves(VERB, BankAccount, text=details_text)
def _accept(account: BankAccount, **_decision) -> None:
    """Nothing is to be done: the approval of the text is what payments ask for."""
