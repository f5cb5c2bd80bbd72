"""A token that is put wherever a token can be is found nowhere in clear: rows 84 to 87 of the bad inputs.

Row 87, a token at the prompt, is in test_repl.py.
"""
import base64
import http.server
import json
import pathlib
import threading


from support import CommandTest

TOKEN = "dG9rOmNhbmFyeS05OTE3"
ENCODED = base64.b64encode(TOKEN.encode()).decode()


class Echo(http.server.BaseHTTPRequestHandler):
    """Refuses everything, and says in all places with what token."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seen = self.headers.get("Authorization", "")
        body = json.dumps({
            "type": "error.list", "request_id": seen,
            "errors": [{"code": seen, "message": f"{seen} {ENCODED}", "field": seen}]}).encode()
        self.send_response(422)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Request-Id", seen)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class Canary(CommandTest):
    def setUp(self):
        super().setUp()
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(server.server_close)
        self.addCleanup(thread.join)
        self.addCleanup(server.shutdown)
        self.variables = {
            "INTERCOM_BASE_URL": f"http://127.0.0.1:{server.server_address[1]}", "INTERCOM_ACCESS_TOKEN": TOKEN}

    def assertNoToken(self, text, where):
        for secret in (TOKEN, ENCODED, ENCODED[4:-4]):
            self.assertNotIn(secret, text, where)

    def test_a_token_is_in_no_output_log_error_recording_or_file(self):
        script = self.write("leak.ics", """
            let token = env("INTERCOM_ACCESS_TOKEN")
            print(token, {token: [token]}, "https://x.test/?t={{token}}", base64.encode(token), json.stringify([token]))
            print("Bearer " + token)
            log.info(token)
            for path in ["/me", "/contacts/{{token}}"] {
              try { intercom.request(path) } catch e { print(e.message, e.data, e) }
            }
            try { contacts.create({role: "user", name: token, email: token}) } catch e { print(e) }
            try { intercom.request("/x", {headers: {"X-Token": token}}) } catch e { print(e.data) }
            throw "the end: {{token}}"
            """)
        for options in ([], ["--verbose"], ["--json", "--verbose"], ["--record", "all.rec"]):
            result = self.ics("run", "--allow-env", "INTERCOM_ACCESS_TOKEN", *options, script, **self.variables)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertGreater(len(result.stdout), 100)
            self.assertNoToken(result.stdout + result.stderr, options)
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        self.assertIn("all.rec", [path.name for path in files])
        for path in files:
            self.assertNoToken(path.read_bytes().decode("utf-8", "replace"), path.name)

    def test_a_crash_leaves_no_core_file(self):
        process, ready = self.sandbox("--db", ":memory:")
        limits = pathlib.Path(f"/proc/{process.pid}/limits")
        if limits.exists():
            self.assertRegex(limits.read_text(), r"Max core file size\s+0\s+0\s")
        self.stop(process)

    def test_an_error_of_the_api_that_echoes_the_header_is_masked(self):
        for arguments in (["-e", 'intercom.request("/me")'], ["request", "GET", "/me"], ["request", "GET", "/me", "--json"]):
            result = self.ics(*arguments, **self.variables)
            self.assertNotEqual(result.returncode, 0)
            self.assertNoToken(result.stdout + result.stderr, arguments)


