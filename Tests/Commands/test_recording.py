"""Recordings, replays and dry runs of the command."""
import json
import os
import signal
import stat
import unittest

from support import TIMEOUT, CommandTest, closed_port, fake_intercom

TOKEN = "dG9rOnJlY29yZGluZy10ZXN0cy0xMjM0"
SCRIPT = """
print(now(), random.float(), random.int(1, 1_000_000))
let c = contacts.create({role: "user", external_id: str(random.int(1, 1_000_000)), email: "r@example.com"})
print(c)
for i in 0..<5 { contacts.upsert({role: "user", external_id: "p{{i}}", name: "P{{i}}"}, by: "external_id") }
for x in contacts.list(per_page: 3) { print(x.id, x.name) }
parallel(1..<20, i => { let name = contacts.update(c, name: "n{{i}}").name; print(i, name); name })
print(parallel(1..<10, i => { let id = contacts.create({role: "lead"}).id; print(id); id }))
sleep(0.05)
try { contacts.get("nobody") } catch e { print(e.kind, e.message, e.data) }
try { intercom.as("nobody") } catch e { print(e.kind, e.message) }
print(intercom.request("/me", raw: true))
"""


class Recording(CommandTest):
    def record(self, *arguments, **variables):
        return self.ics("run", "--record", "run.rec", *arguments, **variables)

    def replay(self, *arguments, **variables):
        return self.ics("run", "--replay", "run.rec", *arguments, **variables)

    def lines(self):
        return [json.loads(line) for line in (self.folder / "run.rec").read_text().splitlines()]

    def test_a_script_replays_byte_for_byte_without_a_network(self):
        self.write("s.ics", SCRIPT)
        recorded = self.record("s.ics")
        self.assertEqual(recorded.returncode, 0, recorded.stderr)
        (self.home / "sandbox.sqlite").unlink()
        for _ in range(3):
            replayed = self.replay("s.ics", INTERCOM_BASE_URL=f"http://127.0.0.1:{closed_port()}")
            self.assertEqual((replayed.stdout, replayed.stderr), (recorded.stdout, ""))
        self.assertFalse((self.home / "sandbox.sqlite").exists(), "no sandbox was started")
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "run.rec").st_mode), 0o600)

    def test_code_and_standard_input_too(self):
        code = 'print(random.float(), contacts.create({role: "lead"}).id)'
        recorded = self.record("-e", code)
        self.assertPrints(self.replay("-e", code), recorded.stdout)
        self.assertPrints(self.replay("-", stdin=code), recorded.stdout)
        self.assertPrints(self.ics("--replay", "run.rec", stdin=code), recorded.stdout)

    def test_waits_are_over_at_once(self):
        with fake_intercom(429, {}) as server:
            variables = {"INTERCOM_BASE_URL": server.url, "INTERCOM_ACCESS_TOKEN": TOKEN}
            code = 'try { intercom.request("/me", retries: 1) } catch e { print(e.kind) }'
            self.assertPrints(self.record("-e", code, **variables), "E_RATE_LIMIT\n")
        self.assertPrints(self.replay("-e", "sleep(3600)\n" + code), "E_RATE_LIMIT\n")

    def test_a_request_that_was_not_recorded_fails_and_shows_the_nearest(self):
        self.record("-e", 'contacts.create({role: "lead", name: "Ana"})')
        result = self.replay("-e", 'contacts.create({role: "lead", name: "Eva"})')
        self.assertFails(
            result, 1, r"error\[E_NETWORK\]: the recording has no answer: POST /contacts",
            r'nearest is number 1, POST /contacts \(recorded -> asked: body.name: "Ana" -> "Eva"\)')
        self.assertFails(self.replay("-e", "tags.list()\ncompanies.get(1)"), 1, "the recording has no answer: GET /")

    def test_it_is_written_when_the_script_fails(self):
        result = self.record("-e", 'print(contacts.create({role: "lead"}).id)\nthrow "no"')
        self.assertEqual(result.returncode, 1)
        self.assertEqual([line.get("target") for line in self.lines()], [None, None, "/contacts"])
        again = self.replay("-e", 'print(contacts.create({role: "lead"}).id)\nthrow "no"')
        self.assertEqual((again.returncode, again.stdout, again.stderr), (1, result.stdout, result.stderr.split("\n", 1)[1]))

    def test_it_is_written_when_the_script_is_interrupted(self):
        with fake_intercom(200, {"type": "admin"}) as server:
            for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)):
                with self.subTest(number):
                    server.asked.clear()
                    process = self.start(
                        "run", "--record", "run.rec", "-e", 'intercom.request("/me")\nprint("asked")\nwhile true { }',
                        INTERCOM_BASE_URL=server.url, INTERCOM_ACCESS_TOKEN=TOKEN)
                    self.assertTrue(server.asked.wait(20))
                    self.wait_for(lambda: "answer" in (self.folder / "run.rec").read_text())
                    process.send_signal(number)
                    process.communicate(timeout=TIMEOUT)
                    self.assertEqual(process.returncode, status)
                    self.assertEqual(self.lines()[-1]["target"], "/me")

    def test_a_script_that_does_not_compile_leaves_the_recording_as_it_was(self):
        self.assertEqual(self.record("-e", "let = 1").returncode, 2)
        self.assertFalse((self.folder / "run.rec").exists())
        self.record("-e", 'contacts.create({role: "lead"})')
        before = self.lines()
        self.record("-e", "let = 1")
        self.assertEqual(self.lines(), before)

    def test_a_script_without_a_request_has_a_recording(self):
        recorded = self.record("-e", "print(random.float())")
        self.assertEqual(len(self.lines()), 1)
        self.assertPrints(self.replay("-e", "print(random.float())"), recorded.stdout)

    def test_accounts_are_told_apart(self):
        me = {"type": "admin", "id": "1", "name": "Ada", "app": {"id_code": "w"}}
        with fake_intercom(200, me) as one, fake_intercom(200, {**me, "name": "Bo"}) as two:
            for name, server in (("one", one), ("two", two)):
                self.ics("connect", name, "--token", stdin=TOKEN + name, INTERCOM_BASE_URL=server.url)
            code = """
                print(admins.me().name, intercom.as("two").request("/me").name, intercom.as("one").request("/me").name)
                try { intercom.as("three") } catch e { print(e.message) }"""
            recorded = self.record("-e", code)
        self.assertEqual(recorded.returncode, 0, recorded.stderr)
        self.assertIn("Ada Bo Ada", recorded.stdout)
        self.assertPrints(self.replay("-e", code, ICS_HOME=str(self.folder / "elsewhere")), recorded.stdout)
        self.assertFails(self.replay("-e", 'intercom.as("four")'), 1, "the recording has no account 'four'")

    def test_secrets_are_not_in_the_file(self):
        echo = {"type": "admin", "id": "1", "said": f"Bearer {TOKEN}", "access_token": "an0ther-t0ken"}
        with fake_intercom(200, echo) as server:
            self.record(
                "-e", f'intercom.request("/me?t={TOKEN}")\nintercom.request("/x", method: "POST", body: {{note: "{TOKEN}"}})',
                INTERCOM_BASE_URL=server.url, INTERCOM_ACCESS_TOKEN=TOKEN)
        text = (self.folder / "run.rec").read_text()
        self.assertIn('"/x"', text)
        for secret in (TOKEN, "an0ther-t0ken", "Authorization"):
            self.assertNotIn(secret, text)

    def test_wrong_usage(self):
        self.assertFails(self.ics("--record", "a", "--replay", "b", "-e", "1"), 64, "exclude each other")
        self.assertFails(self.ics("--replay", "nowhere", "-e", "1"), 66, "no file 'nowhere'")
        self.assertFails(self.ics("--record", "no/where", "-e", "1"), 66, "cannot record to 'no/where'")
        self.assertFails(self.ics("--record", ".", "-e", "1"), 66, "cannot record to '.'")
        for text, words in (("", "no recording"), ("{}", "no recording"), ("x", "line 1"), ('{"ics_recording": 1}\n[]', "line 2")):
            self.write("bad.rec", text)
            self.assertFails(self.ics("--replay", "bad.rec", "-e", "1"), 1, "cannot replay 'bad.rec'", words)

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs a full device")
    def test_a_full_disk(self):
        result = self.ics("--record", "/dev/full", "-e", 'contacts.create({role: "lead"})')
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertRegex(result.stderr, "the recording '/dev/full' is not complete: No space left")


