"""Sends signed webhooks as Intercom does: again, with the same id, until they are acknowledged."""
import hashlib
import hmac
import http.client
import json
import threading
import time
import urllib.parse


class Sender:
    """Threads that share the contacts out: the events of one contact leave one after the other.

    The receiver may be gone at any time; `url` says where the next one is, and `allow` how many events may have left.
    """

    def __init__(self, events, secret, threads):
        self.secret = secret.encode()
        self.changed = threading.Condition()
        self.url = None
        self.allowed = 0
        self.left = 0
        self.stopped = False
        self.acknowledged = set()
        self.refused = []
        self.repeated = 0
        shares = [[] for _ in range(threads)]
        contacts = {}
        for event in events:
            contact = event["data"]["item"]["id"]
            shares[contacts.setdefault(contact, len(contacts)) % threads].append(event)
        self.threads = [threading.Thread(target=self.work, args=(share,), daemon=True) for share in shares]
        for thread in self.threads:
            thread.start()

    def set_url(self, url):
        with self.changed:
            self.url = url
            self.changed.notify_all()

    def allow(self, count):
        with self.changed:
            self.allowed = count
            self.changed.notify_all()

    def stop(self):
        with self.changed:
            self.stopped = True
            self.changed.notify_all()

    def work(self, events):
        connection = Connection()
        for event in events:
            with self.changed:
                self.changed.wait_for(lambda: self.stopped or self.left < self.allowed)
                if self.stopped:
                    return
                self.left += 1
            # One in twenty comes twice although it was acknowledged.
            for _ in range(2 if event["data"]["item"]["number"] % 20 == 0 else 1):
                if not self.deliver(event, connection):
                    return

    def deliver(self, event, connection):
        body = json.dumps(event).encode()
        headers = {"X-Hub-Signature": "sha1=" + hmac.new(self.secret, body, hashlib.sha1).hexdigest(),
                   "Content-Type": "application/json"}
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.stopped or self.url)
                if self.stopped:
                    return False
                url = self.url
            status, answer = connection.post(url, body, headers)
            if status == 200:
                with self.changed:
                    self.acknowledged.add(event["id"])
                    self.repeated += answer.get("status") == "duplicate"
                return True
            if status is not None and status not in (429, 503):
                with self.changed:
                    self.refused.append((event["id"], status))
                return True
            time.sleep(0.05)


class Connection:
    """One connection that is kept, and made anew where it was lost."""

    def __init__(self):
        self.url = None
        self.connection = None

    def post(self, url, body, headers):
        """The status and the answer; None when there was none."""
        try:
            if url != self.url:
                self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=5)
                self.url = url
            self.connection.request("POST", urllib.parse.urlsplit(url).path, body, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text)
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            self.url = None
            return None, None
