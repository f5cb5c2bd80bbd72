"""Running scripts: where the text comes from, arguments, statuses, what goes to which stream."""
import os
import shutil
import signal
import subprocess
import unittest

from support import BINARY, CommandTest, environment, fake_intercom


class Running(CommandTest):
    def test_a_file(self):
        self.write("hello.ics", 'print("hello")\n')
        self.assertPrints(self.ics("run", "hello.ics"), "hello\n")
        self.assertPrints(self.ics("hello.ics"), "hello\n")

    def test_code_in_an_argument(self):
        self.assertPrints(self.ics("-e", "print(1 + 2)"), "3\n")

    def test_standard_input(self):
        self.assertPrints(self.ics(stdin='let x = 20\nprint(x * 2 + 2)\n'), "42\n")

    def test_closed_standard_streams(self):
        def close(number):
            return lambda: os.close(number)
        for number, code, status in [(0, None, 0), (1, "print(1)", 1)]:
            command = [BINARY] if code is None else [BINARY, "-e", code]
            process = subprocess.run(
                command, preexec_fn=close(number), stdin=None, stderr=subprocess.PIPE, timeout=20, check=False,
                env=environment(self.home), cwd=self.folder)
            self.assertEqual(process.returncode, status, process.stderr)

    def test_nothing_to_run(self):
        self.write("empty.ics", "")
        self.assertPrints(self.ics("run", "empty.ics"), "")
        self.assertPrints(self.ics(), "")

    def test_arguments(self):
        self.write("args.ics", "print(args)\n")
        self.assertPrints(self.ics("run", "args.ics", "one", "--two"), '["one", "--two"]\n')

    def test_a_script_that_needs_no_workspace_says_nothing_about_one(self):
        self.assertEqual(self.ics("-e", "print(1)").stderr, "")

    def test_hooks_are_said_to_be_unserved_once(self):
        hooks = "on contact.created as c { print(c) }\nevery 15m { print(1) }\nprint(2)"
        result = self.ics("-e", hooks)
        self.assertEqual((result.returncode, result.stdout), (0, "2\n"))
        self.assertEqual(result.stderr.count("does not serve them"), 1)
        self.assertEqual(self.ics("run", "--quiet", "-e", hooks).stderr, "")

    def test_version_and_help(self):
        self.assertRegex(self.ics("version").stdout, r"\d+\.\d+\.\d+")
        result = self.ics("--help")
        self.assertEqual(result.returncode, 0)
        for word in ("run", "sandbox"):
            self.assertIn(word, result.stdout)

    def test_output_is_bytes_of_utf8(self):
        result = self.ics("-e", 'print("Zoë 李")', binary=True, LC_ALL="C")
        self.assertEqual(result.stdout, "Zoë 李\n".encode())

    def test_case_does_not_depend_on_the_locale(self):
        locales = self.folder / "locales"
        locales.mkdir()
        made = shutil.which("localedef") and subprocess.run(
            ["localedef", "-i", "tr_TR", "-f", "UTF-8", str(locales / "tr_TR.UTF-8")], capture_output=True, check=False)
        # 1 is a warning: the locale was made.
        if not made or made.returncode > 1 or not (locales / "tr_TR.UTF-8").exists():
            self.skipTest("no Turkish locale can be made here")
        turkish = {"LOCPATH": str(locales), "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
        # The locale is one where capitals differ: the test could fail.
        probe = "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.localeconv()['decimal_point'])"
        found = subprocess.run(
            ["/usr/bin/env", "python3", "-c", probe], env={**os.environ, **turkish}, capture_output=True, text=True,
            check=False)
        self.assertEqual(found.stdout.strip(), ",", found.stderr)
        text = (
            'print("title".upper(), "TITLE I".lower(), "straße".upper(), regex("(?i)TITLE").test("title"))\n'
            'print(1.5, float("2.5"), format(1234.5, decimals: 1, group: true), json.stringify([0.5]), json.parse("1.5"))\n'
            'print(time.format(0, "EEEE d MMMM"), ["i", "ı", "I"].sort())')
        plain = self.ics("-e", text)
        self.assertEqual(plain.returncode, 0, plain.stderr)
        self.assertEqual(self.ics("-e", text, **turkish).stdout, plain.stdout)
        self.assertTrue(plain.stdout.startswith("TITLE title i STRASSE true\n1.5 2.5 1,234.5 [0.5] 1.5\n"), plain.stdout)

    def test_a_closed_pipe_ends_it_quietly(self):
        process = self.start("-e", "for i in 0..<1_000_000 { print(i) }")
        self.assertEqual(process.stdout.readline(), "0\n")
        process.stdout.close()
        process.wait(timeout=60)
        self.assertEqual(process.stderr.read(), "")

    def test_interrupted(self):
        with fake_intercom(200, {"type": "admin"}) as server:
            process = self.start(
                "-e", 'intercom.request("/me")\nwhile true { }',
                INTERCOM_BASE_URL=server.url, INTERCOM_ACCESS_TOKEN="token")
            self.assertTrue(server.asked.wait(20), "the script runs")
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        self.assertNoCrash(errors, process.returncode)
        self.assertEqual(process.returncode, 130)


class Failing(CommandTest):
    def test_a_syntax_error(self):
        self.assertFails(self.ics("-e", "let = 1"), 2, r"error\[E_SYNTAX\]")

    def test_an_unknown_name(self):
        result = self.ics("-e", 'let contact = 1\nprint(contcat)')
        self.assertFails(result, 2, r"error\[E_UNKNOWN_NAME\].*'contcat'", "did you mean 'contact'")

    def test_nothing_runs_before_the_whole_script_is_known_to_be_right(self):
        self.assertFails(self.ics("-e", 'print("too early")\nprint(nowhere)'), 2, "E_UNKNOWN_NAME")

    def test_a_runtime_error(self):
        self.write("null.ics", "let x = null\nx.email\n")
        self.assertFails(self.ics("run", "null.ics"), 1, r"error\[E_NULL\]", "null.ics:2")

    def test_what_was_printed_before_an_error_is_there(self):
        result = self.ics("-e", 'print("one")\n[1][5]')
        self.assertEqual((result.stdout, result.returncode), ("one\n", 1))
        self.assertIn("E_INDEX", result.stderr)

    def test_a_missing_file(self):
        self.assertFails(self.ics("run", "nowhere.ics"), 66, "nowhere.ics")

    def test_wrong_usage(self):
        for arguments in (["run"], ["run", "--no-such-option", "x.ics"], ["-e"], ["sandbox", "--port", "many"]):
            with self.subTest(arguments):
                result = self.ics(*arguments)
                self.assertEqual((result.returncode, result.stdout), (64, ""), result.stderr)
                self.assertNotEqual(result.stderr, "")

    def test_deep_recursion(self):
        self.assertFails(self.ics("-e", "fn f(n) { f(n + 1) + 1 }\nf(0)"), 1, r"error\[E_DEPTH\]")

    def test_deep_nesting(self):
        self.assertFails(self.ics("-e", "print(" + "[" * 20_000 + "]" * 20_000 + ")"), 2, r"error\[E_SYNTAX\]")

    def test_no_colour_in_a_pipe(self):
        result = subprocess.run(
            [BINARY, "-e", "nowhere"], capture_output=True, cwd=self.folder, check=False,
            env={k: v for k, v in environment(self.home).items() if k != "NO_COLOR"})
        self.assertNotIn(b"\x1b", result.stderr)


if __name__ == "__main__":
    unittest.main()
