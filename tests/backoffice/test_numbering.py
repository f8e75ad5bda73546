"""Numbers without a gap, whoever asks and whatever fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, transaction

from backoffice.errors import Refused
from backoffice.numbering import next_number, reference

A_DAY = date(2026, 3, 4)


@pytest.mark.django_db
def test_a_series_counts_from_one_in_each_year():
    assert [next_number("INV", on=A_DAY) for _n in range(3)] == [1, 2, 3]
    assert next_number("INV", on=date(2027, 1, 1)) == 1
    assert reference("CN", on=A_DAY) == "CN-2026-00001"


def test_a_number_is_taken_with_its_document(committed):
    with pytest.raises(transaction.TransactionManagementError):
        next_number("INV", on=A_DAY)


def test_a_refused_document_gives_its_number_back(committed):
    def refused() -> None:
        with transaction.atomic():
            next_number("INV", on=A_DAY)
            raise Refused("No.")

    with pytest.raises(Refused):
        refused()

    with transaction.atomic():
        assert next_number("INV", on=A_DAY) == 1


def test_many_at_once_get_numbers_without_gap_or_double(committed):
    def one(_n: int) -> int:
        try:
            with transaction.atomic():
                return next_number("INV", on=A_DAY)
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as threads:
        given = list(threads.map(one, range(60)))

    assert sorted(given) == list(range(1, 61))
