"""The tools around scripts: fmt, test, doctor, config, completions, man; and what other programs rely on."""
import itertools
import json
import os
import pty
import re
import subprocess
import termios
import struct
import fcntl
import unittest
import xml.etree.ElementTree

from support import BINARY, ROOT, TIMEOUT, CommandTest, environment, fake_intercom


class Format(CommandTest):
    def test_in_place(self):
        path = self.write("a.ics", "let   x=1\n\n\n\n// kept\nprint( x )")
        path.chmod(0o640)
        self.assertPrints(self.ics("fmt", "a.ics"), "")
        self.assertEqual(path.read_text(), "let x = 1\n\n// kept\nprint(x)\n")
        self.assertEqual(path.stat().st_mode & 0o7777, 0o640)

    def test_a_formatted_file_is_not_touched(self):
        path = self.write("a.ics", "let x = 1\n")
        os.utime(path, (1, 1))
        self.assertPrints(self.ics("fmt", "a.ics"), "")
        self.assertEqual(path.stat().st_mtime, 1)

    def test_standard_input(self):
        self.assertPrints(self.ics("fmt", stdin="let  x=1"), "let x = 1\n")
        self.assertPrints(self.ics("fmt", "-", stdin="let  x=1"), "let x = 1\n")

    def test_check_names_the_files_and_changes_nothing(self):
        path = self.write("a.ics", "let  x=1\n")
        self.write("b.ics", "let x = 1\n")
        result = self.ics("fmt", "--check", ".")
        self.assertEqual((result.returncode, result.stdout), (1, "a.ics\n"))
        self.assertEqual(path.read_text(), "let  x=1\n")

    def test_a_broken_file_stays(self):
        path = self.write("bad.ics", "let  = 1\n")
        self.write("good.ics", "let  x=1\n")
        result = self.ics("fmt", "bad.ics", "good.ics")
        self.assertEqual(result.returncode, 1)
        self.assertIn("E_SYNTAX", result.stderr)
        self.assertEqual(path.read_text(), "let  = 1\n")
        self.assertEqual((self.folder / "good.ics").read_text(), "let x = 1\n")

    def test_a_link_stays_a_link(self):
        path = self.write("a.ics", "let  x=1\n")
        (self.folder / "link.ics").symlink_to(path)
        self.assertPrints(self.ics("fmt", "link.ics"), "")
        self.assertTrue((self.folder / "link.ics").is_symlink())
        self.assertEqual(path.read_text(), "let x = 1\n")

    def test_a_missing_file(self):
        self.assertFails(self.ics("fmt", "nowhere.ics"), 66, "nowhere.ics")

    def test_every_script_of_the_repository(self):
        """Formatting twice is formatting once; what is formatted has the same comments."""
        texts = {}
        for folder in ("stdlib", "scripts", "Tests"):
            for path in (ROOT / folder).rglob("*.ics"):
                copy = self.folder / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                texts[copy] = path.read_bytes()
                copy.write_bytes(texts[copy])
        self.assertGreater(len(texts), 50)
        self.ics("fmt", ".")
        once = {path: path.read_bytes() for path in texts}
        # Files with errors stay as they are, and are no findings of --check.
        self.assertEqual(self.ics("fmt", "--check", ".").stdout, "")
        for path, text in texts.items():
            self.assertEqual(comments(text), comments(once[path]), str(path))


def comments(text):
    """The comments of a script: what stands in strings is none."""
    found = re.findall(rb'"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|(//[^\n]*)', text)
    return sorted(comment.rstrip() for comment in found if comment)


TESTS = """import { test, expect } from "std/test"
import { pick } from "./lib.ics"
test("sums", () => expect(1 + 1).to_equal(2))
test("picks", () => { expect(pick(3)).to_equal("big") })
test("waits a day", () => { sleep(1d); expect(1).to_equal(1) })
test("a workspace", () => {
  expect(contacts.list().count()).to_equal(0)
  contacts.create({role: "lead", email: "a@b.c"})
  expect(contacts.list().count()).to_equal(1)
})
"""
LIBRARY = """export fn pick(n) {
  if n > 2 {
    return "big"
  }
  return "small"
}
"""


