"""The session in the README: typed here, and compared. ICS_BLESS=1 writes it anew."""
import os
import re
import unittest

from prompt import PROMPT, PromptTest
from support import ROOT

BEGIN, END = "<!-- session -->\n```text\n", "```\n<!-- end of the session -->"
SESSION = [
    "1 + 2",
    'for [i, name] in ["Ana", "Bo", "Cleo"].enumerate() { contacts.create({role: if i == 1 { "user" } else { "lead" }, '
    'name, email: "{{name.lower()}}@example.com"}) }',
    'intercom.request("/contacts?per_page=1").total_count',
    "contacts.list().map(c => c.pick([\"name\", \"email\", \"role\", \"created_at\"]))",
    ":doc list.count_by",
    'contacts where role == "\tlead"',
    "contacts.list().count_by(c => c.role)",
    "contacts.find({email: \"nobody@example.com\"}).name",
    "let leads = (contacts where role == \"lead\").to_list();",
    "print(\"{{leads.length}} leads, the first is {{leads[0].name}}\")",
    ":save leads.ics 8-9",
]


class Session(PromptTest):
    columns = 92

    def typed(self):
        text = "$ ics\nics> "
        for entry in SESSION:
            before, tab, after = entry.partition("\t")
            self.terminal.send(before + tab)
            if tab:
                # The list of candidates, and the line again below it.
                self.terminal.expect(PROMPT + re.escape(before))
                text += self.terminal.before + self.terminal.after
            self.terminal.send(after + "\r")
            self.terminal.expect("\r\n")
            text += (self.terminal.before if tab else entry) + "\n"
            self.terminal.expect(PROMPT)
            text += self.terminal.before + self.terminal.after
        text = text.replace("\r\n", "\n").replace("\r", "")
        text += "\n$ ics leads.ics\n" + self.ics("leads.ics").stdout
        # What differs in every run.
        text = re.sub(r"\b[0-9a-f]{24}\b", "6b01b7741c5000000000001d", text)
        text = re.sub(r"\d{10} \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "1795274612 2026-11-21 15:23:32Z", text)
        text = re.sub(r"sandbox \(.*?\)", "sandbox (~/.local/share/ics/sandbox.sqlite)", text)
        return re.sub(r"[ \t]+$", "", text, flags=re.M)

    def test_the_session_is_as_the_readme_has_it(self):
        path = ROOT / "README.md"
        text = path.read_text(encoding="utf-8")
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        typed = self.typed()
        if os.environ.get("ICS_BLESS"):
            path.write_text(text[:start] + typed + text[end:], encoding="utf-8")
        else:
            self.assertEqual(text[start:end], typed)


if __name__ == "__main__":
    unittest.main()
