#!/usr/bin/env python3
"""verify_release.py RELEASES KEYS [PUBLIC]: verifies a Yakuba release log with nothing but the folder of trusted public
keys (ID.pub): chain, signatures, tree roots, checkpoints, head and, when it is named, the public folder. Written from
docs/format/release.md, apart from Yakuba's own code, so that an auditor need not trust that. Standard library only.
Exit: 0 all is well, 1 something is wrong (a line each), 2 could not check."""
import base64, functools, hashlib, os, re, stat, sys
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

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
BASE = point(bytes([0x58] + [0x66] * 31))
@functools.lru_cache(maxsize=4096)
def is_signed(message, signature, key):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    x, y, z, _ = add(times(s, BASE), times(L - h, point(key)))  # s*B - h*A, which must be encoded as r
    x, y = x * pow(z, -1, P) % P, y * pow(z, -1, P) % P
    return s < L and (y | (x & 1) << 255).to_bytes(32, "little") == r
def sha(data): return hashlib.sha256(data).hexdigest()
def key_id(key): return sha(key)[:16]
def need(is_so, why):
    if not is_so: raise ValueError(why)
H, N, TIME, SITE = rb"[0-9a-f]{64}", rb"(?:0|[1-9]\d{0,14})", rb"[-\d]{10}T[:\d]{8}\.\d{3}Z", rb"[A-Za-z0-9._-]{1,64}"
SIGNATURE = re.compile(rb"signature ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\n")
HEAD = re.compile(rb"yakuba-head 1\nsite (%b)\nnumber (%b)\nrecord (%b)\ntime %b\n" % (SITE, N, H, TIME))
RECORD = re.compile(
    rb"yakuba-release 1\nsite (?P<site>%b)\nnumber (?P<number>%b)\nkind (?P<kind>takeover|publish|restored|checkpoint|"
    rb"(?P<rekey>rekey))\nkey (?P<key>\w{16})\n(?(rekey)newkey (?P<newkey>%b)\n)previous (?P<previous>%b)\ntime %b\n"
    rb"root (?P<root>%b)\nfiles (?P<files>%b)\nbytes (?P<bytes>%b)\nledger office %b %b\nledger watch %b %b\nnote \S+\n"
    rb"changes (?P<changes>%b)\n" % (SITE, N, H, H, TIME, H, N, N, N, H, N, H, N))
CHANGE = re.compile(rb"del (\S+)\n|put (\S+) ((%b) (%b) ([0-7]{4})(?: \S+){6})\n" % (H, N))
def read_signatures(data, at):
    found = [(m[1].decode(), base64.b64decode(m[2])) for m in SIGNATURE.finditer(data, at)]
    shown = b"".join(b"signature %b %b\n" % (key.encode(), base64.b64encode(bytes_)) for key, bytes_ in found)
    need(found and data[at:] == shown, "its end is not a signature")
    return found

class Record:
    def __init__(self, data, keys, turn):
        need(head := RECORD.match(data), "it is not a release record")
        self.__dict__.update({name: value and value.decode() for name, value in head.groupdict().items()})
        self.number, self.puts, self.deletes, at, before = int(self.number), [], [], head.end(), b""
        for _ in range(int(self.changes)):
            need(change := CHANGE.match(data, at), "a change is not well formed")
            path, at = unquote_to_bytes(change[1] or change[2]), change.end()
            need(path > before and not {b"", b".", b".."} & set(path.split(b"/")), "a path is bad or out of order")
            (self.deletes if change[1] else self.puts).append((path.split(b"/"), change))
            before = path
        new = {key_id(key): key for key in [bytes.fromhex(self.newkey)]} if self.newkey else {}
        self.keys, found = {**keys, **new}, read_signatures(data, at)
        self.signers = [name for name, _ in found]
        need(self.key in keys and self.signers == [turn or self.key, *new] and self.key == self.signers[0], "signed by others")
        need(all(is_signed(data[:at], bytes_, self.keys[name]) for name, bytes_ in found), "a signature is wrong")
    def leads(self, root):
        for path, line in self.deletes + self.puts: change(root, path, line)
        need(root.sums() == (self.root.encode(), int(self.files), int(self.bytes)), "it leads to another tree than it states")

class Folder(dict):  # name => a file's change line or a Folder; keeps its (hash, files, bytes) until something changes in it
    kept = None
    def sums(self):
        if not self.kept:
            below = {name: one.sums() if isinstance(one, Folder) else (one[3], 1, int(one[5])) for name, one in self.items()}
            kinds = {name: "d" if isinstance(one, Folder) else "f" for name, one in self.items()}
            lines = sorted((sha(name), f"{kinds[name]} {quote(name, safe='')} ".encode() + below[name][0]) for name in self)
            self.kept = node(lines, 0).encode(), sum(one[1] for one in below.values()), sum(one[2] for one in below.values())
        return self.kept
