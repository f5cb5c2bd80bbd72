"""No token comes out anywhere: one is planted wherever a token can be, and looked for in everything that is written."""
import base64
import json
import os
import pathlib
import resource
import signal
import subprocess
import unittest
import urllib.parse

import pexpect

from support import BINARY, TIMEOUT, CommandTest, environment, fake_intercom

CANARY = "dG9rOmNhbmFyeS1+9/x_1234567890+QQ=="


def forms(secret):
    """The secret as it is, in Base64 at each alignment, and as in a URL. All that an attacker would look for first."""
    found = {secret, urllib.parse.quote(secret, safe=""), json.dumps(secret)[1:-1]}
    for before in ("", "a", "ab"):
        encoded = base64.b64encode((before + secret).encode()).decode().rstrip("=")
        # What its neighbours have a part in is left away at both ends.
        found.add(encoded[4 if before else 0:-2])
        found.add(base64.urlsafe_b64encode((before + secret).encode()).decode().rstrip("=")[4 if before else 0:-2])
    return found


class SecretTest(CommandTest):
    def assertNoSecret(self, text, secret=CANARY):
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        for form in forms(secret):
            self.assertNotIn(form, text)

    def assertNoSecretInFiles(self, *ignored, secret=CANARY):
        """Looks through every file below the test's folder, those of ICS_HOME among them."""
        seen = 0
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name not in ignored:
                seen += 1
                self.assertNoSecret(path.read_bytes(), secret)
        self.assertGreater(seen, 0)

    def everything(self, result, secret=CANARY):
        self.assertNoSecret(result.stdout, secret)
        self.assertNoSecret(result.stderr, secret)