class DryRun(CommandTest):
    def setUp(self):
        super().setUp()
        self.seed = self.ics("-e", """
            let c = contacts.create({role: "user", external_id: "1", name: "Wash", email: "w@example.com"})
            contacts.create({role: "user", external_id: "2", name: "Zoe"})
            print(c.id)""")
        self.id = self.seed.stdout.strip()

    def dry(self, code, *arguments):
        return self.ics("run", "--dry-run", "--sandbox", "--quiet", *arguments, "-e", code)

    def names(self):
        return self.ics("-e", "print(contacts.list().map(c => c.name).to_list().sort())").stdout

    def test_writes_are_shown_as_differences_and_not_sent(self):
        result = self.dry(f"""
            let c = contacts.find(external_id: "1")
            print(contacts.update(c, name: "Hoban").name, contacts.get(c).name, contacts.get(c).email)
            contacts.update("{self.id}", email: "h@example.com")
            contacts.delete(c)
            print(try {{ contacts.get(c) }} catch e {{ e.kind }})""")
        self.assertEqual((result.returncode, result.stdout), (0, "Hoban Hoban w@example.com\nE_NOT_FOUND\n"))
        lines = result.stderr.splitlines()
        self.assertEqual(lines[:4], [
            f"dry run: would send PUT /contacts/{self.id} (contacts.update)", '  name: "Wash" -> "Hoban"',
            f"dry run: would send PUT /contacts/{self.id} (contacts.update)", '  email: "w@example.com" -> "h@example.com"'])
        self.assertEqual(lines[4], f"dry run: would send DELETE /contacts/{self.id} (contacts.delete)")
        self.assertEqual(self.names(), '["Wash", "Zoe"]\n')

    def test_what_was_not_read_is_read_to_compare(self):
        result = self.dry(f'print(contacts.update("{self.id}", name: "Hoban").email)')
        self.assertPrints(result, "w@example.com\n")
        self.assertIn('name: "Wash" -> "Hoban"', result.stderr)
        self.assertFails(self.dry('contacts.update("5f0000000000000000000000", name: "X")'), 1, r"error\[E_NOT_FOUND\]")

    def test_what_is_made_can_be_used(self):
        result = self.dry("""
            let c = contacts.create({role: "lead", email: "new@example.com"})
            print(c.id.length, c.type, contacts.get(c).email, type(c.created_at))
            let t = tags.create(name: "vip")
            print(contacts.attach_tag(c, id: t.id).type)
            print(contacts.archive(c).archived)
            for n in parallel(1...3, i => contacts.create({role: "lead", name: str(i)}).name) { print(n) }""")
        self.assertPrints(result, "24 contact new@example.com int\ntag\ntrue\n1\n2\n3\n")
        self.assertEqual(result.stderr.count("dry run: would send"), 7)
        self.assertEqual(self.names(), '["Wash", "Zoe"]\n')

    def test_json(self):
        result = self.dry(f'contacts.update("{self.id}", name: "Hoban")', "--json")
        self.assertEqual(json.loads(result.stderr), {"dry_run": {
            "method": "PUT", "path": f"/contacts/{self.id}", "operation": "contacts.update", "was_read": True,
            "differences": [{"path": "name", "old": "Wash", "new": "Hoban"}]}})

    def test_a_wrong_body_is_an_error_in_a_dry_run_too(self):
        self.assertFails(self.dry('contacts.create({emial: "x"})'), 1, "E_INVALID_REQUEST")

    def test_a_dry_run_can_be_recorded_and_replayed(self):
        code = f'print(contacts.update("{self.id}", name: "Hoban").name)'
        first = self.dry(code, "--record", "dry.rec")
        (self.home / "sandbox.sqlite").unlink()
        again = self.ics("run", "--dry-run", "--replay", "dry.rec", "-e", code)
        self.assertEqual((again.stdout, again.stderr), (first.stdout, first.stderr))

    def test_ics_request(self):
        result = self.ics("request", "PUT", f"/contacts/{self.id}", "--body", '{"name": "Hoban"}', "--dry-run", "--quiet",
                          "--select", "name")
        self.assertPrints(result, "Hoban\n")
        self.assertIn('name: "Wash" -> "Hoban"', result.stderr)
        self.assertEqual(self.names(), '["Wash", "Zoe"]\n')


if __name__ == "__main__":
    unittest.main()
