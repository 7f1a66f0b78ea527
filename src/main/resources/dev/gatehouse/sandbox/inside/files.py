# The sandbox's files, for the server: each operation is a generator that the supervisor takes one step
# further in each of its turns, so that none holds it up. What a step yields says whether the next one can be
# taken at once; else the operation waits for a frame.
#
# No link is followed, not even in the middle of a path: what is reached is what policy was asked about. Names
# are bytes; in JSON they are latin-1 text. SandboxFiles.java speaks the other end.

import ctypes
import json
import os
import re
import stat
import struct
import time
from collections import deque

from wire import CHUNK, write_all

# Frame types, the same in both directions.
HEAD, DATA, CREDIT, DONE = 32, 33, 34, 35

GO_ON, WAIT = True, False

DIRECTORY = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
PASS, LIST = DIRECTORY | os.O_PATH, DIRECTORY | os.O_RDONLY

# What one answer may take: a frame, with the longest entry to spare.
MAX_ANSWER_BYTES = 131072

# A descriptor is open for each level.
MAX_DEPTH = 128

# Entries, names or files looked at in one step.
NAMES_A_STEP, FILES_A_STEP = 256, 16

REMOVE_TRIES = 16
SEARCH_SECONDS = 10.0

# How much of a line is shown before and after what was found in it.
BEFORE, AFTER = 80, 160

WORDS = {
    "ENOENT": "not-found", "EEXIST": "exists", "EISDIR": "is-directory", "ENOTDIR": "not-directory",
    "ENOTEMPTY": "not-empty", "ELOOP": "symlink", "EACCES": "denied", "EPERM": "denied", "EROFS": "denied",
    "ENOSPC": "no-space", "EDQUOT": "no-space", "ENOMEM": "no-space", "EXDEV": "other-place",
    "ENAMETOOLONG": "too-long", "ENXIO": "not-regular", "EBUSY": "denied", "EINVAL": "into-itself",
}
ERRORS = {getattr(__import__("errno"), name): word for name, word in WORDS.items()}

TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFBLK: "device"}

IN_MODIFY, IN_ATTRIB, IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO = 0x2, 0x4, 0x8, 0x40, 0x80
IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF = 0x100, 0x200, 0x400, 0x800
IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED = 0x2000, 0x4000, 0x8000
CHANGES = {IN_CREATE: "created", IN_MODIFY: "modified", IN_CLOSE_WRITE: "written", IN_ATTRIB: "attributes",
           IN_DELETE: "deleted", IN_MOVED_FROM: "moved-from", IN_MOVED_TO: "moved-to"}
GONE = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED
EVENT = struct.Struct("=iIII")
# Thirty events of the longest name.
EVENT_BYTES = 30 * (EVENT.size + 256)


class Refused(Exception):
    """An error by its word."""


class Work:
    """One operation under way."""

    def __init__(self, files, number, request):
        self.files = files
        self.number = number
        self.credit = request.get("credit", 0)
        self.chunks = deque()
        self.idle = False
        self.steps = OPERATIONS[request["op"]](self, request)

    def say(self, kind, payload=b""):
        self.files.wire.send(kind, self.number, payload)

    def tell(self, kind, what):
        self.say(kind, json.dumps(what, ensure_ascii=False, separators=(",", ":")).encode())


class Files:
    def __init__(self, wire, listen, hush):
        self.wire = wire
        self.listen = listen
        self.hush = hush
        self.works = {}
        self.turn = deque()

    def frame(self, kind, number, payload):
        if kind == HEAD:
            self.works[number] = work = Work(self, number, json.loads(payload))
            self.turn.append(work)
            return
        work = self.works.get(number)
        # What has just ended is still spoken to.
        if work is None:
            return
        if kind == DONE:
            work.steps.close()
            self.end(work, {"error": "cancelled"})
            return
        if kind == DATA:
            work.chunks.append(payload)
        else:
            work.credit += 1
        self.wake(work)

    def wake(self, work):
        if work.idle:
            work.idle = False
            self.turn.append(work)

    def step(self):
        """Takes the next operation one step further."""
        if not self.turn:
            return
        work = self.turn.popleft()
        if work.number not in self.works:
            return
        try:
            if next(work.steps) is GO_ON:
                self.turn.append(work)
            else:
                work.idle = True
        except StopIteration as e:
            self.end(work, e.value or {})
        except Refused as e:
            self.end(work, {"error": e.args[0]})
        except OSError as e:
            self.end(work, {"error": ERRORS.get(e.errno, "failed"), "reason": e.strerror})

    def end(self, work, answer):
        del self.works[work.number]
        work.tell(DONE, answer)


def text(name):
    return name.decode("latin-1")


def path_of(request, key="path"):
    return request[key].encode("latin-1")


