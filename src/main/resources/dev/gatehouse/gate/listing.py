# What a directory holds, for the server: one JSON object a line by path, then one with how many there are. Links are
# not followed; what is beyond the limits that stand above this text is counted, and not listed or read.

import sys

# What ran here before may have left modules of those names.
sys.path[:] = [path for path in sys.path if path.startswith("/usr/")]

import hashlib
import json
import os
import stat

TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink"}


def text(path):
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def walk(root):
    pending = [root]
    found = []
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if len(found) == MAX_SEEN:
                        return found, True
                    found.append(entry.path)
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
        except OSError:
            continue
    return found, False


def digest(path, size, budget):
    if size > min(MAX_FILE_BYTES, budget):
        return None
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        content = file.read(size + 1)
    return hashlib.sha256(content).hexdigest() if len(content) == size else None


def main(root):
    found, cut = walk(root)
    found.sort(key=os.fsencode)
    budget = MAX_BYTES
    for path in found[:MAX_LISTED]:
        entry = {"path": text(os.path.relpath(path, root))}
        try:
            status = os.lstat(path)
            kind = TYPES.get(stat.S_IFMT(status.st_mode), "other")
            # How large a directory is says nothing.
            entry.update(type=kind, mode=stat.S_IMODE(status.st_mode), size=status.st_size if kind == "file" else 0)
            if kind == "file":
                entry["sha256"] = digest(path, status.st_size, budget)
                budget -= status.st_size if entry["sha256"] else 0
            elif kind == "symlink":
                entry["target"] = text(os.readlink(path))
        except OSError:
            entry.update(type="unreadable", mode=0, size=0)
        print(json.dumps(entry))
    print(json.dumps({"seen": len(found), "cut": cut}))


main("/workspace")
