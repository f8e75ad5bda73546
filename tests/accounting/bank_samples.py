"""Bank files for tests: the real ones where they are at hand, and small ones of our own."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from accounting.bank_files import open_bank_file, statements_of


def shared() -> Path:
    """The folder of real files, looked for beside the repository and beside its worktrees."""
    here = Path(settings.BASE_DIR).resolve()
    for above in here.parents[:2]:
        found = above / "shared" / "data" / "books"
        if found.exists():
            return found
    return here.parent / "shared" / "data" / "books"


BOOKS = shared()
real_files = pytest.mark.skipif(
    not BOOKS.exists(), reason="the shared folder with real bank files is not here"
)


def expected() -> list[dict[str, str]]:
    """The rows of the answer key that are about bank files."""
    if not BOOKS.exists():
        return []
    with (BOOKS / "EXPECTED.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["file"].startswith("books/bank/")]


def read(path: Path):
    """All statements of a file."""
    return list(statements_of(open_bank_file(path).events()))


def camt(
    entries: str = "",
    *,
    opening="100.00",
    closing="100.00",
    version="02",
    account="GB33BUKB20201555555555",
    currency="EUR",
) -> str:
    """A CAMT.053 file of one statement."""

    def balance(kind: str, amount: str) -> str:
        side = "DBIT" if amount.startswith("-") else "CRDT"
        return (
            f'<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">'
            f"{amount.lstrip('-')}</Amt><CdtDbtInd>{side}</CdtDbtInd>"
            "<Dt><Dt>2024-05-31</Dt></Dt></Bal>"
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
        "<BkToCstmrStmt><Stmt><Id>S1</Id><ElctrncSeqNb>7</ElctrncSeqNb>"
        f"<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>{currency}</Ccy></Acct>\n"
        f"{balance('OPBD', opening)}{balance('CLBD', closing)}\n{entries}"
        "</Stmt></BkToCstmrStmt></Document>"
    )


def ntry(amount="12.50", side="CRDT", more="", details="", day="2024-05-15", ref="") -> str:
    """An entry of CAMT.053."""
    ref = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{more}'
        f"<Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt>{ref}"
        f"<NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def tx(amount="", text="", name="", iban="", reference="", side="") -> str:
    """A detail of an entry of CAMT.053, in version 4 and later."""
    amount = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    side = f"<CdtDbtInd>{side}</CdtDbtInd>" if side else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{reference or 'NOTPROVIDED'}</EndToEndId></Refs>{amount}{side}"
        f"<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>{iban}</IBAN>"
        f"</Id></DbtrAcct></RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    )


def mt940(lines: str, *, opening="C240430EUR100,00", closing="C240531EUR100,00") -> str:
    """An MT940 file of one statement."""
    return (
        f":20:ONE\n:25:10020030/0123456789\n:28C:5/1\n:60F:{opening}\n{lines}:62F:{closing}\n-\n"
    )


def ofx(entries: str, *, ledger="100.00") -> str:
    """An OFX 1 file of one statement."""
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"
        "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><BANKID>1<ACCTID>12345678"
        f"</BANKACCTFROM><BANKTRANLIST><DTSTART>20240501<DTEND>20240531\n{entries}</BANKTRANLIST>"
        f"<LEDGERBAL><BALAMT>{ledger}<DTASOF>20240531</LEDGERBAL></STMTRS></STMTTRNRS>"
        "</BANKMSGSRSV1></OFX>\n"
    )


def stmttrn(amount="-5.00", fitid="A1", day="20240515", more="<NAME>Shop<MEMO>Paper") -> str:
    """An entry of OFX 1."""
    return f"<STMTTRN><TRNTYPE>POS<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{fitid}{more}</STMTTRN>\n"


def amounts(statement) -> list[Decimal]:
    """The amounts of a statement."""
    return [entry.amount for entry in statement.entries]
