"""What is sent once although processes die, stop or lose answers: real `ics serve` and `ics run --job`, a real sandbox.

Needs a debug build: its fail points (`ICS_FAIL_POINT`) kill or stop it at a place.
"""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import sqlite3
import threading
import time
import unittest

from support import TIMEOUT, CommandTest, fake_intercom
from test_serving import ServingTest

LEASE = 1


class CrashTest(ServingTest):
    """A workspace that outlives the servers, and ways to end those."""

    # The tests of the class above run where they are.
    for name in [name for name in vars(ServingTest) if name.startswith("test_")]:
        locals()[name] = None

    HOOKS = """
        on contact.user.created "note" as event {
          step "note" { notes.create(contact_id: event.contact, body: "about {{event.id}}", admin_id: "127").id }
        }
        on contact.user.created "message" as event {
          step "message" {
            messages.send(from: {type: "admin", id: "127"}, to: {type: "user", id: event.contact}, body: "to {{event.id}}").id
          }
        }
        """

    def workspace(self, faults="rate:off", name="first"):
        """Starts a sandbox on the workspace of a name, and points the servers to come to it."""
        self.world = self.folder / f"{name}.sandbox"
        self.store = self.folder / f"{name}.store"
        process, ready = self.sandbox("--db", self.world, "--seed", "3", "--faults", faults)
        self.variables = {"INTERCOM_BASE_URL": ready["url"], "INTERCOM_ACCESS_TOKEN": ready["token"],
                          "INTERCOM_CLIENT_SECRET": "ics-sandbox-secret", "ICS_LEASE_SECONDS": str(LEASE),
                          "ICS_SETTLE_SECONDS": "0.1"}
        return process

    def asked(self, sql):
        with sqlite3.connect(self.world, timeout=10) as world:
            return [row[0] for row in world.execute(sql)]

    def notes(self):
        return self.asked("SELECT json_extract(document, '$.body') FROM notes")

    def messages(self):
        return self.asked("SELECT json_extract(document, '$.body') FROM messages")

    def serve_hooks(self, hook, point=None, *arguments):
        """Serves one of the hooks."""
        source = "on contact" + self.HOOKS.split("on contact")[["note", "message"].index(hook) + 1]
        variables = dict(self.variables, **({"ICS_FAIL_POINT": point} if point else {}))
        return self.serve(self.write("hooks.ics", source), "--store", self.store, *arguments, **variables)

    def send(self, ready, number=1):
        """Sends a webhook; the receiver may die before it answers."""
        contact = self.asked("SELECT id FROM contacts ORDER BY seq LIMIT 1")[0]
        with contextlib.suppress(http.client.HTTPException):
            return self.post(ready["webhook_url"], self.event(number=number, contact=contact))

    def killed(self, process):
        self.assertEqual(process.wait(timeout=TIMEOUT), -signal.SIGKILL)

    def retry(self, *how):
        result = self.ics("runs", "retry", "1", *how, "--store", self.store)
        self.assertEqual(result.returncode, 0, result.stderr)

    def run_in_state(self, state):
        def found():
            run = json.loads(self.ics("runs", "show", "1", "--json", "--store", self.store).stdout)
            return run if run["state"] == state else None
        return self.until(found, f"the run to be {state}")

    # Look-ups

    def test_a_write_whose_process_was_killed_before_its_answer_was_recorded_is_looked_up(self):
        self.workspace()
        process, ready = self.serve_hooks("note", "write.after-answer")
        self.send(ready)
        self.killed(process)
        self.assertEqual(self.notes(), ["<p>about 1</p>"])
        process, _ = self.serve_hooks("note")
        run = self.run_in_state("done")
        self.assertEqual(self.notes(), ["<p>about 1</p>"])
        self.assertEqual([(s["name"], s["state"]) for s in run["steps"]], [("note", "done"), ("notes.create", "reconciled")])
        self.stop(process)

    def test_a_write_whose_process_was_killed_before_it_was_sent_is_sent(self):
        self.workspace()
        process, ready = self.serve_hooks("note", "write.before-send")
        self.send(ready)
        self.killed(process)
        self.assertEqual(self.notes(), [])
        process, _ = self.serve_hooks("note")
        self.run_in_state("done")
        self.assertEqual(self.notes(), ["<p>about 1</p>"])
        self.stop(process)

    def test_a_write_whose_answer_was_lost_on_the_way_is_looked_up_by_the_next_attempt(self):
        sandbox = self.workspace(faults="rate:off,lost:100%")
        process, ready = self.serve_hooks("note")
        self.send(ready)
        self.run_in_state("failed")
        self.assertEqual(self.notes(), ["<p>about 1</p>"])
        process.kill()
        self.stop(sandbox)
        self.workspace()
        process, _ = self.serve_hooks("note")
        self.retry()
        run = self.run_in_state("done")
        self.assertEqual(self.notes(), ["<p>about 1</p>"])
        self.assertEqual(run["steps"][1]["state"], "reconciled")
        self.stop(process)

    def test_a_message_cannot_be_looked_up_and_a_person_says_what_happened(self):
        for how, point, expected in [("--sent", "write.after-answer", 1), ("--not-sent", "write.before-send", 1)]:
            with self.subTest(how):
                self.workspace(name=how)
                process, ready = self.serve_hooks("message", point)
                self.send(ready)
                self.killed(process)
                process, _ = self.serve_hooks("message")
                run = self.run_in_state("parked")
                self.assertIn("nobody knows whether POST /messages was carried out", json.dumps(run))
                self.assertEqual(len(self.messages()), expected if how == "--sent" else 0)
                self.retry(how)
                self.run_in_state("done")
                self.assertEqual(self.messages(), ["to 1"])
                self.stop(process)

    # Processes that stop and go on

    def until_stopped(self, process):
        stat = pathlib.Path(f"/proc/{process.pid}/stat")
        self.until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", "the process to stop")

    def journal(self):
        with sqlite3.connect(self.store, timeout=10) as store:
            return store.execute("SELECT * FROM run").fetchall() + store.execute("SELECT * FROM step").fetchall() + \
                store.execute("SELECT * FROM attempt").fetchall()

    @unittest.skipUnless(os.path.exists("/proc/self/stat"), "needs /proc")
    def test_who_was_stopped_beyond_the_lease_and_taken_over_writes_nothing(self):
        for point in ["write.before-send", "write.after-answer", "worker.before-finish"]:
            with self.subTest(point):
                self.workspace(name=point)
                stopped, ready = self.serve_hooks("note", point + ":1:stop")
                sending = threading.Thread(target=self.send_and_lose, args=(ready,))
                sending.start()
                self.until_stopped(stopped)
                refused = self.ics("serve", self.folder / "hooks.ics", "--port", "0", "--store", self.store)
                self.assertFails(refused, 1, rf"served by process {stopped.pid}")
                heir, _ = self.serve_hooks("note", None, "--take-over")
                self.run_in_state("done")
                before = self.journal()
                self.assertEqual(self.notes(), ["<p>about 1</p>"])
                stopped.send_signal(signal.SIGCONT)
                _, errors = stopped.communicate(timeout=TIMEOUT)
                self.assertEqual(stopped.returncode, 1, errors)
                self.assertIn("another process has taken the store over", errors)
                self.assertEqual(self.notes(), ["<p>about 1</p>"])
                self.assertEqual(self.journal(), before)
                sending.join()
                self.assertFails(self.ics("serve", self.folder / "hooks.ics", "--port", "0", "--store", self.store), 1,
                                 rf"served by process {heir.pid}")
                self.stop(heir)

    def send_and_lose(self, ready):
        """Sends a webhook; the receiver may stop before it answers."""
        with contextlib.suppress(OSError):
            self.send(ready)

    @unittest.skipUnless(os.path.exists("/proc/self/stat"), "needs /proc")
    def test_a_job_that_was_stopped_beyond_its_lease_leaves_the_run_to_the_next_one(self):
        self.workspace()
        contact = self.asked("SELECT id FROM contacts ORDER BY seq LIMIT 1")[0]
        script = self.write("job.ics", f"""
            step "note" {{ notes.create(contact_id: "{contact}", body: "by the job", admin_id: "127").id }}
            print("done")
            """)
        stopped = self.start("run", "--job", "nightly", "--store", self.store, script,
                             **self.variables, ICS_FAIL_POINT="write.before-send:1:stop")
        self.until_stopped(stopped)
        time.sleep(LEASE + 0.1)
        self.assertPrints(self.ics("run", "--job", "nightly", "--store", self.store, script, **self.variables), "done\n")
        before = self.journal()
        stopped.send_signal(signal.SIGCONT)
        output, _ = stopped.communicate(timeout=TIMEOUT)
        self.assertEqual(output, "")
        self.assertEqual(self.notes(), ["<p>by the job</p>"])
        self.assertEqual(self.journal(), before)

    # Other services

    def test_a_request_to_another_service_that_was_perhaps_sent_is_not_sent_again(self):
        self.store = self.folder / "store"
        with fake_intercom(200, {"ok": True}) as service:
            script = self.write("job.ics", f"""
                step "order" {{ http.post("{service.url}/orders?key=secret", {{"item": 1}}).status }}
                step "look" {{ http.get("{service.url}/orders").status }}
                print("ordered")
                """)
            command = ["run", "--job", "orders", "--allow-net", "127.0.0.1", "--store", self.store, script]
            killed = self.start(*command, ICS_FAIL_POINT="write.after-answer")
            self.killed(killed)
            self.assertEqual([r[0] for r in service.requests], ["POST"])
            parked = self.ics(*command)
            self.assertEqual(parked.returncode, 1)
            self.assertRegex(parked.stderr, r"nobody knows whether POST http://127\.0\.0\.1:\d+/orders was carried out")
            self.assertNotIn("secret", parked.stderr)
            self.retry("--sent")
            self.assertPrints(self.ics(*command), "ordered\n")
            self.assertEqual([r[0] for r in service.requests], ["POST", "GET"])

    def test_a_recorded_request_to_another_service_is_answered_from_the_journal(self):
        self.store = self.folder / "store"
        with fake_intercom(201, {"id": 7}) as service:
            script = self.write("job.ics", f"""
                print(step "order" {{
                  let answer = http.post("{service.url}/orders", {{"item": 1}})
                  [answer.status, answer.body.id, answer.headers["content-type"]]
                }})
                print(step "again" {{ http.post("{service.url}/keys", 1, headers: {{"Idempotency-Key": "k"}}).status }})
                """)
            command = ["run", "--job", "orders", "--allow-net", "127.0.0.1", "--store", self.store, script]
            self.killed(self.start(*command, ICS_FAIL_POINT="write.after-record"))
            self.assertPrints(self.ics(*command), '[201, 7, "application/json"]\n201\n')
            self.assertEqual([r[1] for r in service.requests], ["/orders", "/keys"])


del ServingTest

if __name__ == "__main__":
    unittest.main()
