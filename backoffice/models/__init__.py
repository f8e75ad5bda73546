"""The facts all functions share."""

from backoffice.models.approvals import Approval, Delegation
from backoffice.models.directory import Address, BankAccount, Email, Party, Phone
from backoffice.models.files import Attachment
from backoffice.models.imports import ImportRun
from backoffice.models.jobs import Job
from backoffice.models.notices import Digest, MailPreference, Notice
from backoffice.models.office import Company, Currency, NumberSeries, SavedView
from backoffice.models.outbox import Letter
from backoffice.models.people import (
    Assignment,
    Department,
    Grant,
    OneTimeLink,
    Role,
    User,
)
from backoffice.models.places import Room, Site
from backoffice.models.sent_forms import SentForm
from backoffice.models.trail import AuditEvent, Change, Comment

__all__ = [
    "Address",
    "Approval",
    "Assignment",
    "Attachment",
    "AuditEvent",
    "BankAccount",
    "Change",
    "Comment",
    "Company",
    "Currency",
    "Delegation",
    "Department",
    "Digest",
    "Email",
    "Grant",
    "ImportRun",
    "Job",
    "Letter",
    "MailPreference",
    "Notice",
    "NumberSeries",
    "OneTimeLink",
    "Party",
    "Phone",
    "Role",
    "Room",
    "SavedView",
    "SentForm",
    "Site",
    "User",
]
