"""The prompt's commands around a session: what failed and why, what things cost, recordings, the clipboard."""
import json
import os
import re
import stat
import unittest

from prompt import PROMPT, PromptTest


class Failures(PromptTest):
    def test_why_has_the_values_of_every_function_on_the_stack(self):
        self.enter("let order = {number: 7}")
        self.enter("fn total(x, factor) { let sum = factor * 2; x.customer.name }")
        self.enter('fn all(label) { for i in [1, 2] { let inner = {label, i}; total(order, i) }; let later = 1 }')
        self.enter('all("text")', "E_NULL")
        text = "\n".join(self.shown(":why"))
        for line in ("  in total, <prompt>:1:", "    x = {number: 7}", "    factor = 1", "    sum = 2",
                     "  in all, <prompt>:1:", '    label = "text"', "    i = 1", '    inner = {label: "text", i: 1}',
                     "    order = {number: 7}"):
            self.assertIn(line, text)
        self.assertNotIn("later", text)

    def test_values_of_blocks_that_have_ended_are_none(self):
        self.enter("fn f() { if true { let gone = 1; print(gone) }; let here = 2; for n in [] { print(n) }; null.x }")
        self.enter("f()", "E_NULL")
        text = "\n".join(self.shown(":why"))
        self.assertIn("here = 2", text)
        self.assertNotIn("    gone =", text)

    def test_captured_and_changed_variables(self):
        self.enter("fn counter() { var count = 0; let step = () => { count += 1; if count == 3 { throw \"enough\" } }; step }")
        self.enter("let c = counter(); c(); c(); c()", "E_THROWN")
        self.assertIn("    count = 3", "\n".join(self.shown(":why")))

    def test_an_error_that_waits_were_cut_short_by(self):
        self.enter('fn work(n) { sleep(1ms); throw "at {{n}}" }')
        self.enter("work(5)", "at 5")
        self.assertIn("    n = 5", "\n".join(self.shown(":why")))

    def test_a_caught_error_leaves_no_values(self):
        self.enter("fn f(a) { null.x }")
        self.enter("try { f(1) } catch e { }; nowhere", "E_UNKNOWN_NAME")
        self.assertNotIn("a = 1", "\n".join(self.shown(":why")))

    def test_secrets_and_long_values_are_masked_and_cut(self):
        self.terminal.close(force=True)
        self.terminal = self.open(INTERCOM_ACCESS_TOKEN="token-4711-secret")
        self.terminal.expect(PROMPT)
        self.enter('fn f(t, long) { null.x }')
        self.enter('f("token-4711-" + "secret", "x".repeat(100000))', "E_NULL")
        lines = self.shown(":why")
        self.assertNotIn("token-4711-secret", "\n".join(lines))
        self.assertTrue(any(line.startswith('    long = "xxx') for line in lines), lines)
        self.assertLessEqual(max(len(line) for line in lines), 100)


class Costs(PromptTest):
    def test_time_has_the_memory(self):
        self.enter(":time (0..<100000).to_list();", r"s of CPU, [\d.]+ [kM]B of values, [\d,]+ steps, 0 requests")

    def test_bench_runs_many_times_and_shows_nothing(self):
        text = self.enter(':bench print("noise")', r"\(median of [\d,]+ runs\), best [\d.]+ [nµm]?s, worst")
        self.assertEqual(text.count("noise"), 0, "what is measured prints nothing")
        self.enter(":bench nowhere", "E_UNKNOWN_NAME")
        self.enter(":bench let = 1", "E_SYNTAX")
        self.enter(":bench", "':bench' needs an expression")
        self.enter('print("heard")', "heard\r\nheard|heard")
        self.assertEqual(self.shown(":history"), ['1  print("heard")'])

    def test_bench_spares_the_allowance_and_writes_once(self):
        self.enter(":bench contacts.list().count()", r"median of 5 runs\).*allowance left: \d+")
        self.enter(':bench contacts.create({role: "lead"})', "median of 1 run\\)")
        self.assertEqual(self.shown("contacts.list().count()"), ["1"])

    def test_bench_can_be_stopped(self):
        self.terminal.sendline(":bench while true { }")
        self.terminal.expect("\r\n")
        self.wait_for(lambda: True)
        self.terminal.sendintr()
        self.terminal.expect("interrupted")
        self.terminal.expect(PROMPT)
        self.assertEqual(self.shown("1 + 1"), ["2"])

    def test_limit(self):
        self.assertIn("allowance left      not known before the first request", self.shown(":limit"))
        self.enter("contacts.list().count()")
        text = "\n".join(self.shown(":limit"))
        self.assertRegex(text, r"allowance left +[\d,]+\nrequests so far +1, .*\nmemory ")


