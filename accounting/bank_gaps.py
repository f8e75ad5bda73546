"""Statements that do not follow the one before, told where they are brought in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounting.bank_proof import previous, with_gap
from accounting.models import BankStatement
from backoffice.money import in_sentence

MOST_TOLD = 12


def gaps_told(
    statements: Iterable[BankStatement], *, are_kept: bool = True
) -> list[tuple[str, str]]:
    """What is missing before or after these statements: a sentence, and where it is seen."""
    brought = {statement.pk for statement in statements}
    touched = Q(pk__in=brought | set(following(brought)))
    found: Any = with_gap(BankStatement.objects.filter(touched)).select_related(
        "own_account__currency"
    )
    broken = [one for one in found.order_by("ends_on", "pk") if one.gap][:MOST_TOLD]
    return [(sentence_about(one), one.get_absolute_url() if are_kept else "") for one in broken]


def following(brought: set[int]) -> Iterator[int]:
    """The statement after each: what came between may part it from the one it followed."""
    for one in BankStatement.objects.filter(pk__in=brought):
        later = BankStatement.objects.filter(
            Q(ends_on__gt=one.ends_on) | Q(ends_on=one.ends_on, pk__gt=one.pk),
            own_account=one.own_account_id,
        )
        yield from later.order_by("ends_on", "pk").values_list("pk", flat=True)[:1]


def sentence_about(statement: Any) -> str:
    """How far the opening is from the close before, and whether days overlap or lack."""
    own = statement.own_account
    earlier = previous(statement)
    before = earlier.ends_on if earlier else None
    said = {
        "account": own,
        "day": statement.starts_on,
        "before": before,
        "amount": in_sentence(abs(statement.gap), own.currency.minor_unit, own.currency_id),
    }
    if before and statement.starts_on <= before:
        return (
            _(
                "%(account)s: the statement from %(day)s overlaps the one up to %(before)s,"
                " and opens %(amount)s away from where that one closed."
            )
            % said
        )
    return (
        _(
            "%(account)s: the statement from %(day)s does not follow the one up to %(before)s:"
            " %(amount)s are missing between the two."
        )
        % said
    )
