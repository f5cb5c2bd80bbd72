"""What completion offers: only what is there, with what it is, and never by asking the workspace."""
import unittest

from prompt import PROMPT, PromptTest
from support import fake_intercom


class Candidates(PromptTest):
    def test_names_in_scope_and_of_the_language(self):
        self.enter("let customer = 5")
        self.assertEqual(self.offered("cust"), ["customer"])
        self.assertIn("customers", "".join(self.offered("let customers = 1; cust")))
        self.assertEqual(self.offered("whi"), ["while"])
        self.assertIn("contacts", self.offered("con"))

    def test_members_by_the_type_of_the_value(self):
        self.enter('let text = "abc"; let xs = [1, 2]')
        self.assertIn("upper", self.offered("text.up"))
        self.assertIn("chunk", self.offered("xs.ch"))
        self.assertEqual("".join(self.offered("text.chu")), "")
        self.assertIn("to_list", self.offered("contacts.list().to_"))
        self.assertIn("words", self.offered('"a b".wor'))

    def test_the_keys_of_the_map_that_is_there(self):
        self.enter('let order = {number: 7, customer: {email: "a@b.c", "odd key": 1}, lines: [{price: 3}]}')
        self.assertIn("number", self.offered("order."))
        self.assertEqual(self.offered("order.customer.em"), ["email"])
        self.assertEqual(self.offered("order.lines[0].pr"), ["price"])
        self.assertEqual(self.offered('order.customer["odd'), ["odd key"])
        self.assertNotIn("odd key", self.offered("order.customer."))

    def test_operations_and_their_arguments(self):
        self.assertIn("create", self.offered("contacts."))
        self.assertIn("reply", self.offered("intercom.conversations.re"))
        arguments = self.shown(":complete contacts.list(")
        self.assertTrue(any(line.startswith("include_merge_history:") and "bool" in line for line in arguments), arguments)
        self.assertIn("email:", self.offered("contacts.create("))
        self.assertIn("timeout:", self.offered("contacts.create("))

    def test_fields_of_bodies_and_their_values(self):
        self.assertIn("email", self.offered("contacts.create({"))
        self.assertIn("owner_id", self.offered('contacts.create({role: "user", own'))
        self.assertEqual(self.offered('contacts.create({role: "'), ["lead", "user"])
        self.assertIn("type", self.offered("conversations.create({from: {"))
        self.assertIn("admin", self.offered('conversations.reply("1", {type: "'))

    def test_endpoints_in_a_path(self):
        paths = self.offered('intercom.request("/con')
        self.assertIn("/contacts", paths)
        self.assertIn("/conversations/search", paths)
        self.assertIn("/contacts/5f/tags", self.offered('intercom.request("/contacts/5f/ta'))

    def test_topics_fields_imports(self):
        self.assertIn("contact.user.created", self.offered("on con"))
        self.assertIn("user.created", self.offered("on contact."))
        self.assertIn("role", self.offered("contacts where ro"))
        self.assertEqual(self.offered('contacts where role == "'), ["lead", "user"])
        self.enter("let rows = [{price: 1}]")
        self.assertIn("price", self.offered("rows where pr"))
        self.write("helpers.ics", "export let x = 1\n")
        self.assertIn("std/table", self.offered('import { rows } from "std/'))
        self.assertEqual(self.offered('import { x } from "hel'), ["helpers.ics"])

    def test_the_variable_menu_in_a_string(self):
        self.enter('let order = {number: 7}; let names = ["Ana"]')
        lines = self.shown(':complete "Hello {{')
        self.assertTrue(any(line.startswith("order") and "map" in line for line in lines), lines)
        self.assertTrue(any(line.startswith("names") and "list" in line for line in lines), lines)
        self.assertFalse(any(line.startswith("while") for line in lines), lines)
        self.assertEqual(self.offered('"Hello {{order.nu'), ["number"])
        self.assertEqual("".join(self.offered('"Hello ')), "")

    def test_what_a_loop_and_a_function_take(self):
        self.assertIn("email", self.offered("for c in contacts.list() { c.em"))
        self.enter("let rows = [{price: 1}]")
        self.assertEqual(self.offered("rows.map(row => row.pr"), ["price"])

    def test_commands_and_their_arguments(self):
        self.assertEqual(self.offered(":sa"), ["save", "sandbox"])
        self.assertEqual(self.offered(":set view js"), ["json"])
        self.assertIn("contacts.update", self.offered(":doc contacts.up"))
        self.write("report.ics", "print(1)\n")
        self.assertEqual(self.offered(":load rep"), ["report.ics"])

    def test_names_of_the_workspace_that_answers_have_shown(self):
        self.assertEqual("".join(self.offered('contacts where tag_id == "')), "")
        self.enter('tags.create({name: "vip"}); tags.create({name: "beta"})')
        self.enter("tags.list();")
        self.assertEqual(sorted(self.offered('tags.create({name: "')), ["beta", "vip"])
        lines = self.shown(':complete contacts where tag_id == "')
        self.assertEqual(sorted(line.split()[1] for line in lines), ["beta", "vip"])

    def test_custom_attributes_that_answers_have_shown(self):
        listing = {"type": "list", "data": [
            {"type": "data_attribute", "model": "contact", "name": "plan", "data_type": "string", "custom": True,
             "options": [{"value": "pro"}, {"value": "free"}]},
            {"type": "data_attribute", "model": "company", "name": "seats", "data_type": "integer", "custom": True},
            {"type": "data_attribute", "model": "contact", "name": "email", "data_type": "string", "custom": False}]}
        with fake_intercom(200, listing) as server:
            self.terminal.close(force=True)
            self.terminal = self.open(INTERCOM_ACCESS_TOKEN="token-4711", INTERCOM_BASE_URL=server.url)
            self.terminal.expect(PROMPT)
            self.enter("data_attributes.list();")
            asked = len(server.requests)
            self.assertEqual(self.offered("contacts where custom_attributes."), ["plan"])
            self.assertIn("custom_attributes.plan", self.offered("contacts where custom"))
            self.assertEqual(self.offered('contacts where custom_attributes.plan == "'), ["free", "pro"])
            self.assertEqual(self.offered('contacts.create({role: "user", custom_attributes: {'), ["plan"])
            self.assertEqual(self.offered("companies.create({custom_attributes: {"), ["seats"])
            self.assertEqual(self.offered('contacts.create({custom_attributes: {plan: "p'), ["pro"])
            self.assertEqual(len(server.requests), asked, "Tab asks for nothing")

    def test_a_function_has_its_documentation_beside_it(self):
        line = self.shown(":complete [].chun")[0]
        self.assertRegex(line, r"chunk +list\.chunk\(n\) +Lists of")


