#!/usr/bin/env python3
"""Drive a sandbox with the unchanged python-intercom package, and check what it understands.

    python3 driver.py URL TOKEN [--rate-limit]

Needs python-intercom 5.0.1. Runs again and again against one sandbox. Prints one line for each group of checks;
exits 1 when one fails. It sends some 2,000 requests: run it against a sandbox with `--faults rate:off`. With
--rate-limit it checks the limit and nothing else: run that against one with `--faults rate:600`, say."""
import sys
import time
import traceback
import uuid

from intercom import Intercom
from intercom.core.api_error import ApiError
from intercom.types import (MultipleFilterSearchRequest, SingleFilterSearchRequest, StartingAfterPaging)

URL, TOKEN = sys.argv[1], sys.argv[2]
client = Intercom(base_url=URL, token=TOKEN)
RUN = uuid.uuid4().hex[:8]
RATE_LIMIT = "--rate-limit" in sys.argv
failures = []


def group(check):
    if RATE_LIMIT != check.__name__.startswith("rate"):
        return
    try:
        check()
        print("ok    %s" % check.__name__.replace("_", " "))
    except Exception:
        failures.append(check.__name__)
        print("FAIL  %s" % check.__name__.replace("_", " "))
        traceback.print_exc()


def status_of(action):
    try:
        action()
    except ApiError as error:
        return error.status_code
    return 200


def mail(name):
    return "%s-%s@example.com" % (name, RUN)


def user(name, **more):
    return client.contacts.create(request={"email": mail(name), "role": "user", "name": name, **more})


@group
def contacts():
    made = user("ann", external_id="x" + RUN, phone="+3531234567", custom_attributes={"plan": "pro", "team_mates": 3})
    assert len(made.id) == 24 and made.role == "user" and made.email == mail("ann")
    found = client.contacts.find(contact_id=made.id)
    assert found.external_id == "x" + RUN and found.custom_attributes["plan"] == "pro"
    changed = client.contacts.update(contact_id=made.id, name="Anna", owner_id=127)
    assert changed.name == "Anna" and changed.owner_id == 127 and changed.phone == "+3531234567"
    assert client.contacts.show_contact_by_external_id(external_id="x" + RUN).id == made.id
    assert client.contacts.archive(contact_id=made.id).archived is True
    assert client.contacts.unarchive(contact_id=made.id).archived is False
    assert client.contacts.delete(contact_id=made.id).deleted is True
    assert status_of(lambda: client.contacts.find(contact_id=made.id)) == 404


@group
def merge():
    lead = client.contacts.create(request={"role": "lead", "email": mail("twin"), "phone": "+4915112345"})
    person = user("twin")
    merged = client.contacts.merge_lead_in_user(lead_id=lead.id, contact_id=person.id)
    assert merged.id == person.id and merged.phone == "+4915112345"
    assert status_of(lambda: client.contacts.find(contact_id=lead.id)) in (404, 410)


@group
def paging_of_500():
    for number in range(500):
        client.contacts.create(request={"role": "lead", "name": "page " + RUN, "email": mail("p%d" % number)})
    ids, cursor = [], None
    while True:
        page = client.contacts.search(
            query=SingleFilterSearchRequest(field="name", operator="=", value="page " + RUN),
            pagination=StartingAfterPaging(per_page=75, starting_after=cursor))
        assert page.response.total_count == 500
        ids += [contact.id for contact in page.items]
        following = page.response.pages.next
        cursor = following.starting_after if following else None
        if cursor is None:
            break
    assert len(ids) == len(set(ids)) == 500
    listed = set()
    for contact in client.contacts.list(per_page=150):
        assert contact.id not in listed
        listed.add(contact.id)
    assert len(listed) >= 500


@group
def search_with_nested_queries():
    made = user("nested", custom_attributes={"plan": "team", "monthly_spend": 12.5})
    found = client.contacts.search(
        query=MultipleFilterSearchRequest(operator="AND", value=[
            MultipleFilterSearchRequest(operator="OR", value=[
                SingleFilterSearchRequest(field="custom_attributes.plan", operator="=", value="team"),
                SingleFilterSearchRequest(field="role", operator="=", value="lead")]),
            MultipleFilterSearchRequest(operator="AND", value=[
                SingleFilterSearchRequest(field="email", operator="=", value=mail("nested"))])]))
    assert [contact.id for contact in found.items] == [made.id]
    assert status_of(lambda: client.contacts.search(
        query=SingleFilterSearchRequest(field="shoe_size", operator="=", value="44"))) == 400


@group
def tags_and_notes():
    person = user("tagged")
    tag = client.tags.create(request={"name": "vip " + RUN})
    assert client.tags.tag_contact(contact_id=person.id, tag_id=tag.id).name == "vip " + RUN
    assert [t.id for t in client.contacts.list_attached_tags(contact_id=person.id).data] == [tag.id]
    found = client.contacts.search(query=SingleFilterSearchRequest(field="tag_id", operator="=", value=tag.id))
    assert [contact.id for contact in found.items] == [person.id]
    client.tags.untag_contact(contact_id=person.id, tag_id=tag.id)
    assert not client.contacts.list_attached_tags(contact_id=person.id).data
    client.tags.delete(tag_id=tag.id)
    assert status_of(lambda: client.tags.find(tag_id=tag.id)) == 404
    for number in range(3):
        client.notes.create(contact_id=person.id, body="note %d" % number, admin_id="127")
    assert len(list(client.notes.list(contact_id=person.id))) == 3


