"""How the prompt shows values: tables, literals, dates, other views, the pager; and that data never commands it."""
import json
import os
import random
import re
import unicodedata
import unittest

from prompt import PROMPT, PromptTest

# What a terminal obeys: C0 but for the line's end, DEL, C1, and what changes the writing direction.
COMMANDS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
HOSTILE = [
    "\x1b]52;c;Zm9v\x07", "\x1b[2J", "\x1b]0;title\x07", "\x1b]8;;http://a.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1bP0;1|x\x1b\\", "\x9b31m", "a\rb", "a\x08\x08b", "\u202eabc\u202c", "\u2066x", "w" * 10_000, "\u0301" * 500,
    "名前" * 40, "👩‍👩‍👧‍👦 family", "🇩🇪 flag", "שלום עולם", "null\x00byte", "tab\tand\nline", "\x7f",
]


def columns(text):
    """How many cells a text takes, for the characters that these tests use."""
    count = 0
    for character in text:
        if unicodedata.combining(character) or character in "\u200d\ufe0f":
            continue
        count += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return count


class Values(PromptTest):
    def test_a_value_within_the_width_is_one_line(self):
        self.assertEqual(self.shown('({name: "Ana", plan: null})'), ['{name: "Ana", plan: null}'])

    def test_a_map_alone_is_no_block(self):
        self.assertEqual(self.shown('{name: "Ana", plan: null}'), ['{name: "Ana", plan: null}'])
        self.terminal.sendline("{name: 1,")
        self.terminal.expect(r"\.\.\.> ")
        self.enter("other: 2}", "{name: 1, other: 2}")

    def test_a_wide_value_is_broken_over_lines(self):
        lines = self.shown('({one: "x".repeat(60), two: [1, 2, 3], three: {four: "y".repeat(60)}})')
        self.assertEqual(lines[0], "{")
        self.assertIn("  two: [1, 2, 3],", lines)
        self.assertTrue(all(len(line) <= 100 for line in lines), lines)

    def test_many_nulls_are_gathered_in_a_comment(self):
        nulls = ", ".join(f"key_{n}: null" for n in range(12))
        entry = '{a: "' + "x" * 90 + f'", {nulls}, z: 1}}'
        lines = self.shown(entry)
        self.assertEqual(lines[:3], ["{", '  a: "' + "x" * 90 + '",', "  z: 1"])
        self.assertEqual(" ".join(line.strip() for line in lines[3:-1]).replace(" // ", " "),
                         "// null: " + ", ".join(f"key_{n}" for n in range(12)))
        self.assertTrue(all(len(line) <= 100 for line in lines), lines)
        # What is shown can be typed again, and all of it can be seen.
        self.assertIn("  key_11: null,", self.shown(":more all"))

    def test_a_list_of_maps_is_a_table(self):
        lines = self.shown('[{name: "Ana", n: 1}, {name: "Bo", n: 22}, {name: null, n: 3, more: true}]')
        self.assertEqual(lines[0].split(), ["name", "n", "more"])
        self.assertEqual(lines[1].split(), ["string", "int", "bool"])
        self.assertEqual([line.split() for line in lines[3:]],
                         [["Ana", "1", "–"], ["Bo", "22", "–"], ["null", "3", "true"]])

    def test_maps_that_share_too_little_are_no_table(self):
        self.assertEqual(self.shown("[{a: 1, b: 2, c: 3}, {d: 4, e: 5, f: 6}]")[0], "[{a: 1, b: 2, c: 3}, {d: 4, e: 5, f: 6}]")
        self.assertEqual(self.shown("[{a: 1}]"), ["[{a: 1}]"])

    def test_rows_that_are_left_out_are_said_and_come_with_more(self):
        lines = self.shown("(0..<5000).map(n => ({n: n, square: n * n}))")
        self.assertEqual(lines[-1], "… 4,980 more rows — :more")
        self.assertEqual(len(lines), 3 + 20 + 1)
        lines = self.shown(":more")
        self.assertEqual(lines[3].split(), ["20", "400"])
        self.assertEqual(lines[-1], "… 4,960 more rows — :more")
        self.assertEqual(len(self.shown(":more all")), 3 + 5000)
        self.enter("(0..<30000).map(n => ({n: n, square: n * n}))", "29,980 more rows")
        self.assertEqual(len(self.shown(":more all")), 3 + 30_000)

    def test_columns_that_are_left_out_are_said_and_come_with_more(self):
        keys = ", ".join(f"column_number_{n}: {n}" for n in range(20))
        lines = self.shown(f"let xs = [{{{keys}}}, {{{keys}}}]; xs")
        self.assertTrue(all(len(line) <= 100 for line in lines), lines)
        hidden = int(re.search(r"… (\d+) more columns — :more", lines[-1]).group(1))
        shown = len(lines[0].split())
        self.assertEqual(shown + hidden, 20)
        rest = [word for line in self.shown(":more columns") for word in line.split() if word.startswith("column_")]
        self.assertEqual(len(rest), hidden)

    def test_wide_characters_keep_the_columns_aligned(self):
        names = ["Ana", "名前は長い", "é́", "👩‍👩‍👧‍👦", "🇩🇪", "ﬁ", "שלום"]
        rows = ", ".join(f'{{name: "{name}", n: {index}}}' for index, name in enumerate(names))
        lines = self.shown(f"[{rows}]")
        widths = {columns(line[:line.rindex(" ")]) for line in lines[3:]}
        # Emoji and flags of several characters are counted one by one above: they may seem up to six cells wider.
        plain = {columns(line[:line.rindex(" ")]) for line in lines[3:] if not re.search("[\U0001F1E6-\U0001FAFF]", line)}
        self.assertEqual(len(plain), 1, lines)
        self.assertLessEqual(max(widths) - min(widths), 6)

    def test_moments_have_their_date_beside_them(self):
        self.assertEqual(self.shown("({created_at: 1732190000, count: 1732190000})"),
                         ["{created_at: 1732190000 (2024-11-21 11:53:20Z), count: 1732190000}"])
        self.assertIn("1732190000 2024-11-21 11:53:20Z", "\n".join(self.shown("[{seen_at: 1732190000}, {seen_at: null}]")))

    def test_the_views(self):
        self.enter('let xs = [{a: 1, b: "x,y"}, {a: 2, b: null}];')
        self.enter(":set view json")
        self.assertEqual(json.loads("\n".join(self.shown("xs"))), [{"a": 1, "b": "x,y"}, {"a": 2, "b": None}])
        self.enter(":set view lines")
        self.assertEqual([json.loads(line)["a"] for line in self.shown("xs")], [1, 2])
        self.enter(":set view csv")
        self.assertEqual(self.shown("xs"), ["a,b", '1,"x,y"', "2,"])
        self.enter(":set view yaml")
        self.assertEqual(self.shown("xs"), ["- a: 1", '  b: "x,y"', "- a: 2", "  b: null"])
        self.enter(":set view markdown")
        self.assertEqual(self.shown('[{a: 1, b: "x|y\\nz"}, {a: 2, b: null}]'),
                         ["| a | b |", "| --: | --- |", "| 1 | x\\|y z |", "| 2 |  |"])
        self.assertEqual(self.shown("5"), ["```json", "5", "```"])
        self.enter(":set view tabel", "table|json|yaml|lines|csv|markdown")

    def test_yaml_says_what_is_text(self):
        self.enter(":set view yaml")
        self.assertEqual(
            self.shown('{a: {}, b: [], yes: "no", "odd: key": [1, [2, {c: null}]], d: "two\\nlines", e: "plain text"}'),
            ["a: {}", "b: []", '"yes": "no"', '"odd: key":', "  - 1", "  - - 2", "    - c: null", 'd: "two\\nlines"',
             "e: plain text"])

    def test_a_stream_shows_its_beginning(self):
        self.enter('for n in 0..<25 { contacts.create({role: "lead", email: "a{{n}}@example.com"}) }')
        lines = self.shown("contacts.list()")
        self.assertIn("email", lines[0])
        self.assertRegex(lines[-1], "more.*— :more")
        self.assertEqual(self.shown("_.count()"), ["20"])
        # A stream that has a name is somebody's own: showing it takes nothing from it.
        self.enter("let s = contacts.list()")
        self.assertEqual(self.shown("s"), ["<stream>"])
        self.assertEqual(self.shown("s.count()"), ["25"])
        # Which columns find room is the table's affair; the addresses always do.
        self.assertTrue(any("a24@example.com" in line for line in self.shown('contacts where role == "lead"')))

    def test_the_results_of_entries_before(self):
        self.assertEqual(self.shown("1 + 1"), ["2"])
        self.assertEqual(self.shown("20 + 20"), ["40"])
        self.assertEqual(self.shown("_ + __"), ["42"])
        self.assertEqual(self.shown("out[1] + out[2]"), ["42"])

    def test_a_semicolon_at_the_end_shows_nothing(self):
        self.assertEqual(self.shown("41 + 1;"), [])
        self.assertEqual(self.shown("_"), ["42"])

    def test_the_pager_gets_what_does_not_fit(self):
        self.terminal.close(force=True)
        self.terminal = self.open(TERM="xterm", ICS_PAGER="sed s/^/paged:/", rows=10)
        self.terminal.expect(PROMPT)
        self.enter("[1, 2]", r"\r\n(?!paged).*\[1, 2\]")
        self.enter("(0..<40).map(n => ({n: n}))", "paged:  n")


