#!/usr/bin/env python3
"""Runs the packages of this folder as they were built, and looks at what they are linked with.

Usage: Tests/Consumer/run.py FOLDER

FOLDER holds the programs CommandLineHost, ConnectorAlone and HooksApp. The first two print what their expected.txt has.
The third is a server: it is given scripts and webhooks, and stopped. None may need readline, SQLite or libpq. Needs
Python 3 alone; prints one line for each fault, and fails when there is any.
"""
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SECRET = "the app's client secret"
FORBIDDEN = ("libreadline", "libsqlite3", "libpq")
WELCOME = """
on contact.user.created "welcome" where email $= "@acme.com" as contact {
  let account = crm.find(contact.email.split("@").last)
  step "note" { crm.note(account.domain, "{{contact.name}} has joined ({{account.plan}})") }
}
"""
# Of contacts of its own: a contact's runs wait for each other, and one that fails is tried again before the next.
GREEDY = 'on contact.user.created "greedy" where email $= "@greedy.net" as contact { while true { } }'
# Runs about one contact go one after the other, so that their notes tell their order.
ORDERED = 'on contact.user.created "NAME" where email $= "@ordered.org" as contact { crm.note("acme.com", "NAME") }'

faults = []


def expect(what, found, wanted):
    if found != wanted:
        faults.append(f"{what}: {found!r}, and it should be {wanted!r}")


def check_libraries(program):
    """ldd lists what the libraries need in their turn, too."""
    if not shutil.which("ldd"):
        return
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    for name in FORBIDDEN:
        expect(f"{program.name} is linked with {name}", name in libraries, False)


def check_output(program):
    expected = (HERE / program.name / "expected.txt").read_text(encoding="utf-8")
    result = subprocess.run([program], capture_output=True, text=True, timeout=120, check=False)
    expect(f"{program.name}'s status", result.returncode, 0)
    expect(f"{program.name}'s output", (result.stdout + result.stderr).splitlines(), expected.splitlines())


class App:
    """The running server."""

    def __init__(self, program):
        environment = {**os.environ, "INTERCOM_CLIENT_SECRET": SECRET, "PORT": "0"}
        self.process = subprocess.Popen([program], env=environment, stderr=subprocess.PIPE, text=True)
        # The server's own log says where it listens.
        for line in self.process.stderr:
            if address := re.search(r"listening on (127\.0\.0\.1:\d+)", line):
                self.url = f"http://{address[1]}"
                return
        sys.exit(f"{program.name} did not start")

    def ask(self, method, path, body=None, headers=None):
        """The status and the text of an answer."""
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def notify(self, contact, number):
        """A webhook as Intercom sends and signs it."""
        event = {
            "type": "notification_event", "id": f"notif_{number}", "topic": "contact.user.created", "app_id": "app",
            "created_at": 1767600000, "data": {"type": "notification_event_data", "item": contact},
        }
        body = json.dumps(event).encode()
        signature = "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
        return self.ask("POST", "/webhooks/intercom", body, {"X-Hub-Signature": signature})[0]

    def notes(self, count):
        """The notes of the account, once there are so many."""
        deadline = time.monotonic() + 60
        while True:
            notes = json.loads(self.ask("GET", "/accounts/acme.com")[1])["notes"]
            if len(notes) >= count or time.monotonic() > deadline:
                return notes
            time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def check_app(program):
    app = App(program)
    try:
        expect("a script", app.ask("PUT", "/scripts/welcome.ics", WELCOME)[0], 200)
        status, text = app.ask("PUT", "/scripts/broken.ics", "on contact.user.craeted as c { }")
        expect("a broken script", (status, "E_UNKNOWN_NAME" in text and "broken.ics:1:4" in text), (422, True))
        expect("a second script", app.ask("PUT", "/scripts/greedy.ics", GREEDY)[0], 200)
        served = json.loads(app.ask("GET", "/scripts")[1])
        expect("the scripts", [script["name"] for script in served], ["greedy.ics", "welcome.ics"])
        # Put in an order that is not that of their names, in which they run.
        for name in ("order-d", "order-a", "order-c", "order-b"):
            expect("an ordered script", app.ask("PUT", f"/scripts/{name}.ics", ORDERED.replace("NAME", name))[0], 200)
        greedy = {"type": "contact", "id": "c0", "name": "Greedy", "email": "g@greedy.net"}
        expect("one for the greedy script", app.notify(greedy, 0), 200)
        ada = {"type": "contact", "id": "c1", "name": "Ada", "email": "ada@acme.com"}
        expect("a webhook", app.notify(ada, 1), 200)
        expect("the same again", app.notify(ada, 1), 200)
        expect("one for another company", app.notify({**ada, "id": "c2", "email": "x@tiny.org"}, 2), 200)
        expect("a second contact", app.notify({**ada, "id": "c3", "name": "Bob"}, 3), 200)
        notes = app.notes(2)
        expect("the notes", sorted(notes), ["Ada has joined (pro)", "Bob has joined (pro)"])
        ordered = {"type": "contact", "id": "c4", "name": "Ordered", "email": "o@ordered.org"}
        expect("one for four scripts", app.notify(ordered, 4), 200)
        expect("their order", app.notes(6)[2:], ["order-a", "order-b", "order-c", "order-d"])
        expect("an unsigned webhook", app.ask("POST", "/webhooks/intercom", "{}")[0], 401)
        expect("the app's own routes", app.ask("GET", "/accounts/nobody.net")[0], 404)
        expect("the status at its end", app.stop(), 0)
    finally:
        app.process.kill()
        app.process.wait()


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1]).resolve()
    for name in ("CommandLineHost", "ConnectorAlone", "HooksApp"):
        if not (folder / name).exists():
            sys.exit(f"{name} is not built: swift build --package-path Tests/Consumer/{name} --scratch-path .build")
        check_libraries(folder / name)
    for name in ("CommandLineHost", "ConnectorAlone"):
        check_output(folder / name)
    check_app(folder / "HooksApp")
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(1)
    print("consumers: as expected")


if __name__ == "__main__":
    main()