class Names(PromptTest):
    def test_history_is_a_value(self):
        self.enter("let a = 1")
        self.enter("nowhere")
        self.assertEqual(self.shown("history().map(e => e.text)"), ['["let a = 1", "nowhere"]'])
        self.assertEqual(self.shown("history().filter(e => e.worked).length"), ["2"])
        self.assertEqual(self.shown("history()")[0].split(), ["number", "text", "worked"])
        self.enter(":doc history", r"history\(\)", "Example:")
        self.assertTrue(any(line.startswith("history") and "function" in line for line in self.shown(":complete histo")))

    def test_history_holds_no_secret(self):
        self.terminal.close(force=True)
        self.terminal = self.open(INTERCOM_ACCESS_TOKEN="token-4711-secret")
        self.terminal.expect(PROMPT)
        self.enter('let t = "token-4711-secret"')
        self.assertEqual(self.shown("history().length"), ["0"])

    def test_the_text_of_a_function(self):
        for line in ("// Twice as many.", "fn twice(n) {", "  n * 2"):
            self.terminal.sendline(line)
            self.terminal.expect(r"(\.\.\.|ics)> ")
        self.enter("}")
        text = "\n".join(self.shown("twice?"))
        self.assertIn("fn twice(n) {\n  n * 2\n}", text)
        self.write("lib.ics", "\n// Half of it.\nexport fn half(n) { n / 2 }\n")
        self.enter(":load lib.ics")
        self.assertIn("// Half of it.\nexport fn half(n) { n / 2 }", "\n".join(self.shown(":doc half")))

    def test_two_question_marks_leave_nothing_out(self):
        short, whole = self.shown("contacts.update?"), self.shown("contacts.update??")
        self.assertGreaterEqual(len(whole), len(short))
        self.enter(":doc conversations.list??", "conversations.list")
        self.enter("_?", "The value of the entry before")


