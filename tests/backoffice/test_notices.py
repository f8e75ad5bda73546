"""What people are told: once, where it concerns them, and by e-mail as they like it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.urls import reverse

from backoffice import notices
from backoffice.comments import comment_on
from backoffice.models import Digest, Letter, MailPreference, Notice
from tests.factories import CompanyFactory, PartyFactory, UserFactory, staff

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def company(db):
    return CompanyFactory(time_zone="Europe/Dublin")


def prefer(user, **how) -> None:
    MailPreference.objects.create(user=user, **how)


def tell(user, kind="message", title="News", **facts):
    return notices.notify(user, kind=kind, title=title, url="/", **facts)


def told_before(instant: datetime) -> None:
    Notice.objects.update(made_at=instant - timedelta(hours=1))


# --- telling --------------------------------------------------------------------------------


def test_what_is_wanted_at_once_goes_out_as_a_letter_in_the_same_commit():
    user, by = UserFactory(name="Ann Lee"), UserFactory()

    notice = tell(user, kind="approval", title="Pay run October\nwaits for you", by=by)

    letter = Letter.objects.get()
    assert letter.recipients == user.email
    assert letter.subject == "Pay run October waits for you"
    assert "Hello Ann" in letter.text
    assert "http://localhost:8000/" in letter.text
    assert (letter.label, letter.record_key) == ("backoffice.notice", str(notice.pk))


@pytest.mark.parametrize(
    ("how", "letters", "for_digest"), [("never", 0, False), ("daily", 0, True)]
)
def test_other_ways_send_nothing_at_once(how, letters, for_digest):
    user = UserFactory()
    prefer(user, approval=how)

    notice = tell(user, kind="approval")

    assert not Letter.objects.exists()
    assert notice.for_digest == for_digest


def test_who_left_is_told_nothing_and_who_has_no_address_in_the_inbox_alone():
    gone, silent = UserFactory(is_active=False), UserFactory(email=None)

    assert tell(gone, kind="approval") is None
    assert tell(silent, kind="approval") is not None
    assert not Letter.objects.exists()


def test_a_notice_with_a_key_is_given_once():
    user = UserFactory()

    first, second = (tell(user, kind="approval", key="approval:7") for _time in range(2))

    assert (first is None, second is None) == (False, True)
    assert Notice.objects.count() == Letter.objects.count() == 1


def test_a_kind_nobody_knows_is_a_mistake():
    with pytest.raises(ValueError, match="shoes"):
        tell(UserFactory(), kind="shoes")


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/"])
def test_a_notice_leads_nowhere_else(url):
    with pytest.raises(IntegrityError, match="notice_leads_to_a_page_of_the_office"):
        notices.notify(UserFactory(), kind="message", title="Come", url=url)


def test_what_is_settled_is_done_for_everybody():
    party, people = PartyFactory(), [UserFactory(), UserFactory()]
    for person in people:
        tell(person, kind="approval", about=party)
        tell(person, kind="message", about=party)

    assert notices.settle(party, at=MORNING, kinds=["approval"]) == 2

    assert set(Notice.objects.filter(done_at=None).values_list("kind", flat=True)) == {"message"}


# --- being named ----------------------------------------------------------------------------


def test_those_named_in_a_comment_are_told_once_and_never_the_author():
    author, named, party = staff("Owner", name="Olive"), staff("Owner", name="Ann"), PartyFactory()
    key = uuid4()

    for _click in range(2):
        comment_on(party, "@Ann @ann and @Olive, look", by=author, key=key)

    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.by) == (named, "mention", author)
    assert notice.url == f"{party.get_absolute_url()}#timeline"
    assert notice.title == f"Olive names you in a comment on {party}"


def test_who_may_not_see_the_record_hears_nothing_of_it():
    UserFactory(name="Ann")

    comment_on(PartyFactory(), "@Ann", by=staff("Owner"), key=uuid4())

    assert not Notice.objects.exists()


# --- the daily summary ----------------------------------------------------------------------


def test_a_summary_goes_out_once_a_day_at_the_hour_of_the_persons_clock():
    at_home, far = UserFactory(), UserFactory(time_zone="America/New_York")
    for user in (at_home, far):
        prefer(user, digest_hour=7)
        tell(user, title="Pines arrived")
        tell(user, title="Tea ran out")
    told_before(MORNING.replace(hour=5))

    counts = [notices.send_digests(now=MORNING) for _time in range(2)]
    later = notices.send_digests(now=MORNING + timedelta(hours=5))

    assert (counts, later) == ([1, 0], 1)
    first, second = Letter.objects.order_by("pk")
    assert (first.recipients, second.recipients) == (at_home.email, far.email)
    assert first.subject == "2 new notices"
    assert first.text.index("Pines arrived") < first.text.index("Tea ran out")
    assert not Notice.objects.filter(for_digest=True).exists()


def test_what_comes_after_the_hour_waits_for_the_next_day():
    user = UserFactory()
    tell(user)
    Notice.objects.update(made_at=MORNING.replace(hour=9))

    same_day = notices.send_digests(now=MORNING.replace(hour=23))
    next_day = notices.send_digests(now=MORNING.replace(hour=8, minute=15) + timedelta(days=1))

    assert (same_day, next_day) == (0, 1)


def test_what_was_done_already_is_in_no_summary():
    tell(UserFactory())
    told_before(MORNING.replace(hour=5))
    notices.mark_done(Notice.objects.all(), at=MORNING)

    assert notices.send_digests(now=MORNING.replace(hour=12)) == 0
    assert not Digest.objects.exists()


# --- the inbox ------------------------------------------------------------------------------


@pytest.fixture
def reader(client):
    user = staff("Owner")
    client.force_login(user)
    return user


def inbox(client, query="", **headers) -> str:
    return client.get(reverse("backoffice:inbox") + query, headers=headers).content.decode()


def test_the_inbox_shows_what_waits_with_its_count_and_nobody_elses(client, reader):
    tell(reader, title="Mine", by=UserFactory(name="Bob Bright"))
    tell(UserFactory(), title="Not mine")

    page = inbox(client)

    assert "Mine" in page
    assert "Bob Bright" in page
    assert "Not mine" not in page
    assert '<span id="unread" class="count">1' in page


def test_one_is_done_then_all(client, reader):
    first, *_others = [tell(reader, title=f"News {n}") for n in range(3)]

    client.post(reverse("backoffice:notice-done", args=[first.pk]))
    one_done = Notice.objects.filter(done_at=None).count()
    client.post(reverse("backoffice:inbox-done"))

    assert one_done == 2
    assert not Notice.objects.filter(done_at=None).exists()
    assert "Nothing waits for you" in inbox(client)
    assert "News 0" in inbox(client, "?show=all")


def test_all_of_a_kind_are_done_but_not_those_that_came_since(client, reader):
    mention, message = tell(reader, kind="mention"), tell(reader)
    newer = tell(reader, kind="mention", title="Just now")

    address = reverse("backoffice:inbox-done") + "?kind=mention"
    client.post(address, {"newest": str(mention.pk)})

    assert list(Notice.objects.filter(done_at=None)) == [newer, message]


def test_marking_is_swapped_in_with_the_new_count(client, reader):
    notice = tell(reader)
    tell(reader, title="Other")

    address = reverse("backoffice:notice-done", args=[notice.pk])
    page = client.post(address, headers={"HX-Request": "true"}).content.decode()

    assert page.lstrip().startswith('<section class="box list" id="inbox"')
    assert '<span id="unread" class="count" hx-swap-oob="true">1' in page


@pytest.mark.parametrize(
    "query", ["?kind=mention", "?kind=shoes", "?show=all&kind=mention&page=9"]
)
def test_filters_narrow_and_nonsense_is_no_fault(client, reader, query):
    tell(reader, kind="message", title="A message")

    page = inbox(client, query)

    assert ("A message" in page) == ("shoes" in query)


def test_somebody_elses_notice_cannot_be_marked(client, reader):
    notice = tell(UserFactory())

    answer = client.post(reverse("backoffice:notice-done", args=[notice.pk]))

    assert answer.status_code == 404
    assert Notice.objects.filter(done_at=None).exists()


def test_many_notices_come_in_pages_and_cost_the_same(
    client, reader, django_assert_max_num_queries
):
    for number in range(60):
        tell(reader, title=f"News {number:02}", by=reader)

    with django_assert_max_num_queries(25):
        page = inbox(client)

    assert page.count("News ") >= 50
    assert "News 09" not in page.split("<main")[1]
    assert "News 09" in inbox(client, "?page=2")


def test_people_choose_what_is_sent_to_them(client, reader):
    chosen = {"approval": "daily", "mention": "never", "message": "at_once"}
    chosen |= {"job_failed": "never", "job_done": "daily", "digest_hour": "17"}

    answer = client.post(reverse("backoffice:notice-settings"), chosen)
    bad = client.post(reverse("backoffice:notice-settings"), {**chosen, "digest_hour": "24"})

    assert (answer.status_code, bad.status_code) == (302, 200)
    kept = MailPreference.objects.get(user=reader)
    assert (kept.how("approval"), kept.how("job_done"), kept.digest_hour) == ("daily", "daily", 17)
