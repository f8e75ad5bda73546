"""CAMT.053, the bank-to-customer statement of ISO 20022, in every version.

The sign is CdtDbtInd's; RvslInd says that an entry takes another back and flips nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from accounting.bank_files.facts import (
    DETAILS_DIFFER,
    OTHER_CURRENCY,
    ZERO,
    Detail,
    Entry,
    Event,
    Foot,
    Head,
    checked_amount,
    damaged,
    said,
    words,
)
from accounting.bank_files.xml_tree import Node, elements

STATEMENT, MESSAGE = "Stmt", "BkToCstmrStmt"
OTHERS = ("Rpt", "Ntfctn")
PARTS = ("Id", "ElctrncSeqNb", "LglSeqNb", "FrToDt", "Acct", "Bal", "Ntry")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?|[+-]?\.[0-9]+").fullmatch
# Opening balances by what they are worth, then closing ones.
OPENING, CLOSING = ("OPBD", "PRCD", "ITBD"), ("CLBD", "ITBD")


@dataclass
class _Standing:
    """What is known of the statement being read."""

    has_head: bool = False
    account: str = ""
    currency: str = ""
    number: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    pending: int = 0
    balances: list[tuple[str, Decimal, str]] = field(default_factory=list)

    def head(self) -> Head:
        return Head(self.account, self.currency, self.number)

    def foot(self) -> Foot:
        opening = self._balance(OPENING, self.balances)
        closing = self._balance(CLOSING, self.balances[::-1])
        return Foot(
            opening=opening[1] if opening else None,
            closing=closing[1] if closing else None,
            opening_currency=opening[2] if opening else "",
            closing_currency=closing[2] if closing else "",
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            currency=self.currency,
            pending=self.pending,
        )

    @staticmethod
    def _balance(kinds, balances):
        for kind in kinds:
            for found in balances:
                if found[0] == kind:
                    return found
        return None


def read(path: Path) -> Iterator[Event]:
    """The statements of the file."""
    standing: _Standing | None = None
    has_statements = False
    for node in elements(path, PARTS, (STATEMENT, MESSAGE, *OTHERS)):
        if node.tag in OTHERS:
            raise damaged(node.place, _("this is no statement (CAMT.053) but a report of moves."))
        if node.tag == STATEMENT:
            standing, has_statements = _Standing(), True
        elif node.tag == f"/{STATEMENT}" and standing:
            if not standing.has_head:
                yield standing.head()
            yield standing.foot()
            standing = None
        elif standing:
            yield from _told(node, standing)
    if not has_statements:
        raise damaged(_("The file"), _("it holds no statement: it is not CAMT.053."))


def _told(node: Node, standing: _Standing) -> Iterator[Event]:
    """What a part of a statement adds."""
    if node.tag == "Ntry":
        if not standing.has_head:
            standing.has_head = True
            yield standing.head()
        if _status(node) != "BOOK":
            standing.pending += 1
        else:
            yield entry_of(node, standing.currency)
    elif node.tag == "Bal":
        kind = node.said("Tp/CdOrPrtry/Cd")
        amount = node.find("Amt")
        currency = amount.attributes.get("Ccy", "") if amount else ""
        standing.balances.append((kind, _signed(node), currency))
        if not standing.currency and kind in OPENING:
            standing.currency = currency
    elif node.tag == "Acct":
        standing.account = node.said("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN")
        standing.currency = node.said("Ccy") or standing.currency
    elif node.tag == "FrToDt":
        standing.starts_on = _day(node, "FrDtTm", "FrDt")
        standing.ends_on = _day(node, "ToDtTm", "ToDt")
    else:
        _take_number(node, standing)


def _take_number(node: Node, standing: _Standing) -> None:
    """The sequence number; the identification where there is none."""
    if node.tag != "Id" or not standing.number:
        standing.number = " ".join(node.text.split())[:60]


def _status(node: Node) -> str:
    return node.said("Sts/Cd", "Sts") or "BOOK"


def entry_of(node: Node, currency: str) -> Entry:
    """A booked entry with its details, which are kept only where they sum to it."""
    amount, booked = _signed(node), _day(node, "BookgDt/Dt", "BookgDt/DtTm")
    value_date = _day(node, "ValDt/Dt", "ValDt/DtTm")
    day = booked or value_date
    if day is None:
        raise damaged(node.place, _("the entry has no booking date."))
    own = _currency(node) or currency
    parts = [part for group in node.all("NtryDtls") for part in group.all("TxDtls")]
    details = [_detail(part, amount, own, is_alone=len(parts) == 1) for part in parts]
    known = [detail for detail in details if detail is not None]
    is_whole = len(known) == len(parts) and sum((d.amount for d in known), ZERO) == amount
    flags = [DETAILS_DIFFER] * (bool(parts) and not is_whole)
    flags += [OTHER_CURRENCY] * (own != currency)
    return Entry(
        date=day,
        value_date=value_date,
        amount=amount,
        reference=_common(parts, _reference) or said(_batch(node)),
        text=_text_of(node, parts),
        counterparty=_common(parts, lambda part: _party(part, amount)[0]),
        counterparty_account=_common(parts, lambda part: _party(part, amount)[1]),
        bank_id=said(node.said("AcctSvcrRef")),
        details=tuple(known) if is_whole else (),
        is_reversal=node.said("RvslInd").lower() in ("true", "1"),
        flags=tuple(flags),
        currency=own,
        place=node.place,
    )


def _common(parts: list[Node], fact) -> str:
    """What all the details say alike; nothing where they differ."""
    found = {fact(part) for part in parts}
    return found.pop() if len(found) == 1 else ""


def _text_of(node: Node, parts: list[Node]) -> str:
    texts = words(*(_text(part) for part in parts))
    return texts or node.said("AddtlNtryInf")


def _batch(node: Node) -> str:
    for group in node.all("NtryDtls"):
        if found := group.said("Btch/PmtInfId", "Btch/MsgId"):
            return found
    return ""


def _detail(part: Node, whole: Decimal, currency: str, *, is_alone: bool) -> Detail | None:
    """A part of the entry; None where its amount is not in the entry's currency."""
    amount = _amount_of_part(part, currency)
    if amount is None:
        if not is_alone or part.find("Amt") or part.find("AmtDtls/TxAmt"):
            return None
        signed = whole
    else:
        side = part.said("CdtDbtInd")
        is_credit = side == "CRDT" if side else whole > 0
        signed = amount if is_credit else -amount
    counterparty, account = _party(part, signed)
    return Detail(signed, _reference(part), _text(part), counterparty, account)


