"""Accounts: logging in, tokens, what is kept, and every way in which that can fail."""
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import stat
import unittest
import urllib.parse

import pexpect

from support import BINARY, CRASH, TIMEOUT, CommandTest, environment, fake_intercom

TOKEN = "dG9rOmNvbm5lY3QtdGVzdHMtMTIzNA=="
ME = {"type": "admin", "id": "1", "name": "Ada", "email": "ada@example.com", "email_verified": True,
      "app": {"type": "app", "id_code": "w1", "region": "US"}}
DENIED = {"type": "error.list", "request_id": "r", "errors": [{"code": "api_plan_restricted", "message": "no"}]}


class Accounts(CommandTest):
    def connect(self, *arguments, token=TOKEN, **variables):
        return self.ics("connect", *arguments, "--token", stdin=token + "\n", **variables)

    def accounts(self, **variables):
        result = self.ics("accounts", "--json", **variables)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return [json.loads(line) for line in result.stdout.splitlines()]

    def content(self):
        return b"".join(path.read_bytes() for path in self.home.rglob("*") if path.is_file())


class ByToken(Accounts):
    def test_a_token_is_checked_and_kept_encrypted(self):
        with fake_intercom(200, ME) as server:
            result = self.connect("acme", INTERCOM_BASE_URL=server.url)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"Connected 'acme': Ada <ada@example.com>, workspace w1 \(http://127")
        self.assertEqual(server.requests[0][:2], ("GET", "/me"))
        self.assertEqual(server.requests[0][2]["Authorization"], f"Bearer {TOKEN}")
        self.assertNotIn(TOKEN.encode(), self.content())
        for name in ("accounts.json", "key"):
            self.assertEqual(stat.S_IMODE(os.stat(self.home / name).st_mode), 0o600)
        self.assertEqual(
            [(a["name"], a["status"], a["default"], a["admin_email"], a["workspace_id"]) for a in self.accounts()],
            [("acme", "VALID", True, "ada@example.com", "w1")])

    def test_scripts_use_it(self):
        with fake_intercom(200, ME) as one, fake_intercom(200, {**ME, "name": "Bo"}) as two:
            self.connect("one", INTERCOM_BASE_URL=one.url)
            self.connect("two", INTERCOM_BASE_URL=two.url)
            code = 'print(intercom.request("/me").name, intercom.as("two").request("/me").name)'
            self.assertPrints(self.ics("-e", code), "Ada Bo\n")
            self.assertPrints(self.ics("run", "--account", "two", "-e", code), "Bo Bo\n")
            self.assertPrints(self.ics(stdin='print(admins.me().name)'), "Ada\n")
            self.assertPrints(self.ics("request", "GET", "/me", "--account", "two", "--select", "name"), "Bo\n")
            # The variable wins over the default account, and an account that is named over the variable.
            other = {"INTERCOM_ACCESS_TOKEN": "another-token", "INTERCOM_BASE_URL": two.url}
            self.assertPrints(self.ics("-e", code, **other), "Bo Bo\n")
            self.assertPrints(self.ics("run", "--account", "one", "-e", code, **other), "Ada Bo\n")
            self.connect("two", "--default", INTERCOM_BASE_URL=two.url)
            self.assertPrints(self.ics("-e", code), "Bo Bo\n")

    def test_one_that_is_not_there(self):
        with fake_intercom(200, ME) as server:
            self.connect("acme", INTERCOM_BASE_URL=server.url)
        for code in ('intercom.as("acne")',):
            self.assertFails(self.ics("-e", code), 1, r"error\[E_AUTH\]: there is no account 'acne'; did you mean 'acme'")
        self.assertFails(self.ics("run", "--account", "acne", "-e", "admins.me()"), 1, "did you mean 'acme'")
        self.assertFails(self.ics("disconnect", "acne"), 1, "did you mean 'acme'")
        self.assertFails(self.ics("run", "--account", "a", "--sandbox", "-e", "1"), 64, "exclude each other")

    def test_disconnect(self):
        with fake_intercom(200, ME) as server:
            self.connect("acme", INTERCOM_BASE_URL=server.url)
        self.assertPrints(self.ics("disconnect", "acme"), "Disconnected 'acme'. Scripts use the sandbox.\n")
        self.assertEqual(self.accounts(), [])
        result = self.ics("accounts")
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        self.assertIn("no account is connected", result.stderr)

    def test_a_refused_token_is_not_kept(self):
        refusal = {"type": "error.list", "errors": [{"code": "unauthorized", "message": "Access Token Invalid"}]}
        with fake_intercom(401, refusal) as server:
            self.assertFails(self.connect(INTERCOM_BASE_URL=server.url), 1, r"error\[E_AUTH\].*does not accept")
        self.assertEqual(self.accounts(), [])

    def test_a_token_that_is_refused_later_is_not_sent_again(self):
        with fake_intercom(200, ME) as server:
            self.connect("acme", INTERCOM_BASE_URL=server.url)
            server.status = 401
            self.assertFails(self.ics("-e", "admins.me()"), 1, "does not accept")
            self.assertEqual(self.accounts()[0]["status"], "INVALID")
            count = len(server.requests)
            self.assertFails(self.ics("-e", "admins.me()"), 1, r"error\[E_AUTH\].*'acme'; connect it again")
            self.assertEqual(len(server.requests), count)

    def test_missing_permission_to_read_admins(self):
        for status, body in ((403, DENIED), (200, {"type": "admin"})):
            with fake_intercom(status, body) as server:
                result = self.connect(INTERCOM_BASE_URL=server.url)
                self.assertFails(result, 1, r"error\[E_AUTH\].*'Read admins'")
        self.assertEqual(self.accounts(), [])

    def test_an_unverified_address(self):
        with fake_intercom(200, {**ME, "email_verified": False}) as server:
            self.assertFails(self.connect(INTERCOM_BASE_URL=server.url), 1, "not verified")

    def test_what_is_no_token(self):
        for token, words in (("", "no token"), ("short", "fewer than 8"), ("one\ntwo-two-two", "more than one line"),
                             ("with a space in it", "one word"), ("x" * 9000, "too long"), ("naïve-token", "signs")):
            with self.subTest(words):
                result = self.connect(token=token)
                self.assertFails(result, 64, words)
                if token:
                    self.assertNotIn(token, result.stderr)

    def test_a_token_in_an_argument_is_refused_and_not_repeated(self):
        for arguments in (["--token=" + TOKEN], ["acme", "--token", TOKEN], [TOKEN], ["--tokn", TOKEN],
                          ["acme", "--token", "sEcret-w0rd-99"]):
            with self.subTest(arguments):
                result = self.ics("connect", *arguments)
                self.assertFails(result, 64, "token does not belong into the arguments")
                self.assertNotIn(TOKEN, result.stderr)
                self.assertNotIn("sEcret-w0rd-99", result.stderr)

    def test_a_token_typed_at_the_terminal_is_not_shown(self):
        with fake_intercom(200, ME) as server:
            terminal = pexpect.spawn(
                BINARY, ["connect", "acme", "--token"], env=environment(self.home, INTERCOM_BASE_URL=server.url),
                cwd=str(self.folder), encoding="utf-8", timeout=20)
            self.addCleanup(terminal.close, force=True)
            terminal.expect("not shown")
            terminal.waitnoecho()
            terminal.sendline(TOKEN)
            terminal.expect("Connected 'acme'")
            self.assertNotIn(TOKEN, terminal.before)
            terminal.expect(pexpect.EOF)
            terminal.close()
            self.assertEqual(terminal.exitstatus, 0)

    def test_the_prompt_for_a_token_can_be_interrupted(self):
        terminal = pexpect.spawn(
            BINARY, ["connect", "--token"], env=environment(self.home), cwd=str(self.folder), encoding="utf-8", timeout=20)
        self.addCleanup(terminal.close, force=True)
        terminal.expect("not shown")
        terminal.waitnoecho()
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
        terminal.close()
        self.assertEqual((terminal.exitstatus, terminal.signalstatus), (130, None))

    def test_regions(self):
        self.assertFails(self.connect("--region", "mars"), 64, "us, eu and au")
        with fake_intercom(200, ME) as server:
            self.assertFails(self.connect("--region", "eu", INTERCOM_BASE_URL=server.url), 64, "INTERCOM_BASE_URL")
        self.assertFails(self.ics("connect", "--region", "eu"), 64, "INTERCOM_CLIENT_ID")
        self.assertFails(self.connect("no spaces"), 64, "name")


