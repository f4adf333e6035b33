"""Makes the archive that a forge serves for a tag out of another tarball.

Debian repacked some sources: the tree is the same, but the archive is not, and
so its sha256 does not match the pin. The forge's archive is a pure function of
the tree, the commit and its time: `git archive | gzip -n`. This writes the
same bytes without needing git.

    rebuild_archive.py TARBALL PREFIX/ COMMIT TIME OUT
"""

import subprocess
import sys
import tarfile

BLOCK = 512
RECORD = 20 * BLOCK


def tar_header(name, mode, size, time, kind, link=""):
    """One ustar header with the constant fields that git writes."""
    prefix, short = split_name(name)
    header = bytearray(BLOCK)

    def put(offset, text):
        raw = text if isinstance(text, bytes) else text.encode()
        header[offset:offset + len(raw)] = raw

    put(0, short)
    put(100, "%07o" % mode)
    put(108, "%07o" % 0)  # uid
    put(116, "%07o" % 0)  # gid
    put(124, "%011o" % size)
    put(136, "%011o" % time)
    put(148, " " * 8)  # the checksum is taken with blanks here
    put(156, kind)
    put(157, link)
    put(257, b"ustar\x0000")
    put(265, "root")
    put(297, "root")
    put(329, "%07o" % 0)  # device numbers
    put(337, "%07o" % 0)
    put(345, prefix)
    put(148, b"%07o\0" % sum(header))
    return bytes(header)


def split_name(name):
    """Splits a path longer than the name field at the last slash that fits."""
    if len(name.encode()) <= 100:
        return "", name
    cut = name[:156].rstrip("/").rfind("/")
    prefix, short = name[:cut], name[cut + 1:]
    if len(short.encode()) > 100:
        raise SystemExit(f"{name}: too long for a ustar header")
    return prefix, short


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def read_tree(tarball):
    """Every member by its path below the top folder; folders end in '/'."""
    tree = {}
    with tarfile.open(tarball) as tar:
        for member in tar:
            path = member.name.removeprefix("./").partition("/")[2]
            if path and member.isdir():
                tree[path + "/"] = ("5", 0o775, b"", "")
            elif member.issym():
                tree[path] = ("2", 0o777, b"", member.linkname)
            elif member.isfile():
                mode = 0o775 if member.mode & 0o100 else 0o664
                tree[path] = ("0", mode, tar.extractfile(member).read(), "")
    return tree


def commit_comment(commit, time):
    """The extended header that names the commit."""
    body = b"52 comment=%s\n" % commit.encode()
    header = tar_header("pax_global_header", 0o666, len(body), time, "g")
    return header + padded(body)


def archive(tree, prefix, commit, time):
    parts = [commit_comment(commit, time),
             tar_header(prefix, 0o775, 0, time, "5")]
    # Git orders a folder as if its name ended in a slash, as the keys do.
    for path, (kind, mode, data, link) in sorted(
            tree.items(), key=lambda item: item[0].encode()):
        parts.append(
            tar_header(prefix + path, mode, len(data), time, kind, link))
        parts.append(padded(data))
    tar = b"".join(parts) + bytes(2 * BLOCK)
    return tar + bytes(-len(tar) % RECORD)


def main(tarball, prefix, commit, time, out):
    tar = archive(read_tree(tarball), prefix, commit, int(time))
    packed = subprocess.run(["gzip", "-n"], input=tar, check=True,
                            stdout=subprocess.PIPE).stdout
    with open(out, "wb") as file:
        file.write(packed)


if __name__ == "__main__":
    main(*sys.argv[1:])
