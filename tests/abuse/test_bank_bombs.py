"""Abuse of bank files, case D11: what is made to exhaust is refused early, in little memory."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from accounting.bank_files import open_bank_file, xml_tree
from accounting.models import BankStatement, StatementLine
from backoffice.errors import Refused
from backoffice.models import ImportRun
from tests.accounting.bank_samples import camt, mt940, ntry, ofx
from tests.backoffice.importing import upload
from tests.factories import staff
from tests.factories.banking import IBAN, an_own_account

MB = 1024 * 1024
LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    + "]>"
)
DECLARED = {
    "a document type": "<!DOCTYPE d>",
    "an outside document type": '<!DOCTYPE d SYSTEM "http://example.com/d.dtd">',
    "an outside entity": '<!DOCTYPE d [<!ENTITY a9 SYSTEM "file:///etc/hostname">]>',
    "a parameter entity": '<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>',
    "a billion laughs": LAUGHS,
}


def written(tmp_path: Path, content: str | bytes, name="may.xml") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def long(tmp_path: Path, before: str, filling: bytes, after: str, megabytes: int) -> Path:
    """A file with so many megabytes of filling in its middle."""
    path = tmp_path / "long.xml"
    with path.open("wb") as file:
        file.write(before.encode())
        for _n in range(megabytes):
            file.write(filling * (MB // len(filling)))
        file.write(after.encode())
    return path


def events(path: Path) -> Iterator:
    return open_bank_file(path).events()


def peak_until_refused(act) -> float:
    """How many megabytes of objects the act had at most before it was refused."""
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            act()
    finally:
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return most / MB


def declared(what: str) -> str:
    entry = ntry(details="<TxDtls><RmtInf><Ustrd>&a9;</Ustrd></RmtInf></TxDtls>")
    head, rest = camt(entry).split("?>", 1) if "?>" in camt(entry) else ("", camt(entry))
    return f"{head}?>{DECLARED[what]}{rest}" if head else f"{DECLARED[what]}{rest}"


@pytest.mark.parametrize("what", DECLARED)
def test_the_command_takes_nothing_from_a_file_that_declares_something(
    books, capsys, tmp_path, what
):
    """D11"""
    an_own_account(books.bank, iban=IBAN)
    path = written(tmp_path, declared(what))

    with pytest.raises(SystemExit):
        call_command("bank_import", str(path))

    assert "document type or entities" in capsys.readouterr().err

    assert not BankStatement.objects.exists()


@pytest.mark.parametrize("what", DECLARED)
def test_the_page_takes_nothing_from_a_file_that_declares_something(
    books, client, files_apart, what
):
    """D11"""
    an_own_account(books.bank, iban=IBAN)
    client.force_login(staff("Bookkeeper"))

    answer = upload(client, declared(what).encode(), kind="bank", name="may.xml")

    page = client.get(answer.url) if answer.status_code == 302 else answer
    assert page.status_code < 500
    assert "document type or entities" in page.content.decode()
    assert not StatementLine.objects.exists()


@pytest.mark.parametrize("door", ["page", "command"])
def test_a_file_over_the_limit_is_refused_unread(
    books, client, capsys, files_apart, settings, tmp_path, door
):
    """D11: 500 MB, of which nothing lies on the disk; the page with a limit of its own."""
    an_own_account(books.bank, iban=IBAN)

    if door == "command":
        path = written(tmp_path, camt(ntry()))
        with path.open("r+b") as file:
            file.truncate(500 * MB)
        with pytest.raises(SystemExit):
            call_command("bank_import", str(path))
        said = capsys.readouterr().err
    else:
        settings.LARGEST_IMPORT = 10
        client.force_login(staff("Bookkeeper"))
        answer = upload(client, camt(ntry()).encode(), kind="bank", name="may.xml")
        said = answer.content.decode()

    assert "the limit is" in said
    assert not BankStatement.objects.exists()
    assert not ImportRun.objects.exists()


TOO_LONG = {
    "a text without end": (camt(ntry(more="<AddtlNtryInf>¤</AddtlNtryInf>")), b"a"),
    "a name without end": (camt(ntry(more='<A b="¤"/>')), b"a"),
    "entries within an entry": (camt(ntry(more="¤")), b"<A>" * 3),
    "elements without end": (camt(ntry(more="<B>¤</B>")), b"<A/>"),
    "a line without end": (mt940("¤"), b":61:2405150515D5,00NTRF"),
    "a tag without end": (ofx("<STMTTRN><MEMO>¤</STMTTRN>"), b"a"),
    "tags without end": (ofx("<STMTTRN>¤</STMTTRN>"), b"<A>a"),
}


@pytest.mark.parametrize("what", TOO_LONG)
def test_what_never_ends_is_refused_in_little_memory(tmp_path, monkeypatch, what):
    """D11: of elements the tenth of what is taken, for they are slow to count."""
    monkeypatch.setattr(xml_tree, "LARGEST", 20_000)
    text, filling = TOO_LONG[what]
    path = long(tmp_path, *_around(text, filling), 3)

    used = peak_until_refused(lambda: list(events(path)))

    assert used < 30


def _around(text: str, filling: bytes) -> tuple[str, bytes, str]:
    before, after = text.split("¤")
    return before, filling, after
