"""What is shown while something takes long: bars, rates, what is left, and what is waited for."""
import json
import os
import pty
import re
import subprocess
import threading
import time
import unittest
import urllib.parse

from prompt import PROMPT, PromptTest
from screen import Screen
from support import BINARY, TIMEOUT, CommandTest, FakeHandler, environment, fake_intercom


class PageHandler(FakeHandler):
    """A listing of 40 pages of 50 contacts; each page waits until the test lets it go, or is held back by the limit."""

    def answer(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        page = int(query.get("starting_after") or "1")
        self.server.paths.append(self.path)
        if page >= self.server.gate:
            self.server.go.wait(20)
        items = [{"type": "contact", "id": str(page * 100 + n)} for n in range(50)]
        following = {"page": page + 1, "starting_after": str(page + 1)} if page < 40 else None
        body = json.dumps({"type": "list", "data": items, "total_count": 2000, "pages": {
            "type": "pages", "page": page, "per_page": 50, "total_pages": 40, "next": following}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        left = 0 if page == self.server.limited_page else 9000
        self.send_header("X-RateLimit-Limit", "10000")
        self.send_header("X-RateLimit-Remaining", str(left))
        self.send_header("X-RateLimit-Reset", str(int(time.time()) + 4))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer


class Listings(PromptTest):
    terminal_name = "xterm"

    def listing(self, gate=1000, limited_page=0):
        context = fake_intercom(200, {})
        server = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        server.gate, server.limited_page, server.go, server.paths = gate, limited_page, threading.Event(), []
        self.addCleanup(server.go.set)
        server.RequestHandlerClass = PageHandler
        self.terminal.close(force=True)
        self.terminal = self.open(INTERCOM_ACCESS_TOKEN="token-4711", INTERCOM_BASE_URL=server.url)
        self.terminal.expect(PROMPT)
        return server

    def test_a_listing_has_a_bar_with_its_rate_and_the_allowance(self):
        server = self.listing(gate=12)
        self.terminal.sendline("contacts.list().count()")
        # Eleven pages are there, the twelfth is waited for.
        self.terminal.expect(r"▕█*[▏▎▍▌▋▊▉]? *▏ GET /contacts, page 11 550/2,000 27% · [\d.,]+/s · \d+ s left · allowance [\d,]+")
        server.go.set()
        self.terminal.expect(r"\x1b\[K2000\r\n")
        self.terminal.expect(PROMPT)

    def test_the_rate_limit_is_said(self):
        self.listing(limited_page=3)
        self.terminal.sendline("contacts.list().take(400).count()")
        self.terminal.expect(r"GET /contacts, page 3 .*rate limit, \d s")
        self.terminal.expect(r"400\r\n", timeout=20)
        self.terminal.expect(PROMPT)

    def test_an_interrupted_listing_says_where_it_would_go_on(self):
        self.listing(gate=12)
        self.terminal.sendline("contacts.list().count()")
        self.terminal.expect("page 11")
        self.terminal.sendintr()
        self.terminal.expect(r'note: GET /contacts stopped after page 11; starting_after: "12" goes on there')
        self.terminal.expect(PROMPT)

    def test_parallel_has_a_bar(self):
        self.terminal.sendline("parallel(0..<8, n => { if n > 3 { sleep(1000) } }, limit: 4)")
        self.terminal.expect(r"▕█{10} *▏ parallel 4/8 50%")
        self.terminal.sendintr()
        self.terminal.expect(PROMPT)

    def test_progress_in_an_entry_is_the_same_line(self):
        self.terminal.sendline('for x in progress(0..<10, label: "moving") { if x == 5 { sleep(1000) } }')
        self.terminal.expect(r"moving 5/10 50%")
        self.terminal.sendintr()
        self.terminal.expect(PROMPT)

    def test_what_computes_says_for_how_long(self):
        self.terminal.sendline("while true { }")
        self.terminal.expect(r"running · 1 s")
        self.terminal.sendintr()
        self.terminal.expect(PROMPT)

    def test_lines_of_the_entry_do_not_mix_with_it(self):
        self.terminal.sendline('for n in 0..<4 { sleep(400ms); print("line", n) }')
        self.terminal.expect(PROMPT)
        rows = Screen(self.columns, self.terminal.before).rows
        self.assertEqual([row for row in rows if row.startswith("line")], [f"line {n}" for n in range(4)], rows)
        self.assertFalse(any("running" in row for row in rows), rows)


class Scripts(CommandTest):
    SCRIPT = 'for x in progress(0..<{count}, label: "moving \\u{{1B}}[2J") {{ sleep({pause}) }}\nprint("done")\n'

    def run_on_terminal(self, *arguments, **variables):
        """Standard error on a terminal, standard output in a pipe."""
        reader, writer = pty.openpty()
        process = subprocess.Popen(
            [BINARY, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=writer,
            env=environment(self.home, TERM="xterm", **variables))
        os.close(writer)
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
        output = process.communicate(timeout=TIMEOUT)[0]
        return output.decode(), text.decode()

    def test_a_terminal_has_a_bar_which_goes(self):
        self.write("move.ics", self.SCRIPT.format(count=12, pause="100ms"))
        output, errors = self.run_on_terminal("move.ics")
        self.assertEqual(output, "done\n")
        self.assertRegex(errors, r"▕█+[▏▎▍▌▋▊▉]? *▏ moving \\u\{1B\}\[2J \d+/12 \d+% · [\d.]+/s · \d+ s left")
        self.assertEqual("".join(Screen(80, errors).rows), "")

    def test_a_pipe_has_plain_lines_now_and_then(self):
        self.write("move.ics", self.SCRIPT.format(count=30, pause="100ms"))
        lines = self.ics("move.ics").stderr.splitlines()
        self.assertIn(len(lines), (1, 2, 3))
        for line in lines:
            self.assertRegex(line, r"^moving \\u\{1B\}\[2J \d+/30 \d+%, [\d.]+/s, \d s left$")
        self.assertEqual(self.ics("run", "--quiet", "move.ics").stderr, "")

    def test_what_is_short_says_nothing(self):
        self.write("move.ics", self.SCRIPT.format(count=100, pause="0"))
        self.assertEqual(self.ics("move.ics").stderr, "")

    def test_an_interrupted_listing_says_where_it_would_go_on(self):
        with fake_intercom(200, {}) as server:
            server.gate, server.limited_page, server.go, server.paths = 12, 0, threading.Event(), []
            server.RequestHandlerClass = PageHandler
            self.write("list.ics", "print(progress(contacts.list(), label: \"reading\").count())\n")
            threading.Thread(target=self.interrupt, args=(server,), daemon=True).start()
            reader, writer = pty.openpty()
            self.process = subprocess.Popen(
                [BINARY, "list.ics"], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=writer,
                env=environment(self.home, TERM="xterm", INTERCOM_ACCESS_TOKEN="t-4711", INTERCOM_BASE_URL=server.url))
            os.close(writer)
            text = ""
            while True:
                try:
                    piece = os.read(reader, 65536)
                except OSError:
                    break
                text += piece.decode()
            os.close(reader)
            self.assertEqual(self.process.wait(TIMEOUT), 130, text)
            self.process.stdout.close()
            server.go.set()
        self.assertRegex(text, r'GET /contacts stopped after page 11; starting_after: "12" goes on there')

    def interrupt(self, server):
        self.wait_for(lambda: any("starting_after=12" in request for request in server.paths))
        self.process.send_signal(2)


if __name__ == "__main__":
    unittest.main()