class Around(PromptTest):
    def test_who_and_where(self):
        text = "\n".join(self.shown(":whoami"))
        self.assertRegex(text, r"<.*@.*>, admin \d+\nworkspace .* \(ics_sandbox\), region US")
        text = "\n".join(self.shown(":env"))
        self.assertIn("* ICS_HOME", text)
        self.assertIn("  INTERCOM_ACCESS_TOKEN", text)
        self.assertEqual(self.shown("_ ?? 1"), ["1"], "what a command asks for is no entry's value")

    def test_trace(self):
        self.enter(":trace on", "each request is said")
        self.enter("contacts.list().count()", r"GET /contacts 200 in \d+ ms \(.*left, request ")
        self.enter(":trace off", "requests are not said")
        self.assertNotIn("GET", self.enter("contacts.list().count()"))
        self.enter(":trace perhaps", "on or off, not 'perhaps'")

    def test_view_in_short(self):
        self.enter(":view json")
        self.assertEqual(self.shown(":view"), ["view  json"])
        self.assertEqual(self.shown("[1]"), ["[", "  1", "]"])
        self.enter(":view tabel", "table|json|yaml|lines|csv|markdown")

    def script(self, name, text):
        folder = self.folder / "bin"
        folder.mkdir(exist_ok=True)
        path = folder / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}

    def test_copy(self):
        self.terminal.close(force=True)
        variables = self.script("xclip", f"cat > {self.folder}/copied\n")
        self.terminal = self.open(DISPLAY=":0", WAYLAND_DISPLAY="", **variables)
        self.terminal.expect(PROMPT)
        self.enter(":copy", "there is no value to copy yet")
        copied = self.folder / "copied"
        self.enter('"plain" + " text"')
        self.enter(":copy", "copied 10 characters")
        self.assertEqual(copied.read_text(), "plain text")
        self.enter("({a: [1, null]})")
        self.enter(":copy")
        self.assertEqual(json.loads(copied.read_text()), {"a": [1, None]})

    def test_copy_by_the_terminal_itself(self):
        self.terminal.close(force=True)
        self.terminal = self.open(TERM="xterm", DISPLAY="", WAYLAND_DISPLAY="")
        self.terminal.expect(PROMPT)
        self.enter('"plain" + "!"')
        self.enter(":copy", "\x1b\\]52;c;cGxhaW4h\x07", "copied 6 characters")

    def test_open(self):
        self.terminal.close(force=True)
        variables = self.script("xdg-open", f"echo \"$1\" >> {self.folder}/opened\n")
        self.terminal = self.open(**variables)
        self.terminal.expect(PROMPT)
        opened = self.folder / "opened"
        contact = 'contacts.create({role: "lead", email: "a@b.c"})'
        self.enter(contact + '.pick(["type", "id", "workspace_id"])')
        self.enter(":open", r"https://app\.intercom\.com/a/apps/ics_sandbox/users/[0-9a-f]+/all-conversations")
        self.enter('({url: "https://example.com/a"})')
        self.enter(":open", "https://example.com/a")
        self.wait_for(lambda: len(opened.read_text().splitlines()) == 2)
        for value in ('({url: "javascript:alert(1)"})', '({type: "contact", id: "a/b;c", workspace_id: "w"})', "5"):
            self.enter(value)
            self.enter(":open", "there is no page for this value")

    def test_login_and_the_runs_are_the_commands_themselves(self):
        self.terminal.sendline(":login acme-x/")
        self.terminal.expect("an account's name has letters")
        self.terminal.expect(PROMPT)
        self.enter(":jobs", "there is no store")
        self.enter(":logs", "there is no store")


class Recordings(PromptTest):
    def test_a_saved_session_replays_with_the_same_chance_and_time(self):
        self.enter("let before = random.int(1, 1000000)")
        self.enter(":record session.rec", "recording to")
        self.enter('let n = random.int(1, 1000000000)')
        self.enter("let t = now()")
        self.enter('print(n, t, contacts.list().count())')
        shown = re.search(r"(\d+ \d+ 0)\r\n", self.enter("print(n, t, 0)")).group(1)
        self.enter(":save again.ics 2-4", "saved 3 entries")
        self.enter(":record off", "nothing is recorded")
        result = self.ics("run", "--replay", "session.rec", "again.ics")
        self.assertPrints(result, shown + "\n")

    def test_replay_at_the_prompt_sends_nothing(self):
        self.enter(":record session.rec", "recording to")
        self.enter('contacts.create({role: "lead", email: "a@b.c"}).email', "a@b.c")
        self.enter(":record off")
        self.terminal.close(force=True)
        self.terminal = self.open(INTERCOM_ACCESS_TOKEN="token-4711", INTERCOM_BASE_URL="http://127.0.0.1:1")
        self.terminal.expect(PROMPT)
        self.enter(":replay session.rec", "answers come from session.rec")
        self.enter('contacts.create({role: "lead", email: "a@b.c"}).email', "a@b.c")
        self.enter(":replay off", "requests are sent")
        self.enter(":replay nowhere.rec", "nowhere.rec")


if __name__ == "__main__":
    unittest.main()