def _amount_of_part(part: Node, currency: str) -> Decimal | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        found = part.find(path)
        if found is not None and found.attributes.get("Ccy", currency) == currency:
            return _positive(found)
    return None


def _reference(part: Node) -> str:
    """The creditor's reference where there is one, else what the payer called it."""
    return said(part.said("RmtInf/Strd/CdtrRefInf/Ref")) or said(part.said("Refs/EndToEndId"))


def _text(part: Node) -> str:
    remittance = part.find("RmtInf")
    unstructured = [n.text for n in remittance.all("Ustrd")] if remittance else []
    return words(*unstructured) or part.said(
        "AddtlTxInf", "RmtInf/Strd/AddtlRmtInf", "RmtInf/Strd/CdtrRefInf/Ref"
    )


def _party(part: Node, amount: Decimal) -> tuple[str, str]:
    """Name and account of the other side: who paid us, or whom we paid."""
    first, second = ("Dbtr", "Cdtr") if amount > 0 else ("Cdtr", "Dbtr")
    for side in (first, second):
        name = part.said(
            f"RltdPties/{side}/Nm", f"RltdPties/{side}/Pty/Nm", f"RltdPties/Ultmt{side}/Nm",
            f"RltdPties/Ultmt{side}/Pty/Nm",
        )  # fmt: skip
        account = part.said(f"RltdPties/{side}Acct/Id/IBAN", f"RltdPties/{side}Acct/Id/Othr/Id")
        if name or account:
            return name, account
    return "", ""


# --- values ---------------------------------------------------------------------------------


def _currency(node: Node) -> str:
    found = node.find("Amt")
    return found.attributes.get("Ccy", "") if found else ""


def _signed(node: Node) -> Decimal:
    """The amount with the sign of CdtDbtInd."""
    found, side = node.find("Amt"), node.said("CdtDbtInd")
    if found is None:
        raise damaged(node.place, _("an amount is missing."))
    if side not in ("CRDT", "DBIT"):
        raise damaged(node.place, _("neither credit nor debit is said."))
    amount = _positive(found)
    return amount if side == "CRDT" or not amount else -amount


def _positive(node: Node) -> Decimal:
    text = node.text.strip()
    if not _NUMBER(text):
        raise damaged(node.place, _("“%(text)s” is no amount.") % {"text": text[:40]})
    amount = checked_amount(Decimal(text), node.place)
    if amount < 0:
        raise damaged(node.place, _("“%(text)s” has a sign of its own.") % {"text": text[:40]})
    return amount


def _day(node: Node, *paths: str) -> date | None:
    text = node.said(*paths)
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise damaged(node.place, _("“%(text)s” is no day.") % {"text": text[:40]}) from None
