"""Bringing in a long bank file: seconds, and whether memory grows with the file.

python -m benchmarks.bank_lines [--lines 50000]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from accounting.bank_files import open_bank_file
from accounting.bank_import import import_bank_file
from accounting.models import Account, OwnAccount
from benchmarks.common import Ratio, report
from benchmarks.office import fresh_office
from benchmarks.workload import FIRST_DAY

DATABASE = "benchmark_bank_lines"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>'
    "<Id>1</Id><Acct><Id><IBAN>GB33BUKB20201555555555</IBAN></Id><Ccy>USD</Ccy></Acct>\n"
)
ENTRY = (
    '<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E{number}</EndToEndId>"
    "</Refs><RltdPties><Dbtr><Pty><Nm>Customer {number}</Nm></Pty></Dbtr><DbtrAcct><Id>"
    "<IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>Invoice "
    "{number}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
)


def write_file(path: Path, lines: int) -> Path:
    """A CAMT.053 file of so many entries."""
    with path.open("w") as file:
        file.write(HEAD)
        for number in range(lines):
            file.write(
                ENTRY.format(
                    amount=f"{number % 9000 + 1}.{number % 100:02}",
                    side="CRDT" if number % 3 else "DBIT",
                    day=FIRST_DAY + timedelta(days=number * 1000 // lines),
                    number=number,
                )
            )
        file.write("</Stmt></BkToCstmrStmt></Document>")
    return path


def alone(path: Path) -> tuple[float, float, int]:
    """Seconds, peak megabytes and how often progress was told, in a process of its own."""
    office = fresh_office(DATABASE)
    with office.entered():
        OwnAccount.objects.create(
            name="Bank",
            account=Account.objects.filter(kind="asset", parent__isnull=False).first(),
            currency_id="USD",
        )
    office.close()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bank_lines", "--alone", str(path)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": office.url},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, megabytes, told = json.loads(done.stdout.splitlines()[-1])
    return seconds, megabytes, told


def run_alone(path: Path) -> None:
    """In the child: bring the file in twice and print what the first time took."""
    told: list[int] = []
    took = []
    for _turn in range(2):
        began = time.perf_counter()
        found = import_bank_file(
            open_bank_file(path), name=path.name, file_hash="0" * 64, by=None,
            own_account=OwnAccount.objects.get(), progress=told.append,
        )  # fmt: skip
        took.append(time.perf_counter() - began)
    if found.added:
        raise SystemExit(f"{found.added} lines were added twice")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([took[0], peak, len(told)]))


def main() -> None:
    """Weigh a short and a long file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--alone", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        run_alone(options.alone)
        return
    with tempfile.TemporaryDirectory() as folder:
        short = write_file(Path(folder) / "short.xml", options.lines // 5)
        long = write_file(Path(folder) / "long.xml", options.lines)
        _seconds, light, _told = alone(short)
        seconds, heavy, told = alone(long)
    print(f"  {options.lines:,} lines in {seconds:.1f} s, progress told {told:,} times")
    print(f"  peak memory: {light:.0f} MB for a fifth of it, {heavy:.0f} MB")
    found = heavy / light
    report(
        "bank_lines",
        [Ratio("memory, of that for a fifth of the file", found, 1.2, False, found, found, 1)],
    )


if __name__ == "__main__":
    main()