@group
def companies_with_scroll():
    made = []
    for number in range(120):
        made.append(client.companies.create_or_update(
            request={"company_id": "c%d-%s" % (number, RUN), "name": "Company %d" % number}).id)
    again = client.companies.create_or_update(
        request={"company_id": "c0-" + RUN, "name": "Renamed", "monthly_spend": 12})
    assert again.id == made[0] and again.name == "Renamed"
    scrolled = [company.id for company in client.companies.scroll()]
    assert len(scrolled) == len(set(scrolled)) and set(made) <= set(scrolled)
    person = user("employee")
    client.companies.attach_contact(contact_id=person.id, company_id=made[0])
    assert client.companies.retrieve(company_id="c0-" + RUN).user_count == 1
    assert [company.id for company in client.contacts.list_attached_companies(contact_id=person.id)] == [made[0]]
    assert [contact.id for contact in client.companies.list_attached_contacts(company_id=made[0]).data] == [person.id]
    client.companies.detach_contact(contact_id=person.id, company_id=made[0])
    assert client.companies.delete(company_id=made[0]).deleted is True


@group
def attributes_and_events():
    name = "shade " + RUN
    attribute = client.data_attributes.create(request={"name": name, "model": "contact", "data_type": "string"})
    assert attribute.full_name == "custom_attributes." + name
    assert any(one.name == name for one in client.data_attributes.list(model="contact").data)
    person = user("eventful", custom_attributes={name: "blue"})
    assert status_of(lambda: client.contacts.update(contact_id=person.id, custom_attributes={"nosuch": 1})) == 400
    for _ in range(2):
        client.events.create(request={"event_name": "bought", "created_at": int(time.time()), "id": person.id})
    summary = client.events.list(intercom_user_id=person.id, type="user", summary=True)
    assert [(one.name, one.count) for one in summary.events] == [("bought", 2)]


@group
def messages_and_conversations():
    person = user("talker")
    message = client.messages.create(request={
        "message_type": "inapp", "body": "hello", "from": {"type": "admin", "id": 127},
        "to": {"type": "user", "id": person.id}})
    assert message.type == "admin_message" and message.body == "hello"
    opened = client.conversations.create(from_={"type": "user", "id": person.id}, body="help me please")
    talk = opened.conversation_id
    client.conversations.reply(conversation_id=talk, request={
        "message_type": "comment", "type": "admin", "admin_id": "127", "body": "at once"})
    client.conversations.manage(conversation_id=talk, request={
        "message_type": "close", "type": "admin", "admin_id": "127"})
    found = client.conversations.find(conversation_id=talk)
    assert found.state == "closed" and len(found.conversation_parts.conversation_parts) == 2
    hits = client.conversations.search(query=SingleFilterSearchRequest(field="source.body", operator="=", value="please"))
    assert any(one.id == talk for one in hits.items)
    assert any(one.id == talk for one in client.conversations.list(per_page=50))


@group
def tickets():
    person = user("ticketed")
    kinds = client.ticket_types.list().data
    kind = [one for one in kinds if one.category == "Customer"][0]
    ticket = client.tickets.create(
        ticket_type_id=kind.id, contacts=[{"id": person.id}],
        request_options={"additional_body_parameters": {"ticket_attributes": {"_default_title_": "Broken " + RUN}}})
    assert ticket.ticket_attributes["_default_title_"] == "Broken " + RUN
    found = client.tickets.search(query=SingleFilterSearchRequest(field="title", operator="=", value="Broken " + RUN))
    assert [one.id for one in found.items] == [ticket.id]
    client.tickets.reply(ticket_id=ticket.id, request={
        "message_type": "comment", "type": "user", "intercom_user_id": person.id, "body": "still broken"})
    assert client.tickets.get(ticket_id=ticket.id).ticket_parts.total_count == 1


@group
def articles():
    made = client.articles.create(
        request={"title": "How to " + RUN, "author_id": 127, "body": "text", "state": "published"})
    assert client.articles.find(article_id=made.id).title == "How to " + RUN
    assert [one.id for one in client.articles.search(phrase=RUN).data.articles] == [made.id]


@group
def errors():
    user("double")
    try:
        user("double")
        raise AssertionError("the second contact was taken")
    except ApiError as error:
        assert error.status_code == 409 and "already exists with id=" in str(error.body)
    assert status_of(lambda: Intercom(base_url=URL, token="wrong").admins.list()) == 401
    assert status_of(lambda: client.admins.find(admin_id=999999)) == 404
    assert client.admins.identify().email
    assert any(admin.id == "127" for admin in client.admins.list().admins)


@group
def rate_limit():
    for _ in range(5000):
        try:
            headers = client.admins.with_raw_response.list().headers
            assert 0 <= int(headers["x-ratelimit-remaining"]) < int(headers["x-ratelimit-limit"])
        except ApiError as error:
            assert error.status_code == 429 and "rate_limit_exceeded" in str(error.body)
            assert error.headers["x-ratelimit-remaining"] == "0"
            wait = int(error.headers["x-ratelimit-reset"]) - time.time()
            assert wait <= 11
            time.sleep(max(0, wait) + 0.1)
            assert status_of(lambda: client.admins.list()) == 200
            return
    raise AssertionError("5,000 requests and no limit")


sys.exit(1 if failures else 0)