class Tests(CommandTest):
    def setUp(self):
        super().setUp()
        self.write("lib.ics", LIBRARY)
        self.write("a_test.ics", TESTS)

    def test_all_pass(self):
        result = self.ics("test")
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        self.assertRegex(result.stdout, r"(?s)a_test\.ics\n  ok +sums.*ok +waits a day.*\n4 passed in \d+ ms\n")

    def test_each_file_has_a_fresh_workspace(self):
        self.write("b_test.ics", TESTS)
        self.assertEqual(self.ics("test").returncode, 0)

    def test_a_failure_points_into_the_test(self):
        self.write("b_test.ics", 'import { test, expect } from "std/test"\nprint("said")\ntest("bad", () => expect(1).to_equal(2))\n')
        result = self.ics("test", "--coverage")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"FAILED  bad(.|\n)*E_ASSERT(.|\n)*b_test\.ics:3:19\n(.|\n)*│ said")
        self.assertNotIn("test_run", result.stdout)
        self.assertIn("4 passed, 1 failed", result.stdout)

    def test_the_real_workspace_is_never_asked(self):
        result = self.ics("test", INTERCOM_ACCESS_TOKEN="token-4711", INTERCOM_BASE_URL="http://127.0.0.1:1")
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_filter(self):
        result = self.ics("test", "--filter", "sum")
        self.assertIn("1 passed", result.stdout)
        self.assertEqual(self.ics("test", "--filter", "zzz").returncode, 1)

    def test_junit(self):
        self.write("b_test.ics", 'import { test } from "std/test"\ntest("<bad> & \\u{1B}", () => { throw "x" })\n')
        self.ics("test", "--junit", "results.xml")
        suites = xml.etree.ElementTree.parse(self.folder / "results.xml").getroot()
        self.assertEqual((suites.get("tests"), suites.get("failures")), ("5", "1"))
        case = suites.findall("testsuite")[1].find("testcase")
        self.assertEqual(case.get("name"), "<bad> & \\u{1B}")
        self.assertEqual(case.find("failure").get("type"), "E_THROWN")

    def test_coverage(self):
        result = self.ics("test", "--coverage")
        self.assertIn("coverage  lib.ics  66.6 % (2/3)  missed: 5", result.stdout)

    def test_json(self):
        lines = [json.loads(line) for line in self.ics("test", "--json").stdout.splitlines()]
        self.assertEqual([line["name"] for line in lines], ["sums", "picks", "waits a day", "a workspace"])
        self.assertTrue(all(line["passed"] for line in lines))

    def test_files_that_are_no_tests(self):
        self.write("c_test.ics", "let = 1\n")
        result = self.ics("test", "c_test.ics")
        self.assertEqual(result.returncode, 1)
        self.assertIn("E_SYNTAX", result.stdout)
        self.assertEqual(self.ics("test", "nowhere_test.ics").returncode, 66)