class Keys(PromptTest):
    def press(self, keys, expected):
        self.terminal.send(keys)
        self.terminal.expect(expected)
        self.terminal.sendcontrol("u")

    def test_tab_completes_what_is_certain_and_lists_the_rest(self):
        self.press("contacts.crea\t", "contacts.create")
        self.press("jso\t", "json")
        self.press("json.\t", r"(?s)parse.*json\.parse\(.*stringify")
        self.press(":his\t", ":history")

    def test_tab_at_the_beginning_lists_what_there_is(self):
        self.press("\t", "(?s)contacts.*conversations")

    def test_tab_in_the_second_line_knows_the_first(self):
        self.terminal.send("let order = {number: 7, nothing: 8}\r")
        self.terminal.expect(PROMPT)
        self.terminal.send("for x in [1] {\r")
        self.terminal.expect(r"\.\.\.> ")
        self.press("order.numb\t", "order.number")

    def test_tab_never_asks_the_workspace(self):
        with fake_intercom(200, {"type": "list", "data": []}) as server:
            self.terminal.close(force=True)
            self.terminal = self.open(INTERCOM_ACCESS_TOKEN="token-4711", INTERCOM_BASE_URL=server.url)
            self.terminal.expect(PROMPT)
            for text in ("contacts.list().fi\t", 'contacts where role == "\t', 'intercom.request("/con\t', "_\t"):
                self.terminal.send(text)
                self.terminal.sendcontrol("u")
            self.enter(":complete contacts.find({}).em")
            self.enter(":doc contacts.list")
            self.enter(":type contacts.list()", "stream of contact")
            self.assertEqual(server.requests, [])


if __name__ == "__main__":
    unittest.main()
