"""What a rule of a row refuses, said at the field it is about instead of above the form."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.db.models import F, Q
from django.forms import BaseForm, BaseModelForm

# Rules about several fields of a form, and the one whoever broke it has to look at.
FIELDS = {
    "bill_rate_has_a_currency": "rate",
    "discount_has_its_day": "discount_percent",
    "invoice_rate_has_a_currency": "rate",
    "reverse_charge_has_one_direction": "used_for",
    "supplier_bill_is_entered_once": "reference",
    "tax_rate_ends_after_it_starts": "ends_on",
}


def at_their_fields(form: BaseForm) -> None:
    """Move what the constraints of the model say to the fields they are about."""
    top = form.errors.get(NON_FIELD_ERRORS)
    if not top or not isinstance(form, BaseModelForm):
        return
    said = {str(rule.get_violation_error_message()): rule for rule in rules_of(form)}
    left = form.error_class(error_class="nonfield", renderer=form.renderer)
    moved = []
    for error in top.as_data():
        rule = said.get("".join(error.messages))
        name = rule and field_of(rule, form)
        if name:
            moved.append((name, error))
        else:
            left.data.append(error)
    if not moved:
        return
    del form.errors[NON_FIELD_ERRORS]
    if left.data:
        form.errors[NON_FIELD_ERRORS] = left
    for name, error in moved:
        form.add_error(name, error)


def rules_of(form: BaseModelForm) -> list[models.BaseConstraint]:
    """The constraints of the form's model and of those it extends."""
    return [rule for _model, rules in form.instance.get_constraints() for rule in rules]


def field_of(rule: models.BaseConstraint, form: BaseForm) -> str | None:
    """The field of the form a rule is about: the one named above, else its only one."""
    names = {FIELDS[rule.name]} if rule.name in FIELDS else set(names_in(rule))
    shown = [name for name in form.fields if name in names]
    return shown[0] if len(shown) == 1 else None


def names_in(rule: models.BaseConstraint) -> Iterator[str]:
    """The columns a rule speaks of."""
    if isinstance(rule, models.CheckConstraint) and isinstance(rule.condition, Q):
        yield from rule.condition.referenced_base_fields
    if isinstance(rule, models.UniqueConstraint):
        yield from rule.fields
        expressions: Any = rule.expressions
        for part in chain.from_iterable(one.flatten() for one in expressions):
            if isinstance(part, F):
                yield str(part.name)  # type: ignore[attr-defined]
