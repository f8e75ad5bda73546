"""Bank statements as banks hand them out: CAMT.053, MT940, OFX 1 and 2, CSV and XLSX.

    for event in open_bank_file(path).events():  # Head, Entry…, Foot, for each statement

Readers are pure and stream: a file of any length takes the memory of one entry. What is damaged
is refused whole, naming the place; the ledger is not asked and nothing is stored.
"""

from accounting.bank_files.facts import Detail, Entry, Foot, Head, Statement, statements_of
from accounting.bank_files.opening import BankFile, open_bank_file

__all__ = [
    "BankFile",
    "Detail",
    "Entry",
    "Foot",
    "Head",
    "Statement",
    "open_bank_file",
    "statements_of",
]
