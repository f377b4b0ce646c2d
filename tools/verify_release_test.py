#!/usr/bin/env python3
"""The independent verifier against the format's test vectors, and against every way of tampering with them."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import verify_release as verifier

VECTORS = Path(__file__).resolve().parent.parent / "docs/format/vectors/release"
KEYS = {path.stem: bytes.fromhex(path.read_text().strip()) for path in (VECTORS / "keys").glob("*.pub")}


class VerifyRelease(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.releases, self.public = self.folder / "releases", self.folder / "public"
        shutil.copytree(VECTORS / "releases", self.releases)
        shutil.copytree(VECTORS / "public", self.public)
        for path in self.public.rglob("*"):  # whatever the umask of the checkout was
            path.chmod(0o755 if path.is_dir() or path.suffix == ".sh" else 0o644)

    def wrong(self, public=None):
        return verifier.verify(self.releases, KEYS, public)

    def files(self):
        return sorted(path for path in self.releases.rglob("*") if path.is_file())

    def test_ed25519_vectors(self):
        # RFC 8032 section 7.1, tests 1 to 3: public key, message, signature.
        for key, message, signature in (
            ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
             "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
            ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
            ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
             "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
        ):
            key, message, signature = map(bytes.fromhex, (key, message, signature))
            self.assertTrue(verifier.is_signed(message, signature, key))
            self.assertFalse(verifier.is_signed(message + b"x", signature, key))
            # The same signature with s + L: accepted by careless verifiers, and a second form of one record.
            large = signature[:32] + (int.from_bytes(signature[32:], "little") + verifier.L).to_bytes(32, "little")
            self.assertFalse(verifier.is_signed(message, large, key))

    def test_the_vectors_are_whole(self):
        self.assertEqual(self.wrong(self.public), [])

    def test_a_large_folder(self):
        empty = verifier.hashlib.sha256(b"").hexdigest().encode()
        root = verifier.Folder()
        for i in range(1000):
            line = b"put news/page-%04d.html %b 0 0644 text/html utf-8 200 - - -\n" % (i, empty)
            change = verifier.CHANGE.fullmatch(line)
            verifier.change(root, change[2].split(b"/"), change)
        self.assertEqual(root.sums(), ((VECTORS / "large-folder-root").read_bytes().strip(), 1000, 0))

    def test_any_byte_changed_anywhere_is_found(self):
        for path in self.files():
            data = path.read_bytes()
            for at in range(len(data)):
                path.write_bytes(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1:])
                self.assertTrue(self.wrong(), f"{path.name}, byte {at}")
            path.write_bytes(data)
        self.assertEqual(self.wrong(), [])

    def test_cut_and_lengthened_files_are_found(self):
        for path in self.files():
            data = path.read_bytes()
            for changed in (b"", data[: len(data) // 2], data + b"\n", data + data):
                path.write_bytes(changed)
                self.assertTrue(self.wrong(), path.name)
            path.write_bytes(data)

    def test_swapped_records_are_found(self):
        log = sorted((self.releases / "log").iterdir())
        for a in log:
            for b in log:
                if a < b:
                    one, other = a.read_bytes(), b.read_bytes()
                    a.write_bytes(other), b.write_bytes(one)
                    self.assertTrue(self.wrong(), f"{a.name} and {b.name}")
                    a.write_bytes(one), b.write_bytes(other)

    def test_missing_records_are_found(self):
        for path in (self.releases / "log").iterdir():
            data = path.read_bytes()
            path.unlink()
            self.assertTrue(self.wrong(), path.name)
            path.write_bytes(data)
        (self.releases / "head").unlink()
        self.assertTrue(self.wrong())

    def test_records_there_twice_are_found(self):
        for path in list((self.releases / "log").iterdir()):
            for name in ("00000004.release", "00000006.release", path.name + ".copy", "1.release"):
                copy = path.with_name(name)
                shutil.copy(path, copy)
                self.assertTrue(self.wrong(), f"{path.name} as {name}")
                copy.unlink()

    def test_another_key_is_not_trusted(self):
        other = {verifier.key_id(bytes(32)): bytes(32)}
        self.assertTrue(verifier.verify(self.releases, other))

    def test_a_changed_public_folder_is_found(self):
        page = self.public / "index.html"
        (self.public / "extra.html").write_text("x")
        self.assertTrue(any("extra" in one for one in self.wrong(self.public)))
        (self.public / "extra.html").unlink()
        page.chmod(0o755)
        self.assertTrue(any("mode" in one for one in self.wrong(self.public)))
        page.write_text("defaced")
        self.assertTrue(any("changed" in one for one in self.wrong(self.public)))
        page.unlink()
        self.assertTrue(any("missing" in one for one in self.wrong(self.public)))
        page.symlink_to("old.html")
        self.assertTrue(any("type" in one for one in self.wrong(self.public)))
        page.unlink()
        shutil.copy(VECTORS / "public/index.html", page)
        page.chmod(0o644)
        self.assertEqual(self.wrong(self.public), [])
        shutil.rmtree(self.public / "css")
        self.assertTrue(any("missing" in one for one in self.wrong(self.public)))

    def test_the_program_says_it_with_its_exit_code(self):
        def run(*arguments):
            return subprocess.run([sys.executable, verifier.__file__, *map(str, arguments)], capture_output=True, check=False)

        self.assertEqual(run(self.releases, VECTORS / "keys", self.public).returncode, 0)
        os.truncate(self.releases / "head", 5)
        self.assertEqual(run(self.releases, VECTORS / "keys").returncode, 1)
        self.assertEqual(run(self.releases, self.public).returncode, 2)
        self.assertEqual(run().returncode, 2)


if __name__ == "__main__":
    unittest.main()
