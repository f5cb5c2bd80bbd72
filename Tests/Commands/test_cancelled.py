"""What is said of a write that a script gave up on its way."""
from support import CommandTest


class Cancelled(CommandTest):
    def test_a_cancelled_write_has_an_unknown_outcome(self):
        sandbox, ready = self.sandbox("--db", ":memory:", "--faults", "slow:60s")
        script = self.write("cancel.ics", """
            try {
              parallel([1, 2], n => {
                if n == 1 { sleep(100ms); throw "no" }
                contacts.create({role: "user", external_id: "1"})
              })
            } catch e { print(e.message) }
            """)
        result = self.ics(
            "run", script, INTERCOM_BASE_URL=ready["url"], INTERCOM_ACCESS_TOKEN=ready["token"])
        self.assertPrints(result, "no\n")
        self.assertRegex(result.stderr, r"warning: POST /contacts: .*whether it was carried out is unknown")
