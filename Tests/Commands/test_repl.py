"""The REPL, typed into through a pseudo-terminal."""
import os
import signal
import stat
import time
import unittest

from prompt import MORE, PROMPT, PromptTest


class Repl(PromptTest):
    def test_a_value_is_printed(self):
        self.enter("1 + 2", r"\b3\r\n")
        self.enter('{name: "Ana", plan: null}', r'\{name: "Ana", plan: null\}')
        self.leave()

    def test_names_stay_and_may_be_declared_anew(self):
        self.enter("let x = 20")
        self.enter("x + 1", r"\b21\r\n")
        self.enter('let x = "new"')
        self.enter("x", "new")
        self.enter("fn twice(n) { n * 2 }")
        self.enter("twice(21)", r"\b42\r\n")
        self.leave()

    def test_a_statement_over_several_lines(self):
        self.terminal.sendline("fn add(a, b) {")
        self.terminal.expect(MORE)
        self.terminal.sendline("  a + b")
        self.terminal.expect(MORE)
        self.enter("}")
        self.enter("add(40, 2)", r"\b42\r\n")
        self.terminal.sendline("[1,")
        self.terminal.expect(MORE)
        self.enter("2]", r"\[1, 2\]")
        self.leave()

    def test_an_error_leaves_the_session_alive(self):
        self.enter("let kept = 7")
        for wrong, code in (
            ("kept.email.name", "E_MEMBER|E_NULL|E_TYPE"),
            ("nowhere", "E_UNKNOWN_NAME"),
            ("let = 1", "E_SYNTAX"),
            ("1 ~/ 0", "E_ZERO_DIVISION"),
            ('throw error("no", kind: "E_MINE")', "E_MINE"),
        ):
            with self.subTest(wrong):
                self.enter(wrong, rf"error\[({code})\]")
        self.enter("kept", r"\b7\r\n")
        self.leave()

    def test_ctrl_c_clears_the_line(self):
        self.terminal.send("let half = ")
        self.terminal.expect("half = ")
        self.terminal.sendintr()
        self.terminal.expect(PROMPT)
        self.enter("1 + 1", r"\b2\r\n")
        self.leave()

    def test_ctrl_c_gives_up_a_statement_over_several_lines(self):
        self.terminal.sendline("fn f() {")
        self.terminal.expect(MORE)
        self.terminal.sendintr()
        self.terminal.expect(PROMPT)
        self.enter("2 + 2", r"\b4\r\n")
        self.leave()

    def test_ctrl_c_stops_a_running_script(self):
        self.enter("let kept = 7")
        self.terminal.sendline('print("running"); while true { }')
        self.terminal.expect(r"running\r\n")
        self.terminal.sendintr()
        self.terminal.expect(PROMPT)
        self.enter("kept", r"\b7\r\n")
        self.leave()

    def test_ctrl_c_stops_a_sleeping_script(self):
        self.terminal.sendline('print("sleeping"); sleep(1000)')
        self.terminal.expect(r"sleeping\r\n")
        self.terminal.sendintr()
        self.terminal.expect(PROMPT)
        self.leave()

    def test_the_sandbox_answers(self):
        self.enter('intercom.request("/me").type', "admin")
        self.leave()

    def test_the_history_is_there_again(self):
        self.enter("let remembered = 5")
        self.leave()
        self.terminal = self.open()
        self.terminal.expect(PROMPT)
        self.terminal.send("\x10")  # Ctrl-P: the line before
        self.terminal.expect("let remembered = 5")
        self.terminal.sendcontrol("u")
        self.leave()

    def history(self):
        return (self.home / "history").read_text(encoding="utf-8")

    def test_the_last_value(self):
        self.enter("40 + 1", r"\b41\r\n")
        self.enter("null")
        self.enter("_ + 1", r"\b42\r\n")

    def test_control_characters_are_shown_not_obeyed(self):
        for code in (r'"a\u{1B}[2Jb"', r'print("a\u{1B}]0;title\u{7}b")', r'throw "\u{9B}31m"'):
            shown = self.enter(code)
            self.assertNotRegex(shown, "[\x00-\x08\x0e-\x1f\x7f-\x9f]")

    def test_completion(self):
        self.terminal.send("contacts.cre\t")
        self.terminal.expect("contacts.create")
        self.terminal.sendcontrol("u")
        self.terminal.send("jso\t")
        self.terminal.expect("json")
        self.terminal.sendcontrol("u")
        self.leave()

    def test_commands_of_the_prompt(self):
        self.enter(":help", ":quit")
        self.enter(":vras", "did you mean ':vars'")
        self.enter("let kept = 1")
        self.enter(":vars", "kept")

    def test_many_interrupts(self):
        worst = 0
        for turn in range(60):
            self.terminal.sendline("while true { }" if turn % 2 else "sleep(1000)")
            self.terminal.expect("\r\n")
            time.sleep(0.005)
            began = time.monotonic()
            self.terminal.sendintr()
            self.terminal.expect(PROMPT)
            worst = max(worst, time.monotonic() - began)
        self.assertLess(worst, 0.5)
        self.enter("1 + 1", r"\b2\r\n")

    def test_the_history_survives_a_kill_and_keeps_blocks(self):
        self.terminal.sendline("fn f() {\r  1\r}")
        self.enter("f()", r"\b1\r\n")
        self.terminal.kill(signal.SIGKILL)
        self.assertIn("fn f() {\n  1\n}\n", self.history())
        self.assertEqual(stat.S_IMODE(os.stat(self.home / "history").st_mode), 0o600)

    def test_a_secret_is_masked_and_not_remembered(self):
        self.terminal.close(force=True)
        self.terminal = self.open(INTERCOM_ACCESS_TOKEN="token-4711-secret")
        self.terminal.expect(PROMPT)
        self.terminal.sendline('let t = "token-4711-" + "secret"')
        self.terminal.expect(PROMPT)
        for code in ("t", "print(t)", "throw t"):
            self.assertNotIn("token-4711-secret", self.enter(code))
        self.enter('let u = "token-4711-secret"')
        self.assertNotIn("token-4711-secret", self.history())

    def test_terminated(self):
        self.terminal.kill(signal.SIGTERM)
        self.terminal.wait()
        self.assertEqual(self.terminal.exitstatus, 143)


if __name__ == "__main__":
    unittest.main()
