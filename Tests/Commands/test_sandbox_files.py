"""The sandbox's file, when it is damaged, locked, read-only, or something else: one clear error each, and nothing lost."""
import contextlib
import os
import sqlite3
import unittest

from support import CommandTest

CODE = "print(contacts.list().count())"


class SandboxFiles(CommandTest):
    def setUp(self):
        super().setUp()
        self.home.mkdir()
        self.path = self.home / "sandbox.sqlite"

    def assertRefused(self, *patterns):
        """Both uses of the file say what is wrong with it."""
        for arguments in (["--quiet", "-e", CODE], ["sandbox", "--db", self.path]):
            with self.subTest(arguments):
                self.assertFails(self.ics(*arguments), 1, r"sandbox\.sqlite", *patterns)

    def make(self):
        self.assertEqual(self.ics("-e", 'contacts.create({role: "user", external_id: "1"})').returncode, 0)
        # What is still in the log beside the file goes into the file.
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def test_no_database(self):
        for content in (b"this is a text, and not a database; it is as long as a header\n" * 4, os.urandom(8192)):
            self.path.write_bytes(content)
            self.assertRefused("not a database")
            self.assertEqual(self.path.read_bytes(), content)

    def test_another_programs_database(self):
        with contextlib.closing(sqlite3.connect(self.path)) as database, database:
            database.execute("CREATE TABLE contacts (name TEXT)")
            database.execute("INSERT INTO contacts VALUES ('Ada')")
        self.assertRefused("another program")
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            self.assertEqual(database.execute("SELECT name FROM contacts").fetchall(), [("Ada",)])

    def test_a_later_version(self):
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            database.execute("PRAGMA user_version = 99")
        self.assertRefused("later version")

    def test_damaged(self):
        self.make()
        content = bytearray(self.path.read_bytes())
        content[4096:] = b"\xff" * (len(content) - 4096)
        self.path.write_bytes(content)
        self.assertRefused("malformed|damaged")

    def test_cut(self):
        self.make()
        content = self.path.read_bytes()
        self.path.write_bytes(content[:len(content) // 2])
        self.assertRefused("malformed|damaged")

    def test_locked(self):
        self.make()
        with contextlib.closing(sqlite3.connect(self.path)) as database:
            database.execute("BEGIN EXCLUSIVE")
            self.assertFails(self.ics("--quiet", "-e", CODE), 1, r"error\[E_IO\].*locked by another program")
        self.assertPrints(self.ics("--quiet", "-e", CODE), "1\n")

    def test_a_folder(self):
        self.path.mkdir()
        self.assertRefused("is a folder")

    @unittest.skipIf(os.geteuid() == 0, "root may write everything")
    def test_read_only(self):
        self.make()
        self.path.chmod(0o400)
        self.assertRefused("may not be written")

    @unittest.skipIf(os.geteuid() == 0, "root may write everything")
    def test_a_home_that_may_not_be_written(self):
        self.home.chmod(0o500)
        self.addCleanup(self.home.chmod, 0o700)
        self.assertRefused("may its folder be written")

    def test_a_home_that_is_a_file(self):
        home = self.write("file", "")
        self.assertFails(self.ics("--quiet", "-e", CODE, ICS_HOME=str(home)), 1, r"error\[E_IO\]", "Not a directory")
        self.assertFails(self.ics("run", "--sandbox", "-e", CODE, "--quiet", ICS_HOME=str(home)), 1, r"error\[E_IO\]",
                         "file/sandbox.sqlite: '.*file' is no folder")
        self.assertFails(self.ics("sandbox", ICS_HOME=str(home)), 1, "file/sandbox.sqlite")

    def test_a_folder_that_is_not_there(self):
        self.assertFails(self.ics("sandbox", "--db", self.folder / "no" / "box.sqlite"), 1, "there is no folder")


if __name__ == "__main__":
    unittest.main()
