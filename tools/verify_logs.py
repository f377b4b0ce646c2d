#!/usr/bin/env python3
"""verify_logs.py [FOLDER or ZIP] [--key PUBLIC]: verifies logs that Yakuba handed over: the signature of the index, the SHA-256 of
every file, and that each whole day is the one whose hash the ledger's lines in proof/ledger.jsonl record. With --key, the
index must be signed by the key that you know (64 hexadecimal digits). Written from docs/format/logs.md, apart from
Yakuba's own code. Standard library only. Exit: 0 all is well, 1 something is wrong (a line each), 2 could not check."""
import hashlib, json, os, sys, zipfile
from pathlib import Path
# Ed25519 verification in extended coordinates, RFC 8032 section 5.1.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P
def times(n, p):
    return (0, 1, 1, 0) if n == 0 else add(times(n >> 1, add(p, p)), p if n & 1 else (0, 1, 1, 0))
def point(data):
    y, sign = int.from_bytes(data, "little") & (1 << 255) - 1, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P: x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign): raise ValueError("not a point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P
def is_signed(message, signature, key):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    x, y, z, _ = add(times(s, point(bytes([0x58] + [0x66] * 31))), times(L - h, point(key)))  # s*B - h*A must be r
    x, y = x * pow(z, -1, P) % P, y * pow(z, -1, P) % P
    return len(signature) == 64 and s < L and (y | (x & 1) << 255).to_bytes(32, "little") == r

class Archive:  # a .zip, or the folder into which it was unpacked
    def __init__(self, path):
        self.zip, self.root = zipfile.ZipFile(path) if os.path.isfile(path) else None, Path(path)
    def names(self):
        if self.zip: return self.zip.namelist()
        return [one.relative_to(self.root).as_posix() for one in self.root.rglob("*") if one.is_file()]
    def open(self, name): return self.zip.open(name) if self.zip else open(self.root / name, "rb")
    def read(self, name):
        with self.open(name) as file: return file.read()
    def sums(self, name):
        sha, size = hashlib.sha256(), 0
        with self.open(name) as file:
            while piece := file.read(1 << 20): sha.update(piece); size += len(piece)
        return sha.hexdigest(), size

def verify(path, known=None):
    """All that is wrong, a text each."""
    wrong, archive = [], Archive(path)
    raw = archive.read("index.json")
    index, key = json.loads(raw), known or json.loads(raw)["key"]
    if index["format"] != "yakuba-logs 1": raise ValueError("another format: " + index["format"])
    if known not in (None, index["key"]): wrong.append("index.json: it names another key than yours")
    if not is_signed(raw, bytes.fromhex(archive.read("index.json.sig").decode()), bytes.fromhex(key)): wrong.append("index.json: its signature is wrong")
    listed, names = {one["file"]: one for one in index["files"]}, archive.names()
    wrong += ["a name is there twice"] if len(names) != len(set(names)) else []
    wrong += [f"{name}: it does not belong here" for name in set(names) - set(listed) - {"index.json", "index.json.sig"}]
    for name, one in listed.items():
        try:
            if archive.sums(name) != (one["sha256"], one["bytes"]): wrong.append(f"{name}: changed")
        except (KeyError, OSError, zipfile.BadZipFile) as error: wrong.append(f"{name}: {error!r}")
    lines = [json.loads(line) for line in archive.read("proof/ledger.jsonl").splitlines()]
    sealed = {(line["detail"]["series"], line["detail"]["day"]): line["detail"] for line in lines if line["act"] == "log.sealed"}
    for one in index["logs"]:
        there = sealed.get((one["series"], one["day"]), {}).get("sha256")
        if one["state"] != "open" and there != one["sealed_sha256"]: wrong.append(f'{one["series"]} {one["day"]}: no such line in the ledger')
        if one["whole"] and one["file"] and listed[one["file"]]["sha256"] != there: wrong.append(f'{one["file"]}: not the day that was sealed')
    return wrong

if __name__ == "__main__":
    try:
        words = sys.argv[1:]
        known = words.pop(words.index("--key") + 1) if "--key" in words else None
        words = [word for word in words if word != "--key"]
        wrong = verify(words[0] if words else os.path.dirname(os.path.abspath(__file__)), known)
        print("\n".join(wrong) or "all is well")
        sys.exit(1 if wrong else 0)
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error: sys.exit(print(f"could not check: {error!r}", file=sys.stderr) or 2)