class Config(CommandTest):
    def config(self, *arguments, **variables):
        return self.ics("config", *arguments, HOME=str(self.folder), XDG_CONFIG_HOME="", **variables)

    def test_settings_are_written_and_read(self):
        self.assertPrints(self.config("--path"), str(self.folder / ".config/ics/config.toml") + "\n")
        self.assertPrints(self.config("view", "json"), "")
        self.assertPrints(self.config("view"), "json\n")
        self.assertPrints(self.config("view", ICS_VIEW="csv"), "csv\n")
        self.assertRegex(self.config().stdout, r"view +json +file")
        self.assertPrints(self.config("--unset", "view"), "")
        self.assertEqual(self.config("view").returncode, 1)

    def test_comments_stay(self):
        path = self.folder / ".config/ics/config.toml"
        path.parent.mkdir(parents=True)
        path.write_text('# mine\ncolor = "never" # always\n')
        self.config("pager", "less -R")
        self.assertEqual(path.read_text(), '# mine\ncolor = "never" # always\npager = "less -R"\n')

    def test_mistakes_name_the_line(self):
        path = self.folder / ".config/ics/config.toml"
        path.parent.mkdir(parents=True)
        for text, pattern in (
            ('\nview = "tabel"\n', r"config\.toml:2: 'view' is one of"),
            ("colr = 1\n", r":1: there is no setting 'colr'; did you mean 'color'"),
            ("color = never\n", r":1: the value of 'color' is no string"),
            ('color = "never"\ncolor = "auto"\n', r":2: 'color' is set twice"),
            ("[colors]\n", ":1: there are no tables"), ("hello\n", ":1: this is no setting"),
            ('color = "never" x\n', ":1: the value"),
        ):
            with self.subTest(text):
                path.write_text(text)
                self.assertFails(self.config(), 1, pattern)
        # A script runs all the same, and hears of it when a setting is asked for.
        result = self.ics("-e", "nowhere", HOME=str(self.folder), XDG_CONFIG_HOME="", NO_COLOR="")
        self.assertRegex(result.stderr, r"^warning: .*config\.toml:1")
        self.assertFails(self.config("colr", "x"), 64, "did you mean 'color'")
        self.assertFails(self.config("color", "red"), 64, "auto, always, never")