def enter(directory, name, flags):
    try:
        inner = os.open(name, PASS, dir_fd=directory)
    except NotADirectoryError:
        if stat.S_ISLNK(status_of(directory, name).st_mode):
            raise Refused("symlink") from None
        raise
    if flags == PASS:
        return inner
    # In two steps: to list, gVisor opens a directory behind a link, O_NOFOLLOW or not.
    try:
        return os.open(b".", flags, dir_fd=inner)
    finally:
        os.close(inner)


def open_directory(path, flags, make=False):
    """A descriptor of a directory; the caller closes it."""
    root, *names = path[1:].split(b"/")
    # The roots are mounted: nobody inside can put a link there.
    directory = os.open(b"/" + root, PASS if names else flags)
    for i, name in enumerate(names):
        try:
            if make:
                make_if_missing(directory, name)
            inner = enter(directory, name, flags if i == len(names) - 1 else PASS)
        finally:
            os.close(directory)
        directory = inner
    return directory


def open_parent(path, make=False):
    parent, _, name = path.rpartition(b"/")
    return open_directory(parent, PASS, make), name


def make_if_missing(directory, name):
    try:
        os.mkdir(name, 0o755, dir_fd=directory)
    except FileExistsError:
        pass


def status_of(directory, name):
    return os.stat(name, dir_fd=directory, follow_symlinks=False)


def found(directory, name):
    """The status, or None where there is nothing."""
    try:
        return status_of(directory, name)
    except FileNotFoundError:
        return None


def describe(name, status, directory=None):
    kind = stat.S_IFMT(status.st_mode)
    entry = {"name": text(name), "type": TYPES.get(kind, "other"), "size": status.st_size,
             "mode": stat.S_IMODE(status.st_mode), "modified": status.st_mtime_ns, "tag": tag(status)}
    if kind == stat.S_IFLNK and directory is not None:
        entry["target"] = text(os.readlink(name, dir_fd=directory))
    return entry


def tag(status):
    return "%x-%x-%x" % (status.st_ino, status.st_size, status.st_mtime_ns)


def is_root(path):
    return path.count(b"/") == 1


def look_at(work, request):
    path = path_of(request)
    if is_root(path):
        return describe(path[1:], os.stat(path, follow_symlinks=False))
    directory, name = open_parent(path)
    try:
        return describe(name, status_of(directory, name), directory)
    finally:
        os.close(directory)
    yield


def list_directory(work, request):
    """The first entries by name after a given one."""
    limit, after = request["limit"], path_of(request, "after")
    directory = open_directory(path_of(request), LIST)
    try:
        names = []
        with os.scandir(directory) as entries:
            for i, entry in enumerate(entries):
                name = os.fsencode(entry.name)
                if name > after:
                    names.append(name)
                    if len(names) > 2 * limit:
                        names.sort()
                        del names[limit + 1:]
                if i % NAMES_A_STEP == 0:
                    yield GO_ON
        names.sort()
        listed, size, more = [], 0, len(names) > limit
        for i, name in enumerate(names[:limit]):
            if size > MAX_ANSWER_BYTES:
                more = True
                break
            try:
                listed.append(describe(name, status_of(directory, name), directory))
            except FileNotFoundError:
                continue
            size += 120 + 2 * len(name) + 2 * len(listed[-1].get("target", ""))
            after = name
            if i % FILES_A_STEP == 0:
                yield GO_ON
        return {"entries": listed, "more": text(after) if more else None}
    finally:
        os.close(directory)


def open_regular(directory, name):
    """Opens what is a plain file; what else there is would do things when opened."""
    kind = stat.S_IFMT(status_of(directory, name).st_mode)
    if kind == stat.S_IFDIR:
        raise Refused("is-directory")
    if kind == stat.S_IFLNK:
        raise Refused("symlink")
    if kind != stat.S_IFREG:
        raise Refused("not-regular")
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused("not-regular")
    return descriptor


def read(work, request):
    """Sends a part of a file, as long as it is when it begins."""
    path = path_of(request)
    if is_root(path):
        raise Refused("is-directory")
    directory, name = open_parent(path)
    try:
        descriptor = open_regular(directory, name)
    finally:
        os.close(directory)
    try:
        status = os.fstat(descriptor)
        at, end = span(request, status)
        work.tell(HEAD, dict(describe(name, status), start=at, end=end))
        while at < end:
            while not work.credit:
                yield WAIT
            data = os.pread(descriptor, min(CHUNK, end - at), at)
            if not data:
                raise Refused("shrunk")
            at += len(data)
            work.credit -= 1
            work.say(DATA, data)
            yield GO_ON
    finally:
        os.close(descriptor)


def span(request, status):
    """The bytes that are asked for, as (start, end): all but where a range is given and still holds."""
    size = status.st_size
    if "range" not in request or request.get("tag", tag(status)) != tag(status):
        return 0, size
    first, last = request["range"]
    if first < 0:
        first, last = max(0, size - last), size - 1
    if first >= size:
        raise Refused("range %d" % size)
    return first, min(last, size - 1) + 1


