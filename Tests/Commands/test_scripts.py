"""The project's own scripts: what scripts/check catches, and what scripts/embed-stdlib writes."""
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import ROOT


class Scripts(unittest.TestCase):
    """Each test changes a copy of what the scripts look at."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.copy = pathlib.Path(folder.name)
        for name in ("Sources", "scripts", "stdlib", "Package.swift", ".swift-format"):
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, self.copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, self.copy / name)

    def run_script(self, name, *arguments):
        result = subprocess.run(
            [str(self.copy / "scripts" / name), *arguments], capture_output=True, text=True, timeout=120, check=False)
        return result.returncode, result.stdout + result.stderr

    def add(self, path, text):
        file = self.copy / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def assertFinds(self, check, finding):
        status, output = self.run_script("check", "--only", check)
        self.assertEqual(status, 1, output)
        self.assertIn(finding, output)

    def test_the_project_as_it_is_passes(self):
        self.assertEqual(self.run_script("check", "--only", "imports"), (0, ""))

    def test_a_forbidden_import(self):
        self.add("Sources/ICSVM/Wrong.swift", "import Foundation\n")
        self.assertFinds("imports", "Sources/ICSVM/Wrong.swift:1: ICSVM may not import Foundation")

    def test_an_import_of_a_layer_above(self):
        self.add("Sources/ICSSyntax/Wrong.swift", "// The reason.\n\n@testable import ICSCompiler\n")
        self.assertFinds("imports", "Sources/ICSSyntax/Wrong.swift:3: ICSSyntax may not import ICSCompiler")

    def test_every_form_of_an_import(self):
        for line in (
            "@preconcurrency import GRDB", "@_exported import GRDB", "package import GRDB",
            "internal import struct GRDB.Row",
            "import GRDB.Row", "@preconcurrency @_implementationOnly import GRDB", "let a = 1; import GRDB",
            "#if canImport(GRDB)\n  import GRDB\n#endif",
        ):
            with self.subTest(line):
                self.add("Sources/ICSLibrary/Wrong.swift", line + "\n")
                self.assertFinds("imports", "ICSLibrary may not import GRDB")

    def test_what_only_looks_like_an_import(self):
        self.add(
            "Sources/ICSVM/Right.swift",
            '// import GRDB\n/*\nimport GRDB\n*/\nlet text = """\n  import GRDB\n  """\n'
            'let important = "import GRDB"\n')
        self.assertEqual(self.run_script("check", "--only", "imports"), (0, ""))

    def test_a_target_that_the_table_does_not_know(self):
        self.add("Sources/ICSExtra/Extra.swift", "\n")
        self.assertFinds("imports", "Sources/ICSExtra: not a target of the table")

    def test_a_dependency_that_the_table_does_not_know(self):
        manifest = (self.copy / "Package.swift").read_text(encoding="utf-8")
        wrong = manifest.replace('.target(name: "ICSJSON")', '.target(name: "ICSJSON", dependencies: [crypto])')
        self.assertNotEqual(wrong, manifest)
        self.add("Package.swift", wrong)
        self.assertFinds("imports", "Package.swift: ICSJSON may not depend on Crypto")

    def test_formatting(self):
        self.add("Sources/ICSVM/Wrong.swift", "func  wrong( ) {\n        return\n}\n")
        self.assertFinds("format", "Sources/ICSVM/Wrong.swift:1")

    def test_a_stale_generated_file(self):
        self.add("stdlib/extra.ics", "export let answer = 42\n")
        self.assertFinds("generated", "run scripts/embed-stdlib")
        self.assertEqual(self.run_script("embed-stdlib"), (0, ""))
        self.assertEqual(self.run_script("embed-stdlib", "--check"), (0, ""))
        written = (self.copy / "Sources/ICSLibrary/StandardModules.generated.swift").read_text(encoding="utf-8")
        self.assertIn('case "std/extra": return ####"""\nexport let answer = 42\n\n"""####\n', written)

    def test_every_script_says_what_it_is_for(self):
        # scripts/ics gives all its arguments to the binary.
        for path in sorted(p for p in (ROOT / "scripts").iterdir() if p.is_file() and p.name != "ics"):
            with self.subTest(path.name):
                status, output = self.run_script(path.name, "--help")
                self.assertEqual(status, 0, output)
                self.assertIn(f"scripts/{path.name}", output)


if __name__ == "__main__":
    unittest.main()
