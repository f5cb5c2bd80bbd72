"""The example scripts and the diagnostics print exactly what is in golden/. `scripts/bless` rewrites those files."""
import os
import pathlib
import unittest

from support import ROOT, CommandTest

EXAMPLES = ROOT / "scripts" / "examples"
GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"


class GoldenTest(CommandTest):
    def assertGolden(self, path, text):
        if os.environ.get("ICS_BLESS"):
            path.write_text(text, encoding="utf-8")
        self.assertTrue(path.exists(), f"{path.name} is missing: scripts/bless writes it")
        self.assertEqual(text, path.read_text(encoding="utf-8"))

    def example(self, name, **variables):
        result = self.ics("run", EXAMPLES / f"{name}.ics", **variables)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result


class Examples(GoldenTest):
    def assertExample(self, name):
        result = self.example(name)
        self.assertGolden(GOLDEN / "examples" / f"{name}.out", result.stdout)
        return result

    def test_first(self):
        result = self.assertExample("first")
        self.assertIn("All of it came back as it was sent.", result.stdout)
        self.assertEqual(len(result.stderr.splitlines()), 1, "one line says that this is the sandbox")
        self.assertIn("sandbox", result.stderr)

    def test_first_again_on_the_same_sandbox_file(self):
        self.assertEqual(self.example("first").stdout, self.example("first").stdout)

    def test_contacts(self):
        self.assertExample("contacts")

    def test_contacts_again_on_the_same_sandbox_file(self):
        self.assertEqual(self.example("contacts").stdout, self.example("contacts").stdout)

    def test_report(self):
        self.example("contacts")
        self.assertExample("report")

    def test_first_against_a_workspace_of_its_own(self):
        server, ready = self.sandbox("--db", self.folder / "workspace.sqlite")
        account = {"INTERCOM_BASE_URL": ready["url"], "INTERCOM_ACCESS_TOKEN": ready["token"]}
        first = self.example("first", **account)
        self.assertEqual(first.stderr, "")
        self.stop(server)
        # The state is in the file: a server that starts anew has the contact.
        server, ready = self.sandbox("--db", self.folder / "workspace.sqlite")
        account = {"INTERCOM_BASE_URL": ready["url"], "INTERCOM_ACCESS_TOKEN": ready["token"]}
        count = self.ics("-e", "print(contacts.list().count())", **account)
        self.assertPrints(count, "1\n")
        self.assertEqual(self.example("first", **account).stdout, first.stdout)
        self.stop(server)


class Diagnostics(GoldenTest):
    """Each script of golden/diagnostics prints the .err beside it, and ends with the status of its kind of error."""

    def assertDiagnostic(self, path):
        result = self.ics("run", path.name, cwd=path.parent)
        before_running = path.stem.startswith("compile_")
        self.assertEqual(result.returncode, 2 if before_running else 1, result.stderr)
        self.assertGolden(path.with_suffix(".err"), result.stderr)


def add_diagnostics():
    for path in sorted((GOLDEN / "diagnostics").glob("*.ics")):
        setattr(Diagnostics, f"test_{path.stem}", lambda self, path=path: self.assertDiagnostic(path))


add_diagnostics()

if __name__ == "__main__":
    unittest.main()
