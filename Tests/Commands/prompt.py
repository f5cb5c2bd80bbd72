"""A prompt to type into, for the tests of the REPL."""
import pexpect

from support import BINARY, CRASH, CommandTest, environment

PROMPT = r"ics> "
MORE = r"\.\.\.> "


class PromptTest(CommandTest):
    """A test with a prompt of its own. pexpect keeps the terminal's echo on: with it off readline draws nothing."""

    columns = 100
    terminal_name = "dumb"

    def setUp(self):
        super().setUp()
        self.terminal = self.open()
        self.terminal.expect(PROMPT)

    def open(self, *arguments, rows=40, columns=None, **variables):
        terminal = pexpect.spawn(
            BINARY, list(arguments), env=environment(self.home, **{"TERM": self.terminal_name, **variables}),
            cwd=str(self.folder), encoding="utf-8", timeout=30, dimensions=(rows, columns or self.columns))
        terminal.delaybeforesend = None
        self.addCleanup(terminal.close, force=True)
        return terminal

    def enter(self, line, *expected):
        """Types a line; each pattern must follow, then the prompt. Returns the lines that stood before the prompt."""
        self.terminal.sendline(line)
        for pattern in expected:
            self.terminal.expect(pattern)
        self.terminal.expect(PROMPT)
        return self.terminal.before

    def shown(self, line):
        """What an entry shows, as lines, without its echo."""
        self.terminal.sendline(line)
        self.terminal.expect(PROMPT)
        text = self.terminal.before.replace("\r\n", "\n")
        return text.split("\n")[1:-1]

    def offered(self, text):
        """What completion offers behind a text: lists of a candidate's columns."""
        return [line.split("  ")[0].strip() for line in self.shown(":complete " + text)]

    def leave(self):
        """Ctrl-D: the session ends with 0."""
        self.terminal.sendeof()
        self.terminal.expect(pexpect.EOF)
        self.terminal.close()
        self.assertEqual((self.terminal.exitstatus, self.terminal.signalstatus), (0, None))

    def tearDown(self):
        self.assertIsNone(CRASH.search(str(self.terminal.before)), self.terminal.before)
