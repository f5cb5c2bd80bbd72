"""The line that is typed: colours, brackets, mistakes, suggestions; and what the screen looks like while it is edited."""
import unittest

from prompt import MORE, PROMPT, PromptTest
from screen import Screen


class Line(PromptTest):
    """What has been typed is drawn on a screen, which is looked at until it is as expected."""

    terminal_name = "xterm"
    columns = 60

    def setUp(self):
        super().setUp()
        self.terminal.close(force=True)
        self.terminal = self.open(NO_COLOR="")
        self.screen = Screen(self.columns)
        self.until(lambda: self.screen.rows[-1] == "ics>")

    def until(self, condition):
        def look():
            try:
                self.screen.write(self.terminal.read_nonblocking(4096, timeout=0.01))
            except Exception as error:  # A timeout: nothing new.
                if type(error).__name__ != "TIMEOUT":
                    raise
            return condition()
        self.wait_for(look)

    def type(self, keys, row):
        """Types, and waits until the last row is this."""
        self.terminal.send(keys)
        self.until(lambda: self.screen.rows[-1] == row)

    def test_words_strings_and_numbers_have_colours(self):
        self.type('let a = "x" + 12', 'ics> let a = "x" + 12')
        self.until(lambda: self.screen.styles("12") == ["36", "36"])
        self.assertEqual(self.screen.styles("let"), ["35"] * 3)
        self.assertEqual(self.screen.styles('"x"'), ["32"] * 3)
        self.assertEqual(self.screen.styles("a ="), [""] * 3)

    def test_the_bracket_that_belongs_to_the_one_before_the_cursor(self):
        self.type("f(a, [1)", "ics> f(a, [1)")
        self.type("\x15g(a, [1])", "ics> g(a, [1])")
        self.until(lambda: "1" in self.screen.styles("(")[0].split(";"))
        self.assertEqual(self.screen.styles("["), [""])
        self.terminal.send("\x02")
        self.until(lambda: "1" in self.screen.styles("[")[0].split(";"))
        self.assertEqual(self.screen.styles("("), [""])

    def test_a_mistake_is_underlined_before_it_is_entered(self):
        self.type("let a = )", "ics> let a = )")
        self.type(" + 2", "ics> let a = ) + 2")
        self.until(lambda: "4" in self.screen.styles(")")[0].split(";"))
        self.assertEqual(self.screen.styles("let"), ["35"] * 3)
        for right in ("[1, 2].map(x => x + 1)", "if true { 1 } else", '"{{1 + 2}} of"', "{a: 1, b: 2}", "contacts?", 'f("a"'):
            self.type("\x05\x15" + right, "ics> " + right)
            self.type("\x1b[D", "ics> " + right)
            self.assertFalse(any("4" in style.split(";") for style in self.screen.styles(right)), right)

    def test_in_a_second_line_the_first_one_counts(self):
        self.terminal.send("fn f(a) {\r")
        self.until(lambda: self.screen.rows[-1] == "...>")
        self.type("  a }  // end", "...>   a }  // end")
        self.until(lambda: self.screen.styles("// end")[0] == "2")
        self.assertFalse(any("4" in style.split(";") for style in self.screen.styles("a }")))

    def test_a_suggestion_from_the_history_is_grey_and_right_takes_it(self):
        self.terminal.send("let customer = 42\r")
        self.until(lambda: self.screen.rows[-1] == "ics>")
        self.type("let c", "ics> let customer = 42")
        self.until(lambda: self.screen.styles("ustomer") == ["2"] * 7)
        self.assertEqual(self.screen.column, len("ics> let c"))
        self.terminal.send("\x1b[C")
        self.until(lambda: self.screen.column == len("ics> let customer = 42"))
        self.terminal.send("\r")
        self.until(lambda: self.screen.rows[-1] == "ics>")
        self.type("customer", "ics> customer")
        self.terminal.send("\r")
        self.until(lambda: self.screen.rows[-2:] == ["42", "ics>"])

    def test_a_suggestion_is_not_entered(self):
        self.terminal.send("1 + 41\r")
        self.until(lambda: self.screen.rows[-1] == "ics>")
        self.type("1 +", "ics> 1 + 41")
        self.terminal.send(" 1\r")
        self.until(lambda: self.screen.rows[-3:] == ["ics> 1 + 1", "2", "ics>"])

    def test_a_line_longer_than_the_screen_can_be_edited(self):
        text = "let text = \"" + "word " * 16 + "\""
        self.terminal.send(text)
        self.until(lambda: "".join(self.screen.rows[-2:]).endswith('word "'))
        self.terminal.send("\x01\x1b[C\x1b[C\x1b[C\x1b[C" + "my_" + "\r")
        self.until(lambda: self.screen.rows[-1] == "ics>")
        self.terminal.send("my_text.length\r")
        self.until(lambda: self.screen.rows[-2:] == ["80", "ics>"])

    def test_candidates_are_listed_below_and_the_line_again(self):
        self.terminal.send("let order = {number: 7, note: 1}\r")
        self.until(lambda: self.screen.rows[-1] == "ics>")
        self.terminal.send("print(order.n\t")
        self.until(lambda: self.screen.rows[-1] == "ics> print(order.n" and len(self.screen.rows) > 4)
        listed = self.screen.rows[-3:-1]
        self.assertEqual([row.split()[:2] for row in listed], [["note", "int"], ["number", "int"]])

    def test_a_block_comes_back_as_a_whole_and_can_be_changed(self):
        for line in ("fn twice(n) {", "  n * 2", "}"):
            self.terminal.send(line + "\r")
            self.until(lambda: self.screen.rows[-1] in ("ics>", "...>"))
        self.until(lambda: self.screen.rows[-1] == "ics>")
        self.terminal.send("\x1b[A")
        self.until(lambda: self.screen.rows[-1] == "}")
        self.assertIn("  n * 2", self.screen.rows[-2])
        # Up to the 2, which becomes a 3.
        self.terminal.send("\x02\x02\x08" + "3\r")
        self.until(lambda: self.screen.rows[-1] == "ics>")
        self.terminal.send("twice(14)\r")
        self.until(lambda: self.screen.rows[-2:] == ["42", "ics>"])


