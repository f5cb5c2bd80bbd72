"""Hooks: `ics serve`, `ics trigger`, `ics events`, `ics runs`, `ics run --job`."""
import hashlib
import hmac
import json
import os
import re
import signal
import time
import unittest
import urllib.error
import urllib.request

import pexpect

from support import BINARY, ROOT, TIMEOUT, CommandTest, environment

SECRET = "ics-sandbox-secret"


class ServingTest(CommandTest):
    def serve(self, *arguments, **variables):
        """Starts `ics serve` on a free port: the process, and what its ready line says."""
        process = self.start("serve", "--port", "0", "--json", *arguments, **variables)
        line = process.stdout.readline()
        if not line:
            self.fail("ics serve ended: " + process.communicate()[1])
        return process, json.loads(line)

    def post(self, url, body, secret=SECRET):
        body = json.dumps(body).encode()
        signature = "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()
        request = urllib.request.Request(url, body, {"X-Hub-Signature": signature, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    @staticmethod
    def event(topic="contact.user.created", number=1, **item):
        return {"type": "notification_event", "id": f"notif_{number}", "topic": topic, "app_id": "test",
                "created_at": 1767600000, "data": {"item": {"type": "contact", "id": str(number), **item}}}

    def runs(self, *arguments):
        result = self.ics("runs", "--json", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def until(self, condition, what):
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            if value := condition():
                return value
            time.sleep(0.05)
        self.fail(f"waited for {what}")

    def in_state(self, state, count=1):
        return self.until(lambda: (lambda r: r if len(r) >= count else None)(self.runs("--state", state)), f"{count} {state}")

    def test_the_story_of_the_readme(self):
        """One terminal serves, the other triggers; the message is in the sandbox, and the run says how."""
        server = pexpect.spawn(
            BINARY, ["serve", str(ROOT / "scripts/examples/welcome.ics"), "--port", "0"], env=environment(self.home),
            cwd=str(self.folder), timeout=TIMEOUT, encoding="utf-8", dimensions=(40, 120))
        self.addCleanup(server.close, force=True)
        server.expect("Serving 1 hook of welcome.ics")
        server.expect("welcome  contact.created")
        server.expect(r"webhooks  http://127.0.0.1:\d+/webhooks/intercom")
        server.expect("Ctrl-C stops it")
        sent = self.ics("trigger", "contact.created")
        self.assertRegex(sent.stdout, r"^sent contact\.user\.created about ada\.\d+@example\.com to .*: 200 accepted, event 1, run 1\n$")
        server.expect("run 1 welcome  done")
        seen = self.ics("-e", "for c in conversations.list() { print(c.source.body) }", "--quiet")
        self.assertIn("Hi Ada, Malcolm Reynolds here", seen.stdout)
        shown = self.ics("runs", "show", "1").stdout
        for part in ["run 1  welcome  done", "event 1  contact.user.created", "find the sender  done", "send the welcome  done",
                     "2.1  messages.send  done", "welcome.ics:10:16"]:
            self.assertIn(part, shown)
        self.assertEqual(os.stat(self.home / "serve.json").st_mode & 0o777, 0o600)
        server.sendintr()
        server.expect(pexpect.EOF)
        server.wait()
        self.assertEqual(server.exitstatus, 0)
        self.assertFalse((self.home / "serve.json").exists())

    def test_ready_signals_and_the_second_owner(self):
        script = self.write("a.ics", 'on contact.created "one" as c { }\nevery "0 9 * * 1-5", zone: "Europe/Berlin" "nine" { }\n')
        process, ready = self.serve(script)
        self.assertEqual(ready["event"], "ready")
        self.assertEqual(ready["webhook_url"], ready["url"] + "/webhooks/intercom")
        self.assertEqual([hook["name"] for hook in ready["hooks"]], ["one", "nine"])
        self.assertFails(self.ics("serve", script, "--port", "0"), 1, rf"served by process {process.pid}")
        with urllib.request.urlopen(ready["url"] + "/healthz", timeout=TIMEOUT) as answer:
            self.assertEqual(json.load(answer)["status"], "ok")
        with urllib.request.urlopen(ready["url"] + "/metrics", timeout=TIMEOUT) as answer:
            self.assertIn('ics_runs{state="done"} 0', answer.read().decode())
        self.stop(process)
        process, _ = self.serve(script)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 0)

    def test_webhooks_become_runs_once(self):
        script = self.write("a.ics", 'on contact.created "hello" as c { print(c.email) }\n')
        process, ready = self.serve(script)
        self.assertEqual(self.post(ready["webhook_url"], self.event(email="a@example.com"))[0], 200)
        self.assertEqual(self.post(ready["webhook_url"], self.event(email="a@example.com"))[1]["status"], "duplicate")
        self.assertEqual(self.post(ready["webhook_url"], self.event(), secret="wrong")[0], 401)
        run = self.in_state("done")[0]
        self.assertEqual((run["id"], run["hook"], run["topic"], run["attempts"]), (1, "hello", "contact.user.created", 1))
        self.assertEqual(len(self.runs()), 1)
        events = [json.loads(line) for line in self.ics("events", "--json").stdout.splitlines()]
        self.assertEqual([(e["id"], e["state"], e["hook"], e["duplicates"]) for e in events], [(1, "done", "hello", 1)])
        self.assertEqual(self.runs("--hook", "other"), [])
        self.assertEqual(len(self.runs("--since", "1h", "--topic", "contact.*")), 1)
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=TIMEOUT)
        self.assertIn({"event": "print", "run": 1, "hook": "hello", "text": "a@example.com"}, map(json.loads, output.splitlines()))
        self.assertEqual((process.returncode, errors), (0, ""))

    def test_killed_and_started_again_it_goes_on_after_the_last_step(self):
        script = self.write("a.ics", """
            on contact.created "slow" as c {
              step "first" { print("first runs") }
              sleep(if step "where" { 1 } == 1 { 60 } else { 0 })
            }
            """)
        process, ready = self.serve(script)
        self.post(ready["webhook_url"], self.event())
        self.until(lambda: "first" in self.ics("runs", "show", "1").stdout, "the first step")
        self.until(lambda: "where" in self.ics("runs", "show", "1").stdout, "the second step")
        process.kill()
        before = process.communicate()[0]
        self.assertIn("first runs", before)
        process, _ = self.serve(script)
        self.until(lambda: self.runs()[0]["attempts"] == 2, "the second attempt")
        shown = json.loads(self.ics("runs", "show", "1", "--json").stdout)
        self.assertEqual([(s["name"], s["state"], s["attempts"]) for s in shown["steps"]], [("first", "done", 1), ("where", "done", 1)])
        self.assertPrints(self.ics("runs", "cancel", "1"), "run 1 is told to stop\n")
        process.kill()
        self.assertNotIn("first runs", process.communicate()[0])

    def test_a_reader_who_stops_holds_nothing_up(self):
        """The pipe is full and so is the memory for lines: webhooks are answered, runs end, and what is missing is counted."""
        script = self.write("a.ics", 'on contact.created "loud" as c { print("x".repeat(20000)) }\n')
        process, ready = self.serve(script)
        sent = 100
        for number in range(sent):
            self.assertEqual(self.post(ready["webhook_url"], self.event(number=number))[0], 200)
        self.until(lambda: len(self.runs("--state", "done", "--limit", "1000")) == sent, "the runs")
        lines = []
        while not lines or lines[-1]["event"] != "dropped":
            lines.append(json.loads(process.stdout.readline()))
        # Each event is a line for the webhook, one for the print and one for the run.
        self.assertEqual(len(lines) - 1 + lines[-1]["lines"], 3 * sent)
        self.assertGreater(lines[-1]["lines"], 0)
        self.post(ready["webhook_url"], self.event(number=sent))
        later = [json.loads(process.stdout.readline()) for _ in range(3)]
        self.assertEqual({line["event"] for line in later}, {"webhook", "print", "run"})
        self.stop(process)

    def test_a_reader_who_never_reads_does_not_keep_it_from_ending(self):
        script = self.write("a.ics", 'on contact.created "loud" as c { print("x".repeat(100000)) }\n')
        process, ready = self.serve(script)
        for number in range(3):
            self.post(ready["webhook_url"], self.event(number=number))
        self.in_state("done", 3)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=TIMEOUT), 0)

    def test_failures_are_dead_and_retried_by_hand(self):
        script = self.write("a.ics", 'on request "/f" as r { step "s" { if r.query.ok == "1" { 1 } else { throw error("no", kind: "E_NO") } } }\n')
        process, ready = self.serve(script)
        with self.assertRaises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(ready["url"] + "/f", timeout=TIMEOUT)
        raised.exception.close()
        self.assertEqual(raised.exception.code, 500)
        with urllib.request.urlopen(ready["url"] + "/f?ok=1", timeout=TIMEOUT) as answer:
            self.assertEqual(answer.read(), b"1")
        dead = self.in_state("dead")
        self.assertEqual((dead[0]["hook"], dead[0]["error"]["code"]), ("request /f", "E_NO"))
        self.assertPrints(self.ics("runs", "retry", "--all-dead"), "1 run goes on\n")
        self.until(lambda: self.runs("--state", "dead") and self.runs("--state", "dead")[0]["attempts"] == 2, "the second try")
        self.assertFails(self.ics("runs", "retry", "2"), 1, "run 2 is done")
        self.assertFails(self.ics("runs", "show", "77"), 1, "no run 77")
        self.assertFails(self.ics("runs", "--state", "odd"), 64, "no state 'odd'")
        self.stop(process)

    def test_reload_serves_edited_scripts_and_keeps_the_old_one_when_it_does_not_compile(self):
        script = self.write("a.ics", 'on contact.created "v" as c { print("one") }\n')
        process, ready = self.serve(script, "--reload")
        self.write("a.ics", 'on contact.created "v" as c { print("two" }\n')
        self.assertEqual(json.loads(process.stdout.readline())["event"], "reload_failed")
        self.post(ready["webhook_url"], self.event(number=1))
        self.in_state("done")
        self.write("a.ics", 'on contact.created "v" as c { print("three") }\n')
        lines = []
        while not lines or lines[-1]["event"] != "reload":
            lines.append(json.loads(process.stdout.readline()))
        self.post(ready["webhook_url"], self.event(number=2))
        self.in_state("done", 2)
        process.send_signal(signal.SIGTERM)
        rest = [json.loads(line) for line in process.communicate(timeout=TIMEOUT)[0].splitlines()]
        self.assertEqual([line["text"] for line in lines + rest if line["event"] == "print"], ["one", "three"])

    def test_scripts_that_cannot_be_served(self):
        for text, status, pattern in [
            ("on contact.craeted as c { }\n", 2, "contact.created"), ("on contact.created as c { now() }\n", 2, "E_STEP"),
            ('every "61 * * * *" { }\n', 2, "E_VALUE"), ("let x = \n", 2, "E_SYNTAX"),
            ("contacts.list().count()\non contact.created as c { }\n", 2, "E_PERMISSION"),
        ]:
            with self.subTest(text=text):
                self.assertFails(self.ics("serve", self.write("bad.ics", text), "--port", "0"), status, pattern)
        self.assertFails(self.ics("serve", "missing.ics"), 66, "missing.ics")
        self.assertFails(self.ics("serve", self.write("a.ics", ""), "--store", "redis://x"), 64, "redis")
        self.assertEqual(self.ics("check", self.write("bad.ics", "on contact.craeted as c { }\n")).returncode, 1)

    def test_trigger(self):
        self.assertFails(self.ics("trigger", "contact.craeted"), 64, r"contact\.craeted.*contact\.created")
        self.assertFails(self.ics("trigger", "contact.created"), 1, "ics serve")
        script = self.write("a.ics", 'on "acme.*" as o, e { print(e.topic, o.total, o.deep.er) }\non contact.updated where role == "lead" as c { print(c.name) }\n')
        process, _ = self.serve(script)
        order = self.write("order.json", '{"total": 5}')
        answer = json.loads(self.ics("trigger", "acme.order.paid", "--data", order, "--set", "deep.er=[1]", "--json").stdout)
        self.assertEqual((answer["status"], answer["topic"], answer["answer"]["runs"]), (200, "acme.order.paid", [1]))
        self.assertIn("no hook is for it", self.ics("trigger", "contact.updated", "--set", "role=user").stdout)
        self.assertIn("contact.lead.updated", self.ics("trigger", "contact.updated", "--set", "role=lead", "--set", "name=Bo").stdout)
        for topic in ["company.created", "conversation.user.replied", "ticket.created", "admin.logged_in", "contact.user.tag.created", "ping"]:
            self.assertEqual(self.ics("trigger", topic).returncode, 0, topic)
        self.in_state("done", 2)
        process.send_signal(signal.SIGTERM)
        printed = [json.loads(line).get("text") for line in process.communicate(timeout=TIMEOUT)[0].splitlines()]
        self.assertEqual([text for text in printed if text], ["acme.order.paid 5 [1]", "Bo"])

    def test_changes_of_scripts_reach_the_hooks(self):
        script = self.write("a.ics", 'on contact.created "seen" as c { print(c.email) }\n')
        process, _ = self.serve(script)
        self.assertEqual(self.ics("-e", 'contacts.create(role: "user", email: "x@example.com")', "--quiet").returncode, 0)
        self.in_state("done")
        self.stop(process)

    def test_jobs_go_on_where_they_were(self):
        script = self.write("job.ics", """
            let a = step "one" { print("one")
              20 }
            let b = step "two" { if fs.exists("flag") { 22 } else { throw error("not yet", kind: "E_YET") } }
            print(a + b)
            """)
        first = self.ics("run", "--job", "nightly", script)
        self.assertEqual((first.returncode, first.stdout), (1, "one\n"))
        self.assertIn("not yet", first.stderr)
        self.write("flag", "")
        second = self.ics("run", "--job", "nightly", script)
        self.assertEqual((second.returncode, second.stdout), (0, "42\n"), second.stderr)
        third = self.ics("run", "--job", "nightly", script)
        self.assertEqual((third.returncode, third.stdout), (0, ""))
        self.assertIn("finished", third.stderr)
        self.assertPrints(self.ics("run", "--job", "nightly", "--restart", script), "one\n42\n")
        self.assertFails(self.ics("run", "--restart", script), 64, "--job")


if __name__ == "__main__":
    unittest.main()
