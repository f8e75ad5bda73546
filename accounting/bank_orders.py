"""The file a bank is given for a payment run: ISO 20022 in euro, a table otherwise."""

import unicodedata
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.utils.translation import gettext as _

from accounting.models import PaymentRun
from accounting.payment_runs import Transfer, check_approved, check_still_owed, transfers
from backoffice import exports
from backoffice.encrypted_fields import whole
from backoffice.models import Address, Party
from backoffice.money import as_text

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
# The characters every bank in the euro area takes (EPC217-08).
KNOWN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")


def bank_file(run: PaymentRun) -> tuple[str, bytes]:
    """The name and the bytes of the file; the same run gives the same file."""
    check_approved(run)
    if run.state == PaymentRun.State.APPROVED:
        check_still_owed(run)
    found = transfers(run)
    if is_sepa(run, found):
        return f"payment-run-{run.pk}.xml", pain_001(run, found)
    return f"payment-run-{run.pk}.csv", table(run, found)


def is_sepa(run: PaymentRun, found: list[Transfer]) -> bool:
    """Whether all of it is in euro between IBANs."""
    return run.currency_id == "EUR" and bool(run.iban) and all(t.account.iban for t in found)


def plain(text: str, most: int) -> str:
    """The text in letters a bank takes."""
    flat = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("&", "+"))
    kept = "".join(
        char if char in KNOWN else "" if unicodedata.combining(char) else " " for char in flat
    )
    return " ".join(kept.split())[:most].strip() or "-"


def add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """A new last child."""
    child = SubElement(parent, name, attributes)
    if text:
        child.text = text
    return child


def pain_001(run: PaymentRun, found: list[Transfer]) -> bytes:
    """A customer credit transfer, pain.001.001.09, with structured addresses."""
    count = str(len(found))
    total = as_text(sum((t.amount for t in found), Decimal(0)), run.currency.minor_unit)
    root = Element("Document", {"xmlns": NAMESPACE})
    order = add(root, "CstmrCdtTrfInitn")
    head = add(order, "GrpHdr")
    add(head, "MsgId", f"RUN-{run.pk}-{run.on:%Y%m%d}")
    add(head, "CreDtTm", f"{run.made_at:%Y-%m-%dT%H:%M:%S}")
    add(head, "NbOfTxs", count)
    add(head, "CtrlSum", total)
    add(add(head, "InitgPty"), "Nm", plain(run.holder, 70))
    batch = add(order, "PmtInf")
    add(batch, "PmtInfId", f"RUN-{run.pk}")
    add(batch, "PmtMtd", "TRF")
    add(batch, "BtchBookg", "false")
    add(batch, "NbOfTxs", count)
    add(batch, "CtrlSum", total)
    add(add(add(batch, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    add(add(batch, "ReqdExctnDt"), "Dt", run.on.isoformat())
    add(add(batch, "Dbtr"), "Nm", plain(run.holder, 70))
    add(add(add(batch, "DbtrAcct"), "Id"), "IBAN", whole(run.iban).replace(" ", ""))
    agent(add(batch, "DbtrAgt"), run.bic)
    add(batch, "ChrgBr", "SLEV")
    for transfer in found:
        one_transfer(add(batch, "CdtTrfTxInf"), run, transfer)
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def agent(parent: Element, bic: str) -> None:
    """The bank by its BIC; with an IBAN it need not be named."""
    institution = add(parent, "FinInstnId")
    if bic:
        add(institution, "BICFI", bic)
    else:
        add(add(institution, "Othr"), "Id", "NOTPROVIDED")


def one_transfer(parent: Element, run: PaymentRun, transfer: Transfer) -> None:
    """Who is paid how much, where, and for what."""
    account = transfer.account
    add(add(parent, "PmtId"), "EndToEndId", f"RUN-{run.pk}-{transfer.number}")
    amount = as_text(transfer.amount, run.currency.minor_unit)
    add(add(parent, "Amt"), "InstdAmt", amount, Ccy=run.currency_id)
    if account.bic:
        agent(add(parent, "CdtrAgt"), account.bic)
    creditor = add(parent, "Cdtr")
    add(creditor, "Nm", plain(account.holder or transfer.party.name, 70))
    postal_address(creditor, transfer.party)
    add(add(add(parent, "CdtrAcct"), "Id"), "IBAN", account.iban.whole)
    add(add(parent, "RmtInf"), "Ustrd", plain(transfer.references, 140))


def postal_address(creditor: Element, party: Party) -> None:
    """The address in its parts, which banks ask for; none where none is known."""
    address = Address.objects.filter(party=party).order_by("-kind", "pk").first()
    if address is None:
        return
    parts = add(creditor, "PstlAdr")
    if address.street:
        add(parts, "StrtNm", plain(address.street, 70))
    if address.postcode:
        add(parts, "PstCd", plain(address.postcode, 16))
    add(parts, "TwnNm", plain(address.city, 35))
    add(parts, "Ctry", address.country)


def table(run: PaymentRun, found: list[Transfer]) -> bytes:
    """A table for banks that take no other file."""
    header = [_("Name"), _("Account"), _("Bank code"), _("BIC"), _("Currency"), _("Amount")]
    header += [_("Reference"), _("Date")]
    rows = (
        [
            transfer.account.holder or transfer.party.name,
            (transfer.account.iban or transfer.account.number).whole,
            transfer.account.bank_code,
            transfer.account.bic,
            run.currency_id,
            as_text(transfer.amount, run.currency.minor_unit),
            transfer.references,
            run.on.isoformat(),
        ]
        for transfer in found
    )
    return "".join(exports.csv_pieces(header, rows)).encode()