class Editor(PromptTest):
    def test_an_entry_that_is_not_there_is_not_edited(self):
        self.terminal = self.open(EDITOR="touch edited; false")
        self.terminal.expect(PROMPT)
        self.assertNotIn("was not changed", self.enter(":edit 99", "there is no entry 99"))
        self.assertFalse((self.folder / "edited").exists())

    def test_an_editor_that_cannot_be_used_says_why(self):
        for variables, reason in (
                ({"EDITOR": "false"}, "'false' ended with 1"), ({"EDITOR": "no-such-editor"}, "ended with 127"),
                ({"EDITOR": "true", "TMPDIR": "/nowhere"}, "No such file or directory")):
            with self.subTest(variables):
                self.terminal.close(force=True)
                self.terminal = self.open(**variables)
                self.terminal.expect(PROMPT)
                self.enter("1 + 1", r"\b2\r\n")
                self.enter(":edit", "the entry was not changed: .*" + reason)

    def test_a_full_disk_is_not_every_error(self):
        self.terminal.close(force=True)
        # The file may not grow at all: that is no full disk.
        self.terminal = self.open_with_limit()
        self.terminal.expect(PROMPT)
        self.enter(":edit", "cannot be written: File too large")

    def open_with_limit(self):
        import pexpect
        from support import BINARY, environment
        terminal = pexpect.spawn(
            "/bin/sh", ["-c", f"trap '' XFSZ; ulimit -f 0; exec {BINARY}"], cwd=str(self.folder), encoding="utf-8", timeout=30,
            env=environment(self.home, TERM="dumb", EDITOR="true"), dimensions=(40, 100))
        terminal.delaybeforesend = None
        self.addCleanup(terminal.close, force=True)
        return terminal


if __name__ == "__main__":
    unittest.main()