class AtRest(Accounts):
    KEY = "a-key-of-more-than-16-characters"

    def setUp(self):
        super().setUp()
        with fake_intercom(200, ME) as server:
            self.assertEqual(self.connect("acme", INTERCOM_BASE_URL=server.url, ICS_KEY=self.KEY).returncode, 0)

    def test_the_key_of_the_environment(self):
        self.assertFalse((self.home / "key").exists())
        self.assertFails(self.ics("-e", "admins.me()", ICS_KEY=self.KEY), 1, r"E_NETWORK")  # It tried: the token is known.
        self.assertFails(
            self.ics("-e", "admins.me()", ICS_KEY=self.KEY + "?"), 1, r"error\[E_AUTH\].*'acme' cannot be decrypted.*ICS_KEY")
        self.assertFails(self.ics("-e", "admins.me()"), 1, r"error\[E_AUTH\].*set ICS_KEY")
        self.assertFails(self.ics("-e", "admins.me()", ICS_KEY="tiny"), 1, r"ICS_KEY is too short")

    def test_a_second_account_goes_under_the_same_key_only(self):
        with fake_intercom(200, ME) as server:
            result = self.connect("other", INTERCOM_BASE_URL=server.url, ICS_KEY=self.KEY + "?")
            self.assertFails(result, 1, "'acme' is kept under another key")
            self.assertEqual(server.requests, [], "it is said before anybody is asked")
        self.assertEqual(self.ics("disconnect", "acme").returncode, 0, "forgetting needs no key")

    def test_listing_needs_no_key(self):
        self.assertEqual([a["name"] for a in self.accounts()], ["acme"])

    def test_a_damaged_file(self):
        path = self.home / "accounts.json"
        for text in ("", "{", "[]", '{"version": 1}', '{"version": 2, "accounts": {}}', "\x00" * 100):
            path.write_text(text)
            for arguments in (["accounts"], ["connect", "--token"], ["disconnect", "acme"], ["-e", "admins.me()"]):
                with self.subTest((text, arguments)):
                    result = self.ics(*arguments, stdin=TOKEN, ICS_KEY=self.KEY)
                    self.assertFails(result, 1, "accounts.json' is damaged; remove it")
            self.assertEqual(path.read_text(), text, "nothing is lost")

    def test_a_changed_file(self):
        path = self.home / "accounts.json"
        document = json.loads(path.read_text())
        document["accounts"]["acme"]["base_url"] = "http://127.0.0.1:9"
        path.write_text(json.dumps(document))
        self.assertFails(self.ics("-e", "admins.me()", ICS_KEY=self.KEY), 1, "cannot be decrypted")

    def test_a_file_that_others_may_read(self):
        (self.home / "accounts.json").chmod(0o644)
        self.assertFails(self.ics("accounts"), 1, r"error\[E_PERMISSION\].*chmod 600")

    def test_a_locked_file(self):
        import fcntl
        with open(self.home / "accounts.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertFails(self.ics("disconnect", "acme"), 1, "locked by another process")
            self.assertEqual(len(self.accounts()), 1, "reading needs no lock")

    def test_a_home_that_is_a_file(self):
        home = self.write("file", "")
        for arguments in (["accounts"], ["connect", "--token"], ["-e", "admins.me()"]):
            with self.subTest(arguments):
                self.assertFails(self.ics(*arguments, stdin=TOKEN, ICS_HOME=str(home)), 1, "Not a directory|cannot be made")


class LoggingIn(Accounts):
    """The code flow, the browser played by these tests."""

    def begin(self, *arguments, **variables):
        """Starts `ics connect`; gives the process and the query of the page that it prints."""
        process = self.start("connect", *arguments, "--json", "--no-browser", **variables)
        line = process.stdout.readline()
        if not line:
            self.fail("ics connect ended: " + process.communicate()[1])
        event = json.loads(line)
        self.assertEqual(event["event"], "authorize")
        return process, event["url"]

    def end_of(self, process, status):
        output, errors = process.communicate(timeout=TIMEOUT)
        self.assertNoCrash(errors, process.returncode)
        self.assertEqual(process.returncode, status, errors)
        return output, errors

    def fetch(self, method, url, body=None):
        """One exchange, redirects not followed."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        target = parts.path + ("?" + parts.query if parts.query else "")
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        connection.request(method, target, body and urllib.parse.urlencode(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def press(self, url, button="Authorize access"):
        """Loads the page, presses a button, follows the redirect; gives what the last page says."""
        status, _, page = self.fetch("GET", url)
        self.assertEqual(status, 200, page)
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        name = re.search(rf'<button(?: name="(\w+)" value="(\w+)")?>{button}', page)
        self.assertIsNotNone(name, page)
        if name.group(1):
            fields[name.group(1)] = name.group(2)
        base = urllib.parse.urlsplit(url)
        status, headers, text = self.fetch("POST", f"{base.scheme}://{base.netloc}/oauth", {
            k: v.replace("&amp;", "&") for k, v in fields.items()})
        self.assertEqual(status, 302, text)
        return self.fetch("GET", headers["Location"])

    def redirect(self, url):
        return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)

    def test_the_sandbox_of_this_machine(self):
        process, url = self.begin()
        self.assertRegex(url, r"^http://127\.0\.0\.1:\d+/oauth\?client_id=")
        status, _, page = self.press(url)
        self.assertEqual(status, 200, page)
        self.assertIn("Connected", page)
        output, errors = self.end_of(process, 0)
        connected = json.loads(output)
        self.assertEqual((connected["event"], connected["name"], connected["sandbox"]), ("connected", "default", True))
        self.assertNotIn("ics-sandbox-token", output + errors)
        self.assertNotIn(b"ics-sandbox-token", self.content())
        # It is there without the server that was started for the log-in.
        result = self.ics("-e", 'print(admins.me().type, intercom.as("default").request("/me").type)')
        self.assertPrints(result, "admin admin\n")
        self.assertIn("account 'default': using the local sandbox", result.stderr)

    def test_a_sandbox_that_runs(self):
        server, ready = self.sandbox("--db", ":memory:", "--token", TOKEN, "--client-id", "c1", "--client-secret", "s3cret-s3cret")
        variables = {"INTERCOM_BASE_URL": ready["url"], "INTERCOM_CLIENT_ID": "c1", "INTERCOM_CLIENT_SECRET": "s3cret-s3cret"}
        process, url = self.begin("shop", **variables)
        self.assertTrue(url.startswith(ready["url"] + "/oauth?client_id=c1&"), url)
        self.press(url)
        self.end_of(process, 0)
        self.assertPrints(self.ics("run", "--account", "shop", "-e", "print(admins.me().type)"), "admin\n")
        self.stop(server)

    def test_what_is_printed_for_people(self):
        process = self.start("connect")
        text = ""
        while not (found := re.search(r"http://\S+/oauth\S+", text)):
            line = process.stdout.readline()
            self.assertTrue(line, text)
            text += line
        self.press(found.group())
        output, _ = self.end_of(process, 0)
        self.assertIn("Connected 'default': Malcolm Reynolds", output)

    def test_the_user_says_no(self):
        process, url = self.begin()
        status, _, page = self.press(url, "Deny")
        self.assertEqual(status, 400, page)
        _, errors = self.end_of(process, 1)
        error = json.loads(errors)["error"]
        self.assertEqual(error["code"], "E_AUTH")
        self.assertIn("not granted: access_denied", error["message"])

    def test_another_state(self):
        process, url = self.begin()
        back = self.redirect(url)["redirect_uri"][0]
        self.assertEqual(self.fetch("GET", back + "?code=c0de&state=guessed")[0], 400)
        _, errors = self.end_of(process, 1)
        self.assertIn("its state is another one", errors)
        self.assertEqual(self.accounts(), [])

    def test_other_requests_change_nothing(self):
        process, url = self.begin()
        back = self.redirect(url)["redirect_uri"][0]
        for method, target in (("GET", "/favicon.ico"), ("POST", "/callback?code=a&state=b"), ("GET", "/")):
            self.assertEqual(self.fetch(method, back.replace("/callback", target))[0], 404)
        self.press(url)
        self.end_of(process, 0)

    def test_a_code_that_is_refused(self):
        process, url = self.begin()
        query = self.redirect(url)
        self.fetch("GET", f"{query['redirect_uri'][0]}?code=wr0ng-c0de&state={query['state'][0]}")
        _, errors = self.end_of(process, 1)
        error = json.loads(errors)["error"]
        self.assertEqual((error["code"], error["data"]["status"]), ("E_AUTH", 401))
        self.assertIn("does not accept the code", error["message"])
        self.assertNotIn("wr0ng-c0de", errors)

    def test_nobody_comes(self):
        process, _ = self.begin("--timeout", "100ms")
        _, errors = self.end_of(process, 1)
        self.assertEqual(json.loads(errors)["error"]["code"], "E_TIMEOUT")

    def test_interrupted(self):
        process, _ = self.begin()
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.end_of(process, 130), ("", ""))

    def test_a_port_in_use(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            result = self.ics("connect", "--port", str(other.getsockname()[1]))
        self.assertFails(result, 1, r"port \d+ of this machine is in use")

    def test_intercoms_own_page(self):
        app = {"INTERCOM_CLIENT_ID": "c1", "INTERCOM_CLIENT_SECRET": "s3cret-s3cret"}
        for region, host in ((None, "app.intercom.com"), ("eu", "app.eu.intercom.com")):
            process, url = self.begin(*(["--region", region] if region else []), **app)
            self.assertTrue(url.startswith(f"https://{host}/oauth?client_id=c1&state="), url)
            process.send_signal(signal.SIGTERM)
            self.end_of(process, 143)

    def test_half_an_app(self):
        result = self.ics("connect", INTERCOM_CLIENT_ID="c1")
        self.assertFails(result, 64, "INTERCOM_CLIENT_ID is set and INTERCOM_CLIENT_SECRET is not")


if __name__ == "__main__":
    unittest.main()
