"""The field :86: of MT940, which every country fills in its own way."""

from __future__ import annotations

import re
from typing import NamedTuple

from accounting.bank_files.facts import said

# The German habit: a three-digit code, then fields with a separator and two digits.
_NUMBERED = re.compile(r"(?P<code>[0-9]{3})(?P<mark>[^\w\s])(?=[0-9]{2})").match
_PURPOSES = [f"{n:02}" for n in (*range(20, 30), *range(60, 64))]
# SEPA's words inside the purpose.
_SEPA = re.compile(
    r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|MTLG|PURP|BREF)(?:\+|(?<=MTLG):)"
)
# The Dutch and Nordic habit: /WORD/text/WORD/text.
_SLASHED = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|ORDP|BENM|ID|CSID|MARF|PREF|CNTP|USTD|RTRN|ISDT|PURP"
    r"|ADDR|EXCH|CHGS|NRTX|SVCL|TRCD|IREF|KREF|STRD)(?=/)"
)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}").fullmatch


class Told(NamedTuple):
    """What the field says."""

    reference: str = ""
    text: str = ""
    counterparty: str = ""
    counterparty_account: str = ""


def told_by(texts: list[str]) -> Told:
    """What the fields of an entry say together."""
    whole = "\n".join(texts).strip()
    numbered = _NUMBERED(whole)
    if numbered:
        return _numbered(whole.replace("\n", ""), numbered["mark"])
    if len(_SLASHED.findall(whole)) > 1:
        return _slashed(whole.replace("\n", ""))
    return Told(text=" ".join(whole.split()))


def _numbered(text: str, mark: str) -> Told:
    """`166?00GUTSCHRIFT?20EREF+…?31DE…?32Name`."""
    parts: dict[str, str] = {}
    for part in text[3:].split(mark):
        if part[:2].isdigit():
            parts[part[:2]] = parts.get(part[:2], "") + part[2:]
    purpose = "".join(parts.get(number, "") for number in _PURPOSES)
    words = _sepa(purpose)
    name = " ".join((parts.get("32", "") + parts.get("33", "")).split())
    return Told(
        reference=said(words.get("EREF", "")) or said(words.get("KREF", "")),
        text=words.get("SVWZ") or words.get("") or words.get("MTLG") or parts.get("00", ""),
        counterparty=name,
        counterparty_account=parts.get("31", "").strip(),
    )


def _sepa(purpose: str) -> dict[str, str]:
    """The purpose by SEPA's words; what stands before the first is under the empty one."""
    pieces = _SEPA.split(purpose)
    found = {"": " ".join(pieces[0].split())}
    for word, text in zip(pieces[1::2], pieces[2::2], strict=True):
        found.setdefault(word, " ".join(text.split()))
    return found


def _slashed(text: str) -> Told:
    """`/TRTP/SEPA/IBAN/NL…/NAME/Somebody/REMI/Invoice 17/EREF/…`."""
    pieces = _SLASHED.split(text)
    found: dict[str, str] = {}
    for word, value in zip(pieces[1::2], pieces[2::2], strict=True):
        found.setdefault(word, " ".join(value.strip("/").split()))
    account, name = found.get("IBAN", ""), found.get("NAME", "")
    if other := found.get("CNTP"):  # account/bank/name/city
        fields = [*other.split("/"), "", "", ""]
        account, name = account or fields[0], name or fields[2]
    return Told(
        reference=said(found.get("EREF", "")),
        text=_remittance(found.get("REMI") or found.get("USTD", "")),
        counterparty=name,
        counterparty_account=account if _IBAN(account) else "",
    )


def _remittance(text: str) -> str:
    """The payer's words without the label before them: `USTD//Invoice 17`."""
    return re.sub(r"^(USTD|STRD)/+", "", text).strip("/ ")
