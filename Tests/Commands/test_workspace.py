"""Talking to a workspace: which one, with what token, and what is said when it cannot be done."""
import json
import unittest

from support import CommandTest, closed_port, fake_intercom

UNAUTHORIZED = {
    "type": "error.list", "request_id": "b2d5a9",
    "errors": [{"code": "unauthorized", "message": "Access Token Invalid"}],
}


class Workspace(CommandTest):
    def request(self, url, code='print(intercom.request("/me").name)', token="secret-token-4711"):
        return self.ics("-e", code, INTERCOM_BASE_URL=url, INTERCOM_ACCESS_TOKEN=token)

    def test_token_version_and_agent_are_sent(self):
        with fake_intercom(200, {"type": "admin", "name": "Mal"}) as server:
            self.assertPrints(self.request(server.url), "Mal\n")
        method, path, headers, _ = server.requests[0]
        self.assertEqual((method, path), ("GET", "/me"))
        self.assertEqual(headers["Authorization"], "Bearer secret-token-4711")
        self.assertEqual(headers["Intercom-Version"], "2.16")
        self.assertIn("ics", headers["User-Agent"].lower())

    def test_a_body_is_sent_as_json(self):
        with fake_intercom(200, {"id": "1"}) as server:
            contact = '{role: "user", external_id: "25", email: "a@b.co"}'
            code = f'intercom.request("/contacts", method: "POST", body: {contact})'
            self.assertPrints(self.request(server.url, code), "")
        method, path, headers, body = server.requests[0]
        self.assertEqual((method, path, headers["Content-Type"]), ("POST", "/contacts", "application/json"))
        self.assertEqual(json.loads(body), {"role": "user", "external_id": "25", "email": "a@b.co"})

    def test_a_wrong_token(self):
        with fake_intercom(401, UNAUTHORIZED) as server:
            result = self.request(server.url)
        self.assertFails(result, 1, r"error\[E_AUTH\]")
        self.assertNotIn("secret-token-4711", result.stderr)

    def test_a_wrong_token_of_the_sandbox(self):
        server, ready = self.sandbox("--db", ":memory:", "--token", "right")
        self.assertFails(self.request(ready["url"], token="wrong"), 1, r"error\[E_AUTH\]")
        self.stop(server)

    def test_an_unreachable_host(self):
        result = self.request(f"http://127.0.0.1:{closed_port()}")
        self.assertFails(result, 1, r"error\[E_NETWORK\]")

    def test_an_error_of_the_api_can_be_caught(self):
        errors = [{"code": "not_found", "message": "User Not Found"}]
        body = {"type": "error.list", "request_id": "r-1", "errors": errors}
        code = 'try { intercom.request("/contacts/1") } catch e { print(e.kind, e.data.status, e.data.request_id) }'
        with fake_intercom(404, body) as server:
            self.assertPrints(self.request(server.url, code), "E_NOT_FOUND 404 r-1\n")

    def test_plain_http_to_another_machine_is_refused(self):
        result = self.request("http://intercom.example")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("https", result.stderr)

    def test_a_path_stays_on_the_host(self):
        with fake_intercom(200, {}) as server:
            for path in ("https://example.org/me", "//example.org/me", "/../me", "me"):
                with self.subTest(path):
                    result = self.request(server.url, f"intercom.request({json.dumps(path)})")
                    self.assertFails(result, 1, r"error\[E_VALUE\]")
        self.assertEqual(server.requests, [])


class Sandbox(CommandTest):
    def test_it_says_where_it_is_and_ends_on_sigterm(self):
        server, ready = self.sandbox("--db", ":memory:")
        self.assertEqual(ready["event"], "ready")
        self.assertRegex(ready["url"], r"^http://127\.0\.0\.1:\d+$")
        self.assertTrue(ready["token"])
        self.stop(server)

    def test_a_port_in_use(self):
        server, ready = self.sandbox("--db", ":memory:")
        port = ready["url"].rsplit(":", 1)[1]
        result = self.ics("sandbox", "--port", port, "--db", ":memory:")
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(len(result.stderr.strip().splitlines()), 1, result.stderr)
        self.assertIn(port, result.stderr)
        self.stop(server)

    def test_the_workspace_is_empty_but_for_its_admins(self):
        code = 'print(contacts.list().count(), intercom.request("/admins/127").id)'
        self.assertPrints(self.ics("-e", code), "0 127\n")

    def test_seeded_contacts_are_the_same_every_time(self):
        seen = []
        for _ in range(2):
            server, ready = self.sandbox("--db", ":memory:", "--seed", "120")
            result = self.ics(
                "-e", "var n = 0\nfor c in contacts.list(per_page: 50) { n += 1\nprint(n, c.email) }",
                INTERCOM_BASE_URL=ready["url"], INTERCOM_ACCESS_TOKEN=ready["token"])
            self.assertEqual(result.returncode, 0, result.stderr)
            seen.append(result.stdout)
            self.stop(server)
        self.assertEqual(len(seen[0].splitlines()), 120)
        self.assertEqual(seen[0], seen[1])


if __name__ == "__main__":
    unittest.main()
