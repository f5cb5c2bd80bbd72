"""Looks at what is left: the store, the sandbox, and what the lives said."""
import collections
import json
import sqlite3


def database(path):
    connection = sqlite3.connect(path, timeout=10)
    connection.execute("PRAGMA query_only = 1")
    return connection


def twice(items):
    return [item for item, count in collections.Counter(items).items() if count > 1]


def effects_in(sandbox):
    """What happened to the sandbox: the numbers of contacts, of notes (by contact, in order) and of messages."""
    with database(sandbox) as world:
        created = [int(i.removeprefix("event-")) for (i,) in world.execute(
            "SELECT external_id FROM contacts WHERE external_id LIKE 'event-%'")]
        notes = [(parent, number_of(body)) for parent, body in world.execute(
            "SELECT parent, json_extract(document, '$.body') FROM notes ORDER BY CAST(id AS INTEGER)")]
        messages = [number_of(body) for (body,) in world.execute(
            "SELECT json_extract(document, '$.body') FROM messages")]
    world.close()
    return created, notes, messages


def number_of(text):
    return int(text.removeprefix("<p>").removesuffix("</p>").split()[-1])


def look(store, sandbox, events, acknowledged, printed, passed):
    """What is wrong with what is left; nothing when all is well. `passed` are numbers that others may overtake."""
    opened = database(store)
    (integrity,) = opened.execute("PRAGMA integrity_check").fetchone()
    if integrity != "ok":
        yield f"the store's integrity check says: {integrity}"
    yield from look_at_runs(opened, events, acknowledged)
    yield from look_at_effects(sandbox, events, passed)
    yield from look_at_steps(opened, printed)
    opened.close()


def look_at_runs(opened, events, acknowledged):
    known = {i for (i,) in opened.execute("SELECT ext_id FROM event WHERE source = 'intercom'")}
    wanted = {event["id"] for event in events}
    if lost := acknowledged - known:
        yield f"{len(lost)} acknowledged events are lost, as {sorted(lost)[:3]}"
    if missing := wanted - acknowledged:
        yield f"{len(missing)} events were never acknowledged, as {sorted(missing)[:3]}"
    if known - wanted:
        yield f"{len(known - wanted)} events came from nowhere"
    runs = opened.execute(
        "SELECT event.ext_id, run.state FROM event LEFT JOIN run ON run.event_id = event.id AND run.hook = 'effects' "
        "WHERE event.source = 'intercom'").fetchall()
    if doubled := twice(event for event, _ in runs):
        yield f"{len(doubled)} events have more than one run"
    open_runs = collections.Counter(state for _, state in runs if state != 3)
    if open_runs:
        yield f"runs are in other states than done: {dict(open_runs)}"
    ticks = dict(opened.execute("SELECT state, count(*) FROM run WHERE hook = 'tick' GROUP BY state"))
    if any(state in (5, 6, 7) for state in ticks):
        yield f"runs of the schedule ended badly: {ticks}"


def look_at_effects(sandbox, events, passed):
    created, notes, messages = effects_in(sandbox)
    numbers = {event["data"]["item"]["number"] for event in events}
    for what, found in [("contacts", created), ("notes", [n for _, n in notes]), ("messages", messages)]:
        if missing := numbers - set(found):
            yield f"{len(missing)} {what} were never made, as for {sorted(missing)[:3]}"
        if doubled := twice(found):
            yield f"{len(doubled)} {what} were made more than once, as for {sorted(doubled)[:3]}"
    last = {}
    for contact, number in notes:
        if number in passed:
            continue
        if last.get(contact, 0) > number:
            yield f"event {number} of {contact} was overtaken by {last[contact]}"
        last[contact] = number


def look_at_steps(opened, printed):
    ended = {(run, name): (state, time) for run, name, state, time in opened.execute(
        "SELECT run_id, name, state, ended_at FROM step WHERE kind = 'step'")}
    again = [key for key, time in printed if key in ended and ended[key][0] == 2 and time > ended[key][1]]
    if again:
        yield f"{len(again)} steps began again after they were recorded as done, as {again[:3]}"
    if not printed:
        yield "no life said that a step began"
    (open_steps,) = opened.execute("SELECT count(*) FROM step JOIN run ON run.id = step.run_id "
                                   "WHERE run.hook = 'effects' AND step.state NOT IN (2, 4)").fetchone()
    if open_steps:
        yield f"{open_steps} steps are not recorded as done"


def printed_steps(path):
    """The steps that a life began: ((run, name), milliseconds). The last line of a killed process may be cut off."""
    steps = []
    for line in path.read_bytes().splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        parts = said.get("text", "").split() if said.get("event") == "print" else []
        if len(parts) == 2:
            steps.append(((said["run"], parts[0]), int(float(parts[1]) * 1000)))
    return steps