def write(work, request):
    """Takes a file's content, beside it, and puts it in its place when it is whole."""
    directory, name = open_parent(path_of(request), request["parents"])
    beside = None
    descriptor = -1
    try:
        before = found(directory, name)
        if before is not None:
            if not request["overwrite"]:
                raise Refused("exists")
            if stat.S_ISDIR(before.st_mode):
                raise Refused("is-directory")
        beside = b".gatehouse-" + os.urandom(8).hex().encode()
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600,
                             dir_fd=directory)
        work.tell(HEAD, {})
        while True:
            while not work.chunks:
                yield WAIT
            data = work.chunks.popleft()
            if not data:
                break
            write_all(descriptor, data)
            work.say(CREDIT)
            yield GO_ON
        os.fchmod(descriptor, request["mode"])
        if request["overwrite"]:
            os.rename(beside, name, src_dir_fd=directory, dst_dir_fd=directory)
            beside = None
        else:
            os.link(beside, name, src_dir_fd=directory, dst_dir_fd=directory, follow_symlinks=False)
        return dict(describe(name, os.fstat(descriptor)), created=before is None)
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        if beside is not None:
            remove_quietly(directory, beside)
        os.close(directory)


def remove_quietly(directory, name):
    try:
        os.unlink(name, dir_fd=directory)
    except OSError:
        pass


def make(work, request):
    directory, name = open_parent(path_of(request), request["parents"])
    try:
        before = found(directory, name)
        if before is None:
            os.mkdir(name, 0o755, dir_fd=directory)
        elif not (request["parents"] and stat.S_ISDIR(before.st_mode)):
            raise Refused("exists")
        return dict(describe(name, status_of(directory, name)), created=before is None)
    finally:
        os.close(directory)
    yield


def move(work, request):
    directory, name = open_parent(path_of(request))
    try:
        other, new = open_parent(path_of(request, "to"))
        try:
            # A link over another one's own file would be no error, and no move either.
            status_of(directory, name)
            before = found(other, new)
            if before is not None and not request["overwrite"]:
                raise Refused("exists")
            os.rename(name, new, src_dir_fd=directory, dst_dir_fd=other)
            return dict(describe(new, status_of(other, new), other), created=before is None)
        finally:
            os.close(other)
    finally:
        os.close(directory)
    yield


def walk(top):
    """Everything below an open directory: its directory's descriptor, the path from the top, and whether it is
    itself a directory; these come after what is in them."""
    levels = [(top, b"", os.scandir(top))]
    try:
        while levels:
            directory, path, entries = levels[-1]
            entry = next(entries, None)
            if entry is None:
                entries.close()
                levels.pop()
                if levels:
                    os.close(directory)
                    yield levels[-1][0], path[:-1], True
                continue
            name = os.fsencode(entry.name)
            if not entry.is_dir(follow_symlinks=False):
                yield directory, path + name, False
                continue
            if len(levels) == MAX_DEPTH:
                raise Refused("too-deep")
            inner = enter(directory, name, LIST)
            levels.append((inner, path + name + b"/", os.scandir(inner)))
    finally:
        for directory, _, entries in levels:
            entries.close()
            if directory != top:
                os.close(directory)


def last(path):
    return path.rpartition(b"/")[2]


def remove(work, request):
    directory, name = open_parent(path_of(request))
    removed = 0
    try:
        if not stat.S_ISDIR(status_of(directory, name).st_mode):
            os.unlink(name, dir_fd=directory)
            return {"removed": 1}
        for _ in range(REMOVE_TRIES if request["recursive"] else 0):
            top = enter(directory, name, LIST)
            try:
                for where, path, is_directory in walk(top):
                    try:
                        if is_directory:
                            os.rmdir(last(path), dir_fd=where)
                        else:
                            os.unlink(last(path), dir_fd=where)
                        removed += 1
                    except FileNotFoundError:
                        pass
                    except OSError as e:
                        # Somebody puts new entries there: they are for the next round.
                        if ERRORS.get(e.errno) != "not-empty":
                            raise
                    if removed % FILES_A_STEP == 0:
                        yield GO_ON
            finally:
                os.close(top)
            try:
                os.rmdir(name, dir_fd=directory)
                return {"removed": removed + 1}
            except OSError as e:
                if ERRORS.get(e.errno) != "not-empty":
                    raise
        os.rmdir(name, dir_fd=directory)
        return {"removed": removed + 1}
    finally:
        os.close(directory)