class Canary(SecretTest):
    ECHO = {
        "type": "admin", "id": "1", "name": f"Bearer {CANARY}", "access_token": CANARY, "email": f"{CANARY}@example.com",
        "app": {"id_code": CANARY}, "encoded": base64.b64encode(f"x{CANARY}".encode()).decode()}
    SCRIPT = f"""
        print(intercom.request("/me", raw: true, retries: 0))
        print(base64.encode("{CANARY}"), base64.encode("a{CANARY}"), base64.encode("ab{CANARY}"))
        print(["{CANARY}"], {{key: "{CANARY}"}}, json.encode({{key: "{CANARY}"}}), url.encode("{CANARY}"))
        log.info("{CANARY}", {{field: "{CANARY}"}})
        log.error("x", {{nested: {{deep: intercom.request("/me")}}}})
        contacts.create({{role: "lead", name: "{CANARY}"}})
        for path in ["/contacts/{CANARY}", "/{CANARY}", "//{CANARY}", "{CANARY}"] {{
          try {{ intercom.request(path, query: {{q: "{CANARY}"}}, retries: 0) }} catch e {{ print(e, e.message, e.data) }}
        }}
        try {{ intercom.request("/me", headers: {{Authorization: "{CANARY}"}}) }} catch e {{ print(e) }}
        for x in progress(["{CANARY}"], "{CANARY}") {{ }}
        throw error("{CANARY}", kind: "E_MINE", data: {{token: "{CANARY}"}})"""

    def test_of_the_environment(self):
        self.write("s.ics", self.SCRIPT)
        for status, body in ((200, self.ECHO), (401, self.ECHO), (400, {"type": "error.list", "errors": [
                {"code": CANARY, "message": f"Authorization: Bearer {CANARY}"}]})):
            with fake_intercom(status, body) as server:
                variables = {"INTERCOM_ACCESS_TOKEN": CANARY, "INTERCOM_BASE_URL": server.url}
                every = [[], ["--json"], ["--dry-run"], ["--verbose", "--record", "run.rec"], ["--verbose", "--json"]]
                for options in every if status == 200 else every[-1:]:
                    with self.subTest((status, options)):
                        result = self.ics("run", *options, "s.ics", **variables)
                        self.everything(result)
                        self.assertEqual(result.returncode, 1)
                        self.assertIn("<secret>", result.stdout + result.stderr)
                if status == 200:
                    self.everything(self.ics("run", "--replay", "run.rec", "--verbose", "s.ics", **variables))
                for arguments in (["request", "GET", "/me"], ["request", "GET", f"/{CANARY}", "--json", "--verbose"],
                                  ["request", "GET", "/me", "--header", f"Authorization: {CANARY}"],
                                  ["request", "GET", "/me", "--select", f"{CANARY}"], ["check", "s.ics"], ["accounts"]):
                    self.everything(self.ics(*arguments, **variables))
        self.assertNoSecretInFiles("s.ics")

    def test_of_an_account(self):
        self.write("s.ics", self.SCRIPT)
        with fake_intercom(200, {"type": "admin", "id": "1", "name": "Ada"}) as server:
            self.everything(self.ics("connect", "acme", "--token", "--json", stdin=CANARY, INTERCOM_BASE_URL=server.url))
            server.body = json.dumps(self.ECHO).encode()
            # What the API says about the admin is masked as well.
            self.everything(self.ics("connect", "other", "--token", stdin=CANARY, INTERCOM_BASE_URL=server.url))
            for options in ([], ["--account", "acme", "--verbose"], ["--record", "run.rec"], ["--dry-run", "--json"]):
                self.everything(self.ics("run", *options, "s.ics"))
            self.everything(self.ics("-e", f'print(intercom.as("acme").request("/me"))\nprint("{CANARY}")'))
            self.everything(self.ics("accounts"))
            self.everything(self.ics("accounts", "--json"))
            server.status = 401
            self.everything(self.ics("run", "--verbose", "s.ics"))
        self.everything(self.ics("connect", "--token", "--json", stdin=CANARY, INTERCOM_BASE_URL="http://127.0.0.1:9"))
        self.assertNoSecretInFiles("s.ics")

    def test_of_the_app_and_of_the_key(self):
        secret = "cl1ent-s3cret-canary"
        server, ready = self.sandbox("--db", str(self.folder / "box.sqlite"), "--token", CANARY, "--client-secret", secret)
        variables = {"INTERCOM_BASE_URL": ready["url"], "INTERCOM_ACCESS_TOKEN": CANARY, "INTERCOM_CLIENT_SECRET": secret,
                     "ICS_KEY": "k3y-of-more-than-16-characters"}
        result = self.ics("-e", f'print("{secret}", "k3y-of-more-than-16-characters", admins.me())', **variables)
        self.everything(result)
        self.everything(result, secret)
        self.everything(result, variables["ICS_KEY"])
        self.stop(server)
        # The state of a sandbox holds no token of its own.
        self.assertNoSecretInFiles()
        self.assertNoSecretInFiles(secret=secret)

    def test_of_a_variable_that_a_script_reads(self):
        for name in ("MY_TOKEN", "ICS_VAR_API_KEY", "DB_PASSWORD"):
            result = self.ics("run", "--allow-env", name, "-e", f'print(env("{name}"), [env("{name}")])', **{name: CANARY})
            self.everything(result)
            self.assertPrints(result, '<secret> ["<secret>"]\n')
        self.assertPrints(self.ics("-e", 'print(env("ICS_VAR_PLAN"))', ICS_VAR_PLAN="enterprise"), "enterprise\n")

    def test_short_ones(self):
        for secret in ("abc", "s3c", "tok4"):
            result = self.ics("-e", f'print("x{secret}y", base64.encode("{secret}"))', INTERCOM_ACCESS_TOKEN=secret)
            self.assertNotIn(secret, result.stdout)
            self.assertIn("x<secret>y", result.stdout)
        # One or two characters are in every text: masking them would hide the text and not the secret.
        self.assertPrints(self.ics("-e", 'print("aba")', INTERCOM_ACCESS_TOKEN="a"), "aba\n")


class Crash(SecretTest):
    def test_no_core_file(self):
        server, _ = self.sandbox("--db", ":memory:")
        limits = pathlib.Path(f"/proc/{server.pid}/limits")
        if not limits.exists():
            self.skipTest("needs /proc")
        self.assertRegex(limits.read_text(), r"(?m)^Max core file size\s+0\s+0\s")
        self.stop(server)

    def test_a_crash_leaves_no_token(self):
        def allow_cores():
            hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
            resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        with fake_intercom(200, {"type": "admin"}) as server:
            for number in (signal.SIGSEGV, signal.SIGABRT, signal.SIGILL):
                with self.subTest(number):
                    server.asked.clear()
                    process = subprocess.Popen(
                        [BINARY, "-e", f'let t = "{CANARY}"\nintercom.request("/me")\nwhile true {{ }}'],
                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder, preexec_fn=allow_cores,
                        env=environment(self.home, INTERCOM_ACCESS_TOKEN=CANARY, INTERCOM_BASE_URL=server.url,
                                        SWIFT_BACKTRACE="enable=yes,color=no,interactive=no,timeout=5s"))
                    self.addCleanup(self.end, process)
                    self.assertTrue(server.asked.wait(20))
                    process.send_signal(number)
                    output, errors = process.communicate(timeout=TIMEOUT)
                    self.assertNotEqual(process.returncode, 0)
                    self.assertNoSecret(output)
                    # The script's own text is an argument here, and its author's; the report must not have it.
                    self.assertNoSecret(errors)
        self.assertEqual([path.name for path in self.folder.iterdir() if path.name.startswith("core")], [])


