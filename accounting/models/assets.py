"""Fixed assets: what the company owns for years, what happened to it, what it lost in value.

Nothing here is a figure that could be summed: cost and depreciation to date are sums of events
and depreciations, and the ledger has the same ones.
"""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounting.models.asset_accounts import KINDS, NOT_APART, problems_of_accounts
from backoffice.access import Access

RATE_GOES_WITH_METHOD = _("Declining balance takes a rate up to 100, others none.")
LONGEST_LIFE = 1200  # months


class Method(models.TextChoices):
    """How the value is spread over the life."""

    MONTHLY = "monthly", _("straight line, equal months")
    DAILY = "daily", _("straight line, by days")
    DECLINING = "declining", _("declining balance")
    NONE = "none", _("not depreciated")


class FirstMonth(models.TextChoices):
    """How much the month of the first and of the last use is charged."""

    FULL = "full", _("a full month")
    PRO_RATA = "pro_rata", _("by its days")


class DepreciationWay(models.Model):
    """How depreciation is reckoned: shared by a class, as a default, and an asset."""

    method = models.CharField(_("method"), max_length=10, choices=Method, default=Method.MONTHLY)
    declining_rate = models.DecimalField(
        _("declining rate"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Percent of the value at each year's start, if declining."),
    )
    switches = models.BooleanField(
        _("switches to straight line"),
        default=True,
        help_text=_("As soon as that is more; declining balance only."),
    )
    first_month = models.CharField(
        _("first and last month"), max_length=10, choices=FirstMonth, default=FirstMonth.FULL
    )

    class Meta:
        abstract = True


def rate_goes_with_method(name: str) -> models.CheckConstraint:
    """Declining balance has a rate between 0 and 100; no other method has one."""
    return models.CheckConstraint(
        name=name,
        # A rate that is not there is neither more nor less: it has to be asked for by itself.
        condition=Q(
            method="declining",
            declining_rate__isnull=False,
            declining_rate__gt=0,
            declining_rate__lte=100,
        )
        | (~Q(method="declining") & Q(declining_rate__isnull=True)),
        violation_error_message=RATE_GOES_WITH_METHOD,
    )


class AssetClass(DepreciationWay):
    """Assets of a kind: machines, vehicles, computers. What a new one of them begins with."""

    access = Access(area="accounting")

    name = models.CharField(_("name"), max_length=80)
    asset_account = models.ForeignKey(
        "Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account of the cost"),
        help_text=_("Empty: the account with the role “fixed assets”."),
    )
    depreciation_account = models.ForeignKey(
        "Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account of depreciation to date"),
        help_text=_("Empty: the account with the role “depreciation to date”."),
    )
    expense_account = models.ForeignKey(
        "Account",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account of the expense"),
        help_text=_("Empty: the account with the role “depreciation”."),
    )
    life_months = models.PositiveSmallIntegerField(_("life in months"), default=60)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("asset class")
        verbose_name_plural = _("asset classes")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="asset_class_name_is_unique",
                violation_error_message=_("There is a class of this name already."),
            ),
            models.CheckConstraint(
                name="asset_class_has_a_life",
                condition=Q(life_months__range=(1, LONGEST_LIFE)),
                violation_error_message=_("A life is 1 to 1200 months."),
            ),
            rate_goes_with_method("asset_class_rate_goes_with_method"),
            models.CheckConstraint(
                name="asset_class_keeps_depreciation_apart",
                condition=~Q(asset_account=F("depreciation_account")),
                violation_error_message=NOT_APART,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("accounting:assetclass-detail", args=[self.pk])

    def clean(self) -> None:
        """Say at its field which account cannot be, and where a rate is missing or too many."""
        problems = problems_of_accounts({use: getattr(self, use) for use in KINDS})
        rate = self.declining_rate
        is_declining = self.method == Method.DECLINING
        if is_declining != (rate is not None) or (rate is not None and not 0 < rate <= 100):
            problems["declining_rate"] = str(RATE_GOES_WITH_METHOD)
        if problems:
            raise ValidationError(problems)


class FixedAsset(DepreciationWay):
    """Something owned for years. What it cost and lost is said by its events."""

    access = Access(area="accounting", department="department")

    class State(models.TextChoices):
        IN_USE = "in_use", _("in use")
        DISPOSED = "disposed", _("given up")
        TAKEN_BACK = "taken_back", _("entered by mistake")

    number = models.CharField(_("number"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    asset_class = models.ForeignKey(
        AssetClass, models.PROTECT, related_name="assets", verbose_name=_("class")
    )
    # As they were when it came: a class may change its accounts, the past may not.
    asset_account = models.ForeignKey(
        "Account", models.PROTECT, related_name="+", verbose_name=_("account of the cost")
    )
    depreciation_account = models.ForeignKey(
        "Account",
        models.PROTECT,
        related_name="+",
        verbose_name=_("account of depreciation to date"),
    )
    expense_account = models.ForeignKey(
        "Account", models.PROTECT, related_name="+", verbose_name=_("account of the expense")
    )
    acquired_on = models.DateField(_("acquired"))
    in_service_on = models.DateField(
        _("in service since"), help_text=_("Depreciation begins in its month.")
    )
    department = models.ForeignKey(
        "backoffice.Department",
        models.PROTECT,
        related_name="+",
        verbose_name=_("department"),
        help_text=_("Bears the depreciation of months still to be posted."),
    )
    party = models.ForeignKey(
        "backoffice.Party",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("bought from"),
    )
    serial_number = models.CharField(_("serial number"), max_length=80, blank=True)
    tag = models.CharField(_("asset tag"), max_length=40, blank=True)
    source_key = models.CharField(_("source"), max_length=120, null=True, editable=False)
    # Kept by the database as events come and entries are taken back; nothing else writes it.
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.IN_USE, editable=False
    )

    class Meta:
        ordering = ("number",)
        verbose_name = _("fixed asset")
        verbose_name_plural = _("fixed assets")
        indexes = [models.Index(fields=["number", "id"], name="asset_by_number")]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="asset_number_is_unique"),
            models.UniqueConstraint(fields=["source_key"], name="asset_has_one_source"),
            models.CheckConstraint(
                name="asset_is_used_after_it_came",
                condition=Q(in_service_on__gte=F("acquired_on")),
                violation_error_message=_("It is not in service before it is acquired."),
            ),
            rate_goes_with_method("asset_rate_goes_with_method"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("accounting:fixedasset-detail", args=[self.pk])

    @property
    def is_in_use(self) -> bool:
        """Whether anything can still happen to it."""
        return self.state == self.State.IN_USE


class AssetEvent(models.Model):
    """Something that changed cost, value or life. Never edited; its terms hold until the next.

    It stands as long as its entry does: who reverses the entry has undone the event.
    """

    access = Access(area="accounting", department="asset__department")

    class Kind(models.TextChoices):
        ACQUIRED = "acquired", _("acquired")
        TAKEN_OVER = "taken_over", _("taken over")
        ADDITION = "addition", _("added to")
        CHANGE = "change", _("value or life changed")
        PART_DISPOSAL = "part_disposal", _("part given up")
        SALE = "sale", _("sold")
        SCRAP = "scrap", _("scrapped")
        TAKEN_BACK = "taken_back", _("taken back")

    asset = models.ForeignKey(FixedAsset, models.PROTECT, related_name="events")
    kind = models.CharField(_("what"), max_length=14, choices=Kind)
    on = models.DateField(_("on"))
    cost = models.DecimalField(
        _("cost"),
        max_digits=19,
        decimal_places=4,
        default=Decimal(0),
        help_text=_("More or less."),
    )
    taken = models.DecimalField(
        _("depreciation"), max_digits=19, decimal_places=4, default=Decimal(0)
    )
    proceeds = models.DecimalField(
        _("proceeds"), max_digits=19, decimal_places=4, default=Decimal(0)
    )
    # The terms from here on, for months from this one.
    from_month = models.DateField(_("for months from"))
    residual = models.DecimalField(_("residual value"), max_digits=19, decimal_places=4)
    life_months = models.PositiveSmallIntegerField(_("life in months"))
    text = models.CharField(_("text"), max_length=200, blank=True)
    entry = models.ForeignKey(
        "JournalEntry",
        models.PROTECT,
        null=True,
        related_name="asset_events",
        verbose_name=_("entry"),
    )
    takes_back = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="taken_back_by"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )

    FIRST = (Kind.ACQUIRED, Kind.TAKEN_OVER)
    LAST = (Kind.SALE, Kind.SCRAP)

    class Meta:
        ordering = ("pk",)
        verbose_name = _("asset event")
        verbose_name_plural = _("asset events")
        constraints = [
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(kind__in=["acquired", "taken_over"]),
                name="asset_comes_once",
            ),
            models.CheckConstraint(
                name="asset_event_has_its_signs",
                condition=Q(kind="acquired", cost__gt=0, taken=0)
                | Q(kind="taken_over", cost__gt=0, taken__gte=0)
                | Q(kind="addition", cost__gt=0, taken=0)
                | Q(kind="change", cost__gte=0, taken__gte=0)
                | Q(
                    kind__in=["part_disposal", "sale", "scrap"],
                    cost__lt=0,
                    taken__lte=0,
                    entry__isnull=False,
                )
                | Q(kind="taken_back", takes_back__isnull=False, entry__isnull=True),
            ),
            models.CheckConstraint(
                name="asset_event_has_sound_terms",
                condition=Q(residual__gte=0, proceeds__gte=0)
                & Q(life_months__range=(1, LONGEST_LIFE)),
            ),
            models.CheckConstraint(
                name="asset_event_begins_a_month",
                condition=Q(from_month__day=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


class Depreciation(models.Model):
    """What an asset lost in a month. Never edited; it stands as long as its entry does."""

    access = Access(area="accounting", department="asset__department")

    # Checked for all rows at once by their guard, not row by row: an asset with depreciation has
    # events, whose foreign key keeps it, and entries are never deleted.
    asset = models.ForeignKey(
        FixedAsset,
        models.PROTECT,
        related_name="depreciations",
        db_constraint=False,
        db_index=False,
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=4)
    entry = models.ForeignKey(
        "JournalEntry",
        models.PROTECT,
        related_name="depreciations",
        db_constraint=False,
        verbose_name=_("entry"),
    )
    on = models.DateField(_("posted on"), help_text=_("The day of the entry."))

    class Meta:
        ordering = ("asset", "month", "pk")
        verbose_name = _("depreciation")
        verbose_name_plural = _("depreciation")
        constraints = [
            models.CheckConstraint(
                name="depreciation_takes_something_a_month",
                condition=Q(amount__gt=0) & Q(month__day=1),
            ),
        ]
        indexes = [
            models.Index(
                fields=["asset", "month"], include=["amount"], name="depreciation_by_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.amount}"
