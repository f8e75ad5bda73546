"""The migration that encrypts what an older release stored plain, there and back."""

from tests.backoffice.banking import IBAN
from tests.backoffice.offices import connect
from tests.backoffice.running import manage

OLDER, NEWER = "0004_trail", "0005_encrypt_bank_accounts"
ENTER = """
with party as (
    insert into backoffice_party (kind, name, legal_name, website, language, note, is_active)
      values ('person', 'Ada', '', '', '', '', true) returning id
)
insert into backoffice_bankaccount (party_id, holder, iban, number, bank_code, bic)
  select id, '', iban, number, '', ''
    from party, (values (%s, ''), ('', '12345678')) as accounts (iban, number)
"""
LOOK = "select iban, number from backoffice_bankaccount order by id"


def migrate(office, to: str) -> None:
    done = manage("migrate", "backoffice", to, "--verbosity", "0", DATA_DIR=str(office))
    assert done.returncode == 0, done.stderr


def test_plain_accounts_are_encrypted_and_come_back_plain(postgres, tmp_path):
    office = tmp_path / "var"
    migrate(office, OLDER)
    with connect(postgres, "backoffice") as application:
        application.execute(ENTER, [IBAN])

    migrate(office, NEWER)
    with connect(postgres, "backoffice") as application:
        sealed = application.execute(LOOK).fetchall()
    migrate(office, OLDER)
    with connect(postgres, "backoffice") as application:
        plain = application.execute(LOOK).fetchall()
        told = str(application.execute("select changes from backoffice_change").fetchall())

    assert [[bool(value) for value in row] for row in sealed] == [[True, False], [False, True]]
    assert IBAN.encode() not in sealed[0][0]
    assert plain == [(IBAN, ""), ("", "12345678")]
    assert "iban" in told
    assert IBAN not in told
    assert "12345678" not in told
