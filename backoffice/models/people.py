"""Departments, the people in them, and what their roles let them do."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import _user_has_module_perms, _user_has_perm
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access import AREAS, Access, Level, Reach


class Department(models.Model):
    """A part of the company with a manager; it may perform one function of the back office."""

    access = Access(area="office", department="pk", everybody_reads=True)

    class Function(models.TextChoices):
        ACCOUNTING = "accounting", _("Accounting")
        HR = "hr", _("People")
        PAYROLL = "payroll", _("Payroll")
        MARKETING = "marketing", _("Marketing")
        IT_ASSETS = "it_assets", _("IT & assets")
        ADMIN_DESK = "admin_desk", _("Front desk")

    name = models.CharField(_("name"), max_length=80)
    code = models.CharField(
        _("code"), max_length=12, help_text=_("Short, for reports and imports: SALES.")
    )
    function = models.CharField(
        _("function"),
        max_length=20,
        choices=Function,
        blank=True,
        help_text=_("What it performs for the whole company, if anything."),
    )
    manager = models.ForeignKey(
        "User",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="manages",
        verbose_name=_("manager"),
    )
    # The database's: an appointment that brings guarded rights waits for a second person.
    manager_waits = models.BooleanField(_("appointment waits"), default=False, editable=False)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
    )
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        ordering = ("name",)
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="department_name_is_unique",
                violation_error_message=_("There is a department of this name already."),
            ),
            models.UniqueConstraint(
                Lower("code"),
                name="department_code_is_unique",
                violation_error_message=_("There is a department with this code already."),
            ),
            models.UniqueConstraint(
                fields=["function"],
                condition=~Q(function=""),
                name="function_has_one_department",
                violation_error_message=_("Another department performs this function."),
            ),
            models.UniqueConstraint(
                Coalesce("parent", 0),
                condition=Q(parent__isnull=True),
                name="company_has_one_root_department",
                violation_error_message=_("Say which department this one is part of."),
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")), name="department_is_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backoffice:department-detail", args=[self.pk])

    @property
    def waits(self) -> bool:
        """Whether its manager is not in charge yet."""
        return self.manager_waits


class UserManager(BaseUserManager["User"]):
    """Makes people who may sign in; what they may do comes from their assignments alone."""

    def create_user(self, email: str | None, password: str | None = None, **facts) -> User:
        user = self.model(email=email or None, **facts)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Anybody on the staff, with or without a login."""

    access = Access(area="office", owner="pk", department="department")

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(
        _("e-mail"), null=True, blank=True, help_text=_("The address used to sign in.")
    )
    job_title = models.CharField(_("job title"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="staff", verbose_name=_("department")
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, blank=True)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Somebody who left keeps a record but no access.")
    )
    invited_at = models.DateTimeField(_("invited"), null=True, blank=True, editable=False)
    joined_at = models.DateTimeField(_("since"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    # Rights come from assignments; nobody is above them.
    is_superuser = False
    # The owner who looks through this person's eyes, for the length of a request.
    seen_by: User | None = None

    class Meta:
        ordering = ("name",)
        verbose_name = _("person")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_is_unique",
                violation_error_message=_("Somebody on the staff uses this address already."),
            ),
            models.CheckConstraint(condition=~Q(email=""), name="user_email_is_null_or_given"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.email = (self.email or "").strip().lower() or None

    def get_absolute_url(self) -> str:
        return reverse("backoffice:user-detail", args=[self.pk])

    @property
    def short_name(self) -> str:
        """The name people are greeted by."""
        return self.name.split(" ")[0]

    @property
    def initials(self) -> str:
        """Two letters for the round picture."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

    @property
    def is_staff(self) -> bool:
        """Whether the Django admin lets this person in; what it shows is decided by rights."""
        return self.is_active and self.has_module_perms("backoffice")

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        return self.is_active and _user_has_perm(self, perm, obj)

    def has_perms(self, perms: list[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and _user_has_module_perms(self, app_label)


class Role(models.Model):
    """A named set of rights, given to people by assignments."""

    access = Access(area="office")

    class Given(models.TextChoices):
        BY_ASSIGNMENT = "assignment", _("by assignment")
        TO_MANAGERS = "managers", _("to every manager, for the department")
        TO_EVERYBODY = "everybody", _("to everybody")

    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("description"), max_length=200, blank=True)
    given = models.CharField(
        _("given"), max_length=12, choices=Given, default=Given.BY_ASSIGNMENT, editable=False
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="role_name_is_unique",
                violation_error_message=_("There is a role of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("backoffice:role-detail", args=[self.pk])


class Grant(models.Model):
    """One right of a role: an area, how far, and whose rows."""

    access = Access(area="office")

    role = models.ForeignKey(Role, models.CASCADE, related_name="grants", verbose_name=_("role"))
    area = models.CharField(_("area"), max_length=30, choices=list(AREAS.items()))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level)
    reach = models.CharField(_("reach"), max_length=10, choices=Reach)
    # The database's: as far as the right is given. A guarded one waits for a second person.
    given_level = models.PositiveSmallIntegerField(
        _("given level"), choices=Level, default=Level.NONE, editable=False
    )
    given_reach = models.CharField(
        _("given reach"), max_length=10, choices=Reach, default=Reach.OWN, editable=False
    )

    class Meta:
        ordering = ("role", "area")
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(fields=["role", "area"], name="role_grants_an_area_once")
        ]

    def __str__(self) -> str:
        return f"{self.area}: {self.get_level_display()}, {self.get_reach_display()}"

    @property
    def waits(self) -> bool:
        """Whether some of the right is not given yet."""
        return (self.given_level, self.given_reach) != (self.level, self.reach)


class Assignment(models.Model):
    """A person holds a role in a department, from a day to a day."""

    access = Access(area="office", owner="user", department="department")

    user = models.ForeignKey(
        User, models.CASCADE, related_name="assignments", verbose_name=_("person")
    )
    role = models.ForeignKey(
        Role, models.PROTECT, related_name="assignments", verbose_name=_("role")
    )
    department = models.ForeignKey(
        Department, models.PROTECT, related_name="assignments", verbose_name=_("department")
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(
        _("to"),
        null=True,
        blank=True,
        help_text=_("The last day; empty means until further notice."),
    )
    # The database's: the days the role is given for, which a guarded one is by a second person.
    given_from = models.DateField(_("given from"), null=True, editable=False)
    given_until = models.DateField(_("given until"), null=True, editable=False)

    class Meta:
        ordering = ("user", "role")
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="assignment_ends_after_it_starts",
                violation_error_message=_("It cannot end before it starts."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"

    @property
    def waits(self) -> bool:
        """Whether some of its days are not given yet."""
        return (self.given_from, self.given_until) != (self.starts_on, self.ends_on)


class OneTimeLink(models.Model):
    """A sign-in address that works once; only the hash of its secret is kept."""

    class Purpose(models.TextChoices):
        WELCOME = "welcome", _("welcome")
        SIGN_IN = "sign_in", _("sign in")
        INVITATION = "invitation", _("invitation")

    user = models.ForeignKey(User, models.CASCADE, related_name="one_time_links")
    purpose = models.CharField(max_length=12, choices=Purpose)
    secret_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.purpose} for {self.user}"