def node(lines, depth):
    if len(lines) <= 256: return sha(b"yakuba-leaf\n" + b"".join(line + b"\n" for _, line in lines))
    groups = ((digit, [one for one in lines if one[0][depth] == digit]) for digit in "0123456789abcdef")
    return sha(b"yakuba-node\n" + b"".join(f"{digit} {node(group, depth + 1)}\n".encode() for digit, group in groups if group))
def change(folder, path, line):
    folder.kept, name = None, path[0]
    if len(path) > 1:
        change(folder.setdefault(name, Folder()), path[1:], line)
        if not folder[name]: del folder[name]
    else:
        need(not isinstance(folder.get(name), Folder), "a folder is changed as if it were a file")
        folder.pop(name) if line[1] else folder.update({name: line})

def verify(releases, keys, public=None):
    """All that is wrong, a text each. `keys`: the ids of the trusted keys, and their 32 bytes."""
    wrong, releases, hashes, root = [], Path(releases), {}, Folder()
    site, turn, number, previous = None, None, 0, "0" * 64
    for path in sorted((releases / "log").iterdir()) + sorted((releases / "checkpoints").glob("*")) + [releases / "head"]:
        try:
            data, name = path.read_bytes(), re.fullmatch(r"(\d{8})\.release", path.name)
            if name:
                last, number, before, previous = number, int(name[1]), previous, sha(data)
                record = Record(data, keys, turn)
                need(record.number == number and record.kind != "checkpoint", "its name says another number or kind")
                need(number == last + 1 or record.kind == "restored" and last, "releases before it are missing")
                need(record.previous == before, "it does not follow from the record before it")
                need(record.site == (site or record.site), "it is of another site")
                site, turn, keys = record.site, record.signers[-1], record.keys
                hashes[number] = (previous, turn, record.root)
                record.leads(root)
            elif name := re.fullmatch(r"(\d{8})\.checkpoint", path.name):
                stands_for = hashes[int(name[1])]
                copy = Record(data, keys, stands_for[1])
                need((copy.kind, copy.number, copy.site, copy.previous, copy.root) == ("checkpoint", int(name[1]), site,
                     stands_for[0], stands_for[2]), "it says something else than its record")
                copy.leads(Folder())
            else:
                need((head := HEAD.match(data)) and path.name == "head", "it does not belong here")
                [(signer, signature)] = read_signatures(data, head.end())
                need(signer in keys and is_signed(data[:head.end()], signature, keys[signer]), "its signature is wrong")
                need(head[1].decode() == site and hashes.get(int(head[2]), [0])[0] == head[3].decode(), "it names no such release")
        except (ValueError, KeyError, AttributeError, OSError) as error: wrong.append(f"{path.name}: {error!r}")
    return wrong + (list(verify_public(os.fsencode(public), root)) if public else [])
def files_below(folder, prefix=b""):
    for name, one in folder.items():
        if isinstance(one, Folder): yield from files_below(one, prefix + name + b"/")
        elif one[4] != b"0" * 64: yield prefix + name, one
def verify_public(public, tree):
    expected, walk, join = dict(files_below(tree)), os.walk(public), os.path.join
    there = {join(where, name) for where, below, names in walk for name in names + below
             if name in names or os.path.islink(join(where, name))}
    for path in sorted({join(public, one) for one in expected} | there):
        shown, one = os.fsdecode(path), expected.get(os.path.relpath(path, public))
        if path not in there or not one: yield f"{shown}: {'extra' if path in there else 'missing'}"
        elif not stat.S_ISREG(os.lstat(path).st_mode): yield f"{shown}: wrong type"
        elif sha(Path(shown).read_bytes()).encode() != one[4]: yield f"{shown}: changed"
        elif stat.S_IMODE(os.lstat(path).st_mode) != int(one[6], 8): yield f"{shown}: mode"
if __name__ == "__main__":
    try:
        need(len(sys.argv) in (3, 4), __doc__)
        known = {path.stem: bytes.fromhex(path.read_text().strip()) for path in Path(sys.argv[2]).glob("*.pub")}
        need(known and all(key_id(key) == name for name, key in known.items()), "no keys, or one that is not what it is named")
        wrong = verify(sys.argv[1], known, *sys.argv[3:])
        print("\n".join(wrong) or "all is well")
        sys.exit(1 if wrong else 0)
    except (OSError, ValueError) as error: sys.exit(print(f"could not check: {error}", file=sys.stderr) or 2)