class Prompt(SecretTest):
    def open(self, **variables):
        terminal = pexpect.spawn(
            BINARY, env=environment(self.home, TERM="dumb", **variables), cwd=str(self.folder), encoding="utf-8", timeout=20)
        terminal.delaybeforesend = None
        self.addCleanup(terminal.close, force=True)
        terminal.expect("ics> ")
        return terminal

    def enter(self, terminal, line, *expected):
        terminal.sendline(line)
        for pattern in expected:
            terminal.expect(pattern)
        terminal.expect("\r\nics> |^ics> ")

    def history(self):
        return (self.home / "history").read_text(encoding="utf-8")

    def test_a_pasted_token_is_masked_in_the_history_with_a_warning(self):
        terminal = self.open()
        jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1LTEifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"
        for line, kept in (
                (f'let t = "{CANARY}"', 'let t = "<secret>"'), (CANARY, "<secret>"),
                (f'let h = {{a: "Bearer abcdefgh1234"}}', 'let h = {a: "Bearer <secret>"}'),
                ('let my_password = "correct horse"', 'let my_password = "<secret>"'),
                ('print({"client_secret": "0123456789"}.length)', '"client_secret": "<secret>"'), (f'let j = "{jwt}"', "<secret>")):
            self.enter(terminal, line, "warning: this line holds a secret")
            self.assertIn(kept, self.history())
        for secret in (CANARY, "abcdefgh1234", "correct horse", "0123456789", jwt):
            self.assertNotIn(secret, self.history())

    def test_what_was_pasted_is_masked_from_then_on(self):
        terminal = self.open()
        self.enter(terminal, f'let t = "{CANARY}"', "warning")
        for code, shown in (("t", '"<secret>"'), ("print(t)", "<secret>"), ("throw t", "<secret>")):
            self.enter(terminal, code, shown)
        terminal.send("\x10\x10\x10\x10")  # Ctrl-P: back to the line with the token.
        terminal.expect('let t = "<secret>"')

    def test_innocent_lines_stay_as_they_are(self):
        terminal = self.open()
        for line in ('let tokens = ["abcdefgh"]', 'let name = "Bearer"', 'let token = "short"', "let dG9rOnot = 1"):
            self.enter(terminal, line)
            self.assertIn(line, self.history())

    def test_a_known_one(self):
        terminal = self.open(INTERCOM_ACCESS_TOKEN="known-t0ken")
        self.enter(terminal, 'let t = "known-t0ken"', "warning")
        self.assertIn('let t = "<secret>"', self.history())
        self.assertNotIn("known-t0ken", self.history())

    def test_accounts_and_recordings_at_the_prompt(self):
        with fake_intercom(200, {"type": "admin", "id": "1", "name": "Ada"}) as server:
            self.ics("connect", "acme", "--token", stdin=CANARY, INTERCOM_BASE_URL=server.url)
            self.ics("connect", "other", "--token", stdin=CANARY, INTERCOM_BASE_URL=server.url)
            terminal = pexpect.spawn(
                BINARY, ["--account", "other", "--record", "prompt.rec"], env=environment(self.home, TERM="dumb"),
                cwd=str(self.folder), encoding="utf-8", timeout=20)
            self.addCleanup(terminal.close, force=True)
            terminal.expect("ics> ")
            self.enter(terminal, 'intercom.as("acme").request("/me").name', "Ada")
            self.enter(terminal, "admins.me().name", "Ada")
            terminal.sendeof()
            terminal.expect(pexpect.EOF)
        lines = [json.loads(line) for line in (self.folder / "prompt.rec").read_text().splitlines()]
        self.assertEqual([line["choice"] for line in lines if "choice" in line], ["as acme", "own"])
        self.assertNoSecretInFiles()


if __name__ == "__main__":
    unittest.main()