def search(work, request):
    """Finds entries by name, or places in files by their text."""
    limit, content = request["limit"], path_of(request, "content")
    matches = name_test(path_of(request, "name"))
    until = time.monotonic() + SEARCH_SECONDS
    hits, size = [], 0
    top = open_directory(path_of(request), LIST)
    try:
        for i, (directory, path, is_directory) in enumerate(walk(top)):
            if not matches(last(path)):
                found_here = ()
            elif content:
                found_here = () if is_directory else places(directory, last(path), content)
            else:
                found_here = ({},)
            for place in found_here:
                if place is not None:
                    hits.append(dict(place, path=text(path)))
                    size += 120 + 2 * len(path) + 2 * len(place.get("text", ""))
                else:
                    yield GO_ON
                if len(hits) > limit or size > MAX_ANSWER_BYTES or time.monotonic() > until:
                    return {"matches": hits[:limit], "cut": True}
            if i % FILES_A_STEP == 0:
                yield GO_ON
        return {"matches": hits, "cut": False}
    finally:
        os.close(top)


def name_test(glob):
    """A test of names: * is any bytes, ? one byte. Each piece between stars is looked for once: linear."""
    pieces = glob.split(b"*")
    first, *rest = (re.compile(b"".join(b"." if c == 63 else re.escape(bytes((c,))) for c in piece), re.DOTALL)
                    for piece in pieces)

    def matches(name):
        if not rest:
            return first.fullmatch(name) is not None
        match = first.match(name)
        for piece in rest[:-1]:
            match = match and piece.search(name, match.end())
        if match is None:
            return False
        end = len(name) - len(pieces[-1])
        return end >= match.end() and rest[-1].match(name, end) is not None
    return matches


def places(directory, name, content):
    """Where a file has the text, at most once a line; None after each part of it."""
    try:
        descriptor = open_regular(directory, name)
    except (OSError, Refused):
        # It cannot be read, or is gone: it has nothing to find.
        return
    try:
        line, start = 1, 0
        reach = len(content) - 1 + AFTER
        while True:
            began = max(0, start - BEFORE)
            data = os.pread(descriptor, start - began + CHUNK + reach, began)
            offset = start - began
            end = min(len(data), offset + CHUNK)
            counted = offset
            at = data.find(content, offset, end + len(content) - 1)
            while 0 <= at < end:
                line += data.count(b"\n", counted, at)
                counted = at
                yield {"line": line, "offset": began + at, "text": text(excerpt(data, at, at + len(content)))}
                newline = data.find(b"\n", at + len(content), end)
                if newline < 0:
                    break
                at = data.find(content, newline, end + len(content) - 1)
            if end < offset + CHUNK:
                return
            line += data.count(b"\n", counted, end)
            start += CHUNK
            yield None
    finally:
        os.close(descriptor)


def excerpt(data, start, end):
    """What was found, with what is around it in its line."""
    line_start = data.rfind(b"\n", max(0, start - BEFORE), start) + 1 or max(0, start - BEFORE)
    line_end = data.find(b"\n", end, end + AFTER)
    return data[line_start:line_end if line_end >= 0 else end + AFTER]


def watch(work, request):
    """Tells the changes of a directory's entries. Where nobody takes them, they wait in the kernel, as many
    as it keeps."""
    libc = ctypes.CDLL(None, use_errno=True)
    notices = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if notices < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    try:
        directory = open_directory(path_of(request), LIST)
        try:
            mask = sum(CHANGES) | IN_DELETE_SELF | IN_MOVE_SELF
            if libc.inotify_add_watch(notices, b"/proc/self/fd/%d" % directory, mask) < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        finally:
            os.close(directory)
        work.tell(HEAD, {})
        while True:
            while not work.credit:
                yield WAIT
            try:
                changes, gone = read_changes(os.read(notices, EVENT_BYTES))
            except BlockingIOError:
                work.files.listen(notices, lambda: work.files.wake(work))
                yield WAIT
                work.files.hush(notices)
                continue
            if changes:
                work.credit -= 1
                work.tell(DATA, {"changes": changes})
            if gone:
                return {}
            yield GO_ON
    finally:
        work.files.hush(notices)
        os.close(notices)


def read_changes(data):
    """The changes, each once where it is repeated at once, and whether the directory itself went away."""
    changes, gone, at = [], False, 0
    while at < len(data):
        _, mask, _, length = EVENT.unpack_from(data, at)
        name = data[at + EVENT.size:at + EVENT.size + length].rstrip(b"\0")
        at += EVENT.size + length
        gone |= bool(mask & GONE)
        word = "overflow" if mask & IN_Q_OVERFLOW else CHANGES.get(mask & sum(CHANGES))
        if word is not None and (name or word == "overflow"):
            change = [word, text(name)]
            if not changes or changes[-1] != change:
                changes.append(change)
    return changes, gone


OPERATIONS = {"stat": look_at, "list": list_directory, "read": read, "write": write, "make": make, "move": move,
              "remove": remove, "search": search, "watch": watch}
