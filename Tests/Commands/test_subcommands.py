"""The commands beside `run`, and what --json promises to other programs."""
import json
import re
import unittest

from support import ROOT, CommandTest, fake_intercom


class Check(CommandTest):
    def test_every_finding_of_every_file(self):
        self.write("bad.ics", "let a = 1\na = 2\nprint(b)\n")
        self.write("good.ics", "print(1)\n")
        result = self.ics("check", "bad.ics", "good.ics")
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        self.assertRegex(result.stdout, r"(?s)error\[E_ASSIGN_LET\].*bad\.ics:2:1.*error\[E_UNKNOWN_NAME\]")

    def test_nothing_to_find(self):
        self.write("good.ics", 'print("not printed")\n')
        self.assertPrints(self.ics("check", "good.ics"), "")

    def test_json(self):
        self.write("bad.ics", "let = 1\n")
        result = self.ics("check", "--json", "bad.ics")
        found = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual([(f["code"], f["file"], f["line"]) for f in found], [("E_SYNTAX", "bad.ics", 1)])

    def test_a_missing_file(self):
        self.assertFails(self.ics("check", "nowhere.ics"), 66, "nowhere.ics")


class Explain(CommandTest):
    def test_a_code(self):
        for name in ("E_NULL", "null"):
            self.assertRegex(self.ics("explain", name).stdout, r"^E_NULL: .*\n\n(.|\n)+\n")

    def test_a_code_that_there_is_not(self):
        self.assertFails(self.ics("explain", "E_NUL"), 64, "did you mean 'E_NULL'")


class Api(CommandTest):
    def test_operations_with_a_word(self):
        result = self.ics("api", "tags")
        self.assertEqual(result.returncode, 0)
        self.assertIn("GET /contacts/{contact_id}/tags", result.stdout)

    def test_json(self):
        for line in self.ics("api", "--json", "contacts").stdout.splitlines():
            self.assertEqual({"name", "method", "path"} - json.loads(line).keys(), set())


class Request(CommandTest):
    def test_an_answer(self):
        result = self.ics("request", "get", "/me", "--json")
        self.assertEqual(json.loads(result.stdout)["type"], "admin")

    def test_a_body(self):
        with fake_intercom(200, {"id": "1"}) as server:
            body = '{"role": "lead", "email": "a@b.co"}'
            result = self.ics(
                "request", "POST", "/contacts", "--body", "-", stdin=body, INTERCOM_BASE_URL=server.url,
                INTERCOM_ACCESS_TOKEN="token")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(json.loads(server.requests[0][3]), json.loads(body))

    def test_an_error_as_json(self):
        result = self.ics("request", "GET", "/contacts/none", "--json")
        error = json.loads(result.stderr)["error"]
        self.assertEqual((result.returncode, error["code"], error["data"]["status"]), (1, "E_NOT_FOUND", 404))

    def test_a_body_that_is_no_json(self):
        self.assertFails(self.ics("request", "POST", "/contacts", "--body", "{"), 64, "JSON")


class Version(CommandTest):
    def test_it_goes_with_the_changelog(self):
        number = self.ics("version").stdout.split()[1]
        newest = re.findall(r"^## \[(.+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)[0]
        self.assertEqual(newest, "Unreleased" if number.endswith("-dev") else number)


class Errors(CommandTest):
    def test_an_error_is_one_line_of_json(self):
        result = self.ics("--json", "-e", 'throw error("no", kind: "E_MINE", data: {id: 7})')
        error = json.loads(result.stderr)["error"]
        self.assertEqual(result.returncode, 1)
        self.assertEqual(
            error, {"code": "E_MINE", "message": "no", "file": "<code>", "line": 1, "column": 1, "help": None,
                    "data": {"id": 7}})

    def test_limits(self):
        loop = "while true { }"
        for option, value, code in (("--fuel", "1000", "E_FUEL"), ("--timeout", "100ms", "E_TIME_LIMIT")):
            self.assertFails(self.ics(option, value, "-e", loop), 1, code)
        grow = 'let a = []\nwhile true { a.push("{{a.length}}") }'
        self.assertFails(self.ics("-e", grow, "--memory", "4MB"), 1, "E_MEMORY")

    def test_help_of_each_command(self):
        for command in ("run", "check", "sandbox", "api", "request", "connect", "accounts", "disconnect", "explain"):
            result = self.ics(command, "--help")
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertIn(f"ics {command}", result.stdout)


if __name__ == "__main__":
    unittest.main()
