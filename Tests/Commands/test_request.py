"""`ics request`: one request without a script, and what --verbose and --quiet say."""
import json
import re
import unittest

from support import CommandTest, fake_intercom


class Request(CommandTest):
    def ask(self, server, *arguments, stdin=""):
        return self.ics(
            "request", *arguments, stdin=stdin, INTERCOM_BASE_URL=server.url, INTERCOM_ACCESS_TOKEN="request-token")

    def test_query_and_headers(self):
        with fake_intercom(200, {}) as server:
            result = self.ask(server, "GET", "/contacts?order=asc", "--query", "per_page=5", "--query", "email=a b&c@x.io",
                              "--header", "Intercom-Version: 2.14", "--header", "X-Trace:  a:b")
        self.assertEqual(result.returncode, 0, result.stderr)
        _, path, headers, _ = server.requests[0]
        self.assertEqual(path, "/contacts?order=asc&per_page=5&email=a%20b%26c%40x.io")
        self.assertEqual((headers["Intercom-Version"], headers["X-Trace"]), ("2.14", "a:b"))

    def test_a_body_from_an_argument_a_file_and_standard_input(self):
        body = '{"role": "lead", "name": "Ana"}'
        self.write("body.json", body)
        with fake_intercom(200, {"id": "1"}) as server:
            for given in (body, "@body.json", "-"):
                self.assertEqual(self.ask(server, "POST", "/contacts", "--body", given, stdin=body).returncode, 0)
        self.assertEqual([json.loads(request[3]) for request in server.requests], [json.loads(body)] * 3)

    def test_wrong_usage(self):
        with fake_intercom(200, {}) as server:
            for arguments, words in (
                    (["BOGUS", "/x"], "no method 'BOGUS'"), (["GTE", "/x"], "did you mean GET"), (["", "/x"], "no method"),
                    (["GET\r\n", "/x"], "no method"), (["GET", "/x", "--query", "a"], "name=value"),
                    (["GET", "/x", "--header", "a"], "name: value"), (["POST", "/x", "--body", "{"], "JSON"),
                    (["POST", "/x", "--body", "@nowhere"], "no file 'nowhere'"), (["GET", "x"], "begins with '/'"),
                    (["GET", "//example.com"], "E_VALUE"), (["GET", "/x", "--select", "a..b"], "--select"),
                    (["GET", "/x", "--body", "{}"], "no body"), (["GET"], "path")):
                with self.subTest(arguments):
                    self.assertFails(self.ask(server, *arguments), 64, words)
            self.assertFails(self.ask(server, "GET", "/x", "--header", "Authorization: Bearer abcdefgh"), 1, "E_PERMISSION")
        self.assertEqual(server.requests, [])

    def test_the_status_of_the_answer_decides(self):
        for status, code in ((404, "E_NOT_FOUND"), (401, "E_AUTH"), (422, "E_INVALID_REQUEST"), (409, "E_CONFLICT")):
            with fake_intercom(status, {"type": "error.list", "errors": [{"code": "c", "message": "m"}]}) as server:
                self.assertFails(self.ask(server, "GET", "/me"), 1, code)

    def test_a_part_of_the_answer(self):
        answer = {"data": [{"id": "a", "n": 1.5, "tags": {"data": []}}, {"id": "b"}], "none": None}
        with fake_intercom(200, answer) as server:
            for path, output in (("data.0.id", "a\n"), ("data.-1.id", "b\n"), ("data.0.n", "1.5\n"), ("none", "null\n"),
                                 ("data.0.tags.data", "[]\n")):
                self.assertPrints(self.ask(server, "GET", "/me", "--select", path), output)
            self.assertPrints(self.ask(server, "GET", "/me", "--select", "data.0.id", "--json"), '"a"\n')
            for path, words in (("dta", "nothing at 'dta'; did you mean 'data'"), ("data.2", "nothing at 'data.2'"),
                                ("data.x.y", "nothing at 'data.x'"), ("none.a", "nothing at 'none.a'")):
                self.assertFails(self.ask(server, "GET", "/me", "--select", path), 1, words)

    def test_all_pages(self):
        self.ics("-e", 'for i in 0..<7 { contacts.create({role: "user", external_id: str(i), email: "e{{i}}@x.io"}) }')
        arguments = ["request", "GET", "/contacts", "--query", "per_page=3", "--paginate"]
        lines = self.ics(*arguments).stdout.splitlines()
        self.assertEqual(len({json.loads(line)["id"] for line in lines}), 7)
        emails = self.ics(*arguments, "--select", "email").stdout.splitlines()
        self.assertEqual(sorted(emails), [f"e{i}@x.io" for i in range(7)])
        search = {"query": {"field": "role", "operator": "=", "value": "user"}, "pagination": {"per_page": 2}}
        found = self.ics("request", "POST", "/contacts/search", "--body", json.dumps(search), "--paginate", "--select", "id")
        self.assertEqual(len(set(found.stdout.splitlines())), 7)
        plain = self.ics("request", "GET", "/contacts", "--query", "per_page=3", "--select", "data")
        self.assertEqual(len(json.loads(plain.stdout)), 3)

    def test_an_unchecked_body(self):
        with fake_intercom(200, {}) as server:
            self.assertFails(self.ask(server, "POST", "/contacts", "--body", '{"emial": "x"}'), 1, "did you mean 'email'")
            self.assertEqual(self.ask(server, "POST", "/contacts", "--body", '{"emial": "x"}', "--no-check").returncode, 0)
        self.assertEqual(len(server.requests), 1)


class Talking(CommandTest):
    """--verbose and --quiet."""

    LINE = r"^GET /contacts/\{contact_id\} 404 in \d+ ms \((waited \d+ ms, )?\d+ left, request [0-9a-f]+\)$"

    def test_verbose_has_a_line_for_each_request(self):
        code = 'try { contacts.get("5f0000000000000000000000") } catch e { }\ncontacts.create({role: "lead"})'
        lines = self.ics("run", "--verbose", "--sandbox", "-e", code).stderr.splitlines()
        self.assertTrue(lines[0].startswith("using the local sandbox"))
        self.assertRegex(lines[1], self.LINE)
        self.assertRegex(lines[2], r"^POST /contacts 200 in \d+ ms ")
        self.assertNotIn("5f00000000", "".join(lines), "ids are not shown")

    def test_tries_and_waits(self):
        with fake_intercom(503, {}) as server:
            result = self.ics(
                "run", "--verbose", "-e", 'try { intercom.request("/me", retries: 1) } catch e { print(e.kind) }',
                INTERCOM_BASE_URL=server.url, INTERCOM_ACCESS_TOKEN="request-token")
        self.assertRegex(result.stderr, r"(?m)^GET /me 503 in \d+ ms$")
        self.assertRegex(result.stderr, r"(?m)^GET /me 503 in \d+ ms \(try 2\)$")

    def test_json(self):
        line = self.ics("run", "--verbose", "--json", "-e", "admins.me()").stderr
        request = json.loads(line)["request"]
        self.assertEqual((request["method"], request["path"], request["status"], request["try"]), ("GET", "/me", 200, 1))
        self.assertTrue(request["request_id"])

    def test_quiet_says_nothing_but_errors(self):
        code = 'contacts.create({role: "lead"})\nlog.info("hello")\non contact.created as c { }\nthrow "no"'
        result = self.ics("run", "--quiet", "-e", code)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertTrue(re.match(r"error", result.stderr), result.stderr)


if __name__ == "__main__":
    unittest.main()