class Colours(CommandTest):
    """The first that is said counts: flag, ICS_COLOR, FORCE_COLOR, NO_COLOR, the file, TERM, the terminal."""

    ROWS = [
        # flag, variables, terminal, colours
        (None, {}, True, True),
        (None, {}, False, False),
        (None, {"TERM": "dumb"}, True, False),
        (None, {"TERM": ""}, True, False),
        (None, {"NO_COLOR": "1"}, True, False),
        (None, {"NO_COLOR": "0"}, True, False),
        (None, {"NO_COLOR": ""}, True, True),
        (None, {"FORCE_COLOR": "1"}, False, True),
        (None, {"FORCE_COLOR": "0"}, True, False),
        (None, {"CLICOLOR_FORCE": "1"}, False, True),
        (None, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, True),
        (None, {"FORCE_COLOR": "1", "TERM": "dumb"}, False, True),
        (None, {"ICS_COLOR": "never", "FORCE_COLOR": "1"}, True, False),
        (None, {"ICS_COLOR": "always", "NO_COLOR": "1"}, False, True),
        (None, {"file": "always"}, False, True),
        (None, {"file": "always", "NO_COLOR": "1"}, True, False),
        (None, {"file": "never"}, True, False),
        ("always", {"NO_COLOR": "1", "ICS_COLOR": "never"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ]

    def test_every_row(self):
        for flag, variables, is_terminal, expected in self.ROWS:
            with self.subTest(flag=flag, variables=variables, terminal=is_terminal):
                variables = {"NO_COLOR": "", "TERM": "xterm", "ICS_CONFIG": "", **variables}
                choice = variables.pop("file", None)
                if choice:
                    variables["ICS_CONFIG"] = str(self.write("config.toml", f'color = "{choice}"\n'))
                arguments = ["run"] + (["--color", flag] if flag else []) + ["-e", "nowhere"]
                _, errors = run(arguments, self, is_terminal, variables)
                self.assertEqual("\x1b[" in errors, expected, errors)


def run(arguments, test, is_terminal, variables, width=80):
    """Runs ics with its output in a pipe or on a terminal; gives standard output and standard error."""
    env = environment(test.home, **variables)
    if not is_terminal:
        result = subprocess.run([BINARY, *arguments], cwd=test.folder, env=env, capture_output=True, timeout=TIMEOUT, check=False,
                                stdin=subprocess.DEVNULL)
        return result.stdout.decode(), result.stderr.decode()
    texts = []
    # Each stream has a terminal of its own, which leaves the bytes as they are.
    pairs = [pty.openpty() for _ in range(2)]
    for _, end in pairs:
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        settings = termios.tcgetattr(end)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(end, termios.TCSANOW, settings)
    process = subprocess.Popen([BINARY, *arguments], cwd=test.folder, env=env, stdin=subprocess.DEVNULL,
                               stdout=pairs[0][1], stderr=pairs[1][1])
    for _, end in pairs:
        os.close(end)
    for reader, _ in pairs:
        text = b""
        while True:
            try:
                piece = os.read(reader, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
        os.close(reader)
        texts.append(text.decode())
    process.wait(TIMEOUT)
    return tuple(texts)


class Json(CommandTest):
    def test_the_same_bytes_everywhere(self):
        self.write("bad.ics", 'let a = 1\na = "名前 \\u{9B}31m"\nprint(b)\n')
        self.write("lib.ics", LIBRARY)
        self.write("fails.ics", 'log.info("x", n: 1)\nthrow error("no \\u{1B}[2J", kind: "E_MINE", data: {a: 1})\n')
        commands = [
            ["check", "--json", "bad.ics"], ["api", "--json", "contacts"], ["api", "--json", "contacts.create"],
            ["api", "--json", "zzz"], ["explain", "--json", "E_NULL"], ["explain", "--json"], ["explain", "--json", "E_NUL"],
            ["request", "--json", "--sandbox", "GET", "/contacts?per_page=2"], ["request", "--json", "--sandbox", "GET", "/nowhere"],
            ["run", "--json", "fails.ics"], ["run", "--json", "nowhere.ics"], ["run", "--json", "bad.ics"],
            ["run", "--json", "--nothing"], ["accounts", "--json"], ["config", "--json"], ["config", "--json", "nothing"],
            ["fmt", "--json", "bad.ics", "nowhere.ics"], ["test", "--json"], ["events", "--json"], ["runs", "list", "--json"],
            ["trigger", "contact.created", "--json"], ["disconnect", "nobody", "--json"],
        ]
        for command in commands:
            with self.subTest(command):
                seen = set()
                for is_terminal, name, width in itertools.product((True, False), ("dumb", "xterm"), (40, 200)):
                    output, errors = run(command, self, is_terminal, {"TERM": name, "NO_COLOR": ""}, width)
                    # What differs between any two requests.
                    text = re.sub(r'"request_id":"[^"]*"', "", output + "\n--\n" + errors)
                    seen.add(text)
                    for line in (output + errors).splitlines():
                        json.loads(line)
                self.assertEqual(len(seen), 1, seen)
                self.assertNotIn("\x1b", seen.pop())


    def test_servers_say_the_same_bytes_everywhere(self):
        self.write("hook.ics", "every 1h \"hourly\" { print(1) }\n")
        for command in (["serve", "--port", "0", "--json", "hook.ics"], ["sandbox", "--port", "0", "--json", "--db", ":memory:"]):
            with self.subTest(command):
                seen = set()
                for is_terminal, name, width in itertools.product((True, False), ("dumb", "xterm"), (40, 200)):
                    text = self.ready_line(command, is_terminal, {"TERM": name, "NO_COLOR": ""}, width)
                    self.assertEqual(json.loads(text)["event"], "ready")
                    # What differs between any two servers.
                    seen.add(re.sub(r":\d+\b", ":PORT", text))
                self.assertEqual(len(seen), 1, seen)

    def ready_line(self, command, is_terminal, variables, width):
        """The first line of a server, which is ended then."""
        reader, writer = pty.openpty() if is_terminal else os.pipe()
        if is_terminal:
            fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
            settings = termios.tcgetattr(writer)
            settings[1] &= ~termios.OPOST
            termios.tcsetattr(writer, termios.TCSANOW, settings)
        process = subprocess.Popen([BINARY, *command], cwd=self.folder, env=environment(self.home, **variables),
                                   stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.DEVNULL)
        os.close(writer)
        try:
            text = b""
            while not text.endswith(b"\n"):
                text += os.read(reader, 1)
            return text.decode()
        finally:
            process.terminate()
            process.wait(TIMEOUT)
            os.close(reader)


class Doctor(CommandTest):
    def test_what_is_there(self):
        result = self.ics("doctor")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertRegex(result.stdout, r"(?s)version +ics .*accounts +no account is connected.*'ics connect'")

    def test_what_is_wrong(self):
        self.home.write_text("a file\n")
        result = self.ics("doctor", ICS_CONFIG=str(self.write("config.toml", "x\n")))
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stdout, r"bad +home .*is not a folder")
        self.assertRegex(result.stdout, r"bad +settings .*config\.toml:1")

    def test_online_and_json(self):
        lines = [json.loads(line) for line in self.ics("doctor", "--online", "--json").stdout.splitlines()]
        self.assertIn(("online", "ok"), [(line["name"], line["state"]) for line in lines])

    def test_no_token_is_shown(self):
        self.assertNotIn("token-4711", self.ics("doctor", INTERCOM_ACCESS_TOKEN="token-4711").stdout)


class Manual(CommandTest):
    def test_completion_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            text = self.ics("completions", shell).stdout
            for word in ("sandbox", "completions", "dry-run", "allow-net"):
                self.assertIn(word, text, shell)
        script = self.write("ics.bash", self.ics("completions", "bash").stdout)
        self.assertEqual(subprocess.run(["bash", "-n", str(script)], check=False).returncode, 0)
        self.assertFails(self.ics("completions", "tcsh"), 64, "bash, zsh or fish")

    def test_the_shell_offers_what_is_there(self):
        """Bash itself completes, by the script that ics prints."""
        script = self.write("ics.bash", self.ics("completions", "bash").stdout)
        me = {"type": "admin", "id": "1", "email": "a@b.c", "app": {"id_code": "x", "name": "Acme", "region": "US"}}
        with fake_intercom(200, me) as server:
            made = self.ics("connect", "acme", "--token", stdin="token-of-acme-4711\n", INTERCOM_BASE_URL=server.url)
        self.assertEqual(made.returncode, 0, made.stderr)
        for words, expected in (
                (["trigger", "contact.user.cre"], "contact.user.created"), (["explain", "E_NUL"], "E_NULL"),
                (["disconnect", "ac"], "acme"), (["run", "--account", "ac"], "acme"), (["api", "conta"], "contacts"),
                (["request", "GET", "/contacts/sea"], "/contacts/search"), (["config", "pag"], "pager")):
            with self.subTest(words):
                line = " ".join(["ics", *words])
                code = f"""
                    source {script}
                    ics() {{ {BINARY} "$@"; }}
                    COMP_WORDS=({line}); COMP_CWORD={len(words)}; COMP_LINE='{line}'; COMP_POINT={len(line)}
                    COMP_TYPE=9; COMP_KEY=9
                    _ics ics {words[-1]} {words[-2] if len(words) > 1 else 'ics'}
                    printf '%s\\n' "${{COMPREPLY[@]}}"
                    """
                result = subprocess.run(
                    ["bash", "-c", code], capture_output=True, text=True, timeout=TIMEOUT, check=False, cwd=self.folder,
                    env=environment(self.home, PATH=f"{self.folder}:{os.environ['PATH']}"))
                self.assertIn(expected, result.stdout.split(), result.stderr)

    def test_completions_have_every_option_of_run(self):
        text = self.ics("completions", "bash").stdout
        options = re.findall(r"^  (--[a-z-]+)", self.ics("run", "--help").stdout, re.M)
        self.assertGreater(len(options), 10)
        for option in options:
            self.assertIn(option, text)

    def test_the_manual_page(self):
        text = self.ics("man").stdout
        self.assertTrue(text.startswith(".TH ICS 1"))
        for word in ("ics fmt", "\\-\\-dry\\-run", "ICS_HOME", ":save FILE", "143"):
            self.assertIn(word, text)

    def test_every_command_has_help_with_an_example(self):
        names = re.findall(r"^  ics ([a-z]+)(?= |$)", self.ics("--help").stdout, re.M)
        self.assertGreater(len(names), 12)
        for name in sorted(set(names) - {"version"}):
            with self.subTest(name):
                result = self.ics(name, "--help")
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                self.assertRegex(result.stdout, rf"Examples?:(.|\n)*ics {name}")


if __name__ == "__main__":
    unittest.main()