class Hostile(PromptTest):
    def check(self, text):
        text = text.replace("\r\n", "\n").rstrip("\r")
        self.assertNotIn("\r", text)
        self.assertIsNone(COMMANDS.search(text), repr(COMMANDS.search(text)) + repr(text[:300]))

    def test_data_never_commands_the_terminal(self):
        self.write("hostile.json", json.dumps([{"name": text, text[:40]: 1} for text in HOSTILE]))
        self.enter('let xs = json.parse(fs.read("hostile.json"));')
        for entry in ("xs", ":more all", "xs[0]", "xs.map(x => x.name)", ":vars", "throw xs[1].name", "throw error(xs[2].name)",
                      ":why", "for x in xs { print(x.name) }", ":complete xs[1].", ":complete xs[1][\"", ":doc xs",
                      "log.info(xs[3].name)", "for x in progress(xs, label: xs[4].name) { }", ":history"):
            with self.subTest(entry):
                self.check("\n".join(self.shown(entry)))
        for view in ("json", "lines", "csv", "yaml", "markdown"):
            self.enter(f":set view {view}")
            text = "\n".join(self.shown("xs"))
            self.check(text)
            if view == "json":
                self.assertEqual(json.loads(text), [{"name": t, t[:40]: 1} for t in HOSTILE])

    def test_random_strings(self):
        count = int(os.environ.get("ICS_RANDOM_STRINGS", "2000"))
        generator = random.Random(20261121)
        alphabet = ([chr(c) for c in range(0x20)] + ["\x7f"] + [chr(c) for c in range(0x80, 0xa0)]
                    + list("\u202e\u2066\u200f\u061c\u200b\ufeff\u2028") + list("ab \"\\{}[]|,;'") + ["名", "é", "👍", "\u0301", "🇩"])
        while count > 0:
            part = min(count, 20_000)
            count -= part
            texts = ["".join(generator.choices(alphabet, k=generator.randint(0, 12))) for _ in range(part)]
            self.write("random.json", json.dumps([{"name": t, "n": i} for i, t in enumerate(texts)]))
            self.enter('let xs = json.parse(fs.read("random.json"));')
            self.check("\n".join(self.shown("xs")))
            self.terminal.sendline(":more all")
            self.terminal.expect(PROMPT, timeout=300)
            self.check(self.terminal.before)
            self.assertEqual(self.terminal.before.count("\r\n"), part + 4)
            self.check_elsewhere(part)

    def check_elsewhere(self, count):
        """The same strings in errors, log lines, progress labels and as candidates."""
        self.enter("fn error_of(i) { throw error(xs[i].name, kind: xs[i].name, help: xs[i].name, data: xs[i]) };")
        for entry in (f"for i in 0..<{count} {{ try {{ error_of(i) }} catch e {{ log.warn(e.message, {{kind: e.kind}}) }} }}",
                      f"for i in 0..<{count} {{ for x in progress([i], label: xs[i].name) {{ }} }}"):
            self.terminal.sendline(entry)
            self.terminal.expect(PROMPT, timeout=600)
            self.check(self.terminal.before)
        # Candidates are listed a hundred at a time, uncaught errors are drawn one at a time: samples are enough there.
        for index in range(0, count, max(1, count // 20)):
            self.check("\n".join(self.shown(f"error_of({index})")))
            self.check("\n".join(self.shown(":why")))
            self.enter(f"let some = {{}}; for i in {index}..<{min(count, index + 90)} {{ some[xs[i].name] = xs[i].name }};")
            self.check("\n".join(self.shown(":complete some.")))
            self.check("\n".join(self.shown(':complete some["')))

    def test_any_width(self):
        for width in (1, 10, 60_000):
            for name in ("dumb", "xterm", None):
                with self.subTest(width=width, terminal=name):
                    self.terminal.close(force=True)
                    self.terminal = self.open(columns=width, **({"TERM": name} if name else {"TERM": ""}))
                    self.terminal.expect("ics")
                    self.terminal.sendline('[{name: "名前" * 1, n: 1}]; [{a: "x".repeat(500), b: 2}, {a: "y", b: 3}]')
                    self.terminal.sendline(":complete co")
                    self.terminal.sendline(":help")
                    self.terminal.sendline("print(1234567 * 10)")
                    # A narrow terminal wraps the line anywhere.
                    self.terminal.expect(r"\s*".join("12345670"))
                    self.terminal.sendeof()


if __name__ == "__main__":
    unittest.main()
