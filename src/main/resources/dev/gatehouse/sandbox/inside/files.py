# The sandbox's files, for the server: each operation is a generator that the supervisor takes one step
# further in each of its turns, so that none holds it up. SandboxFiles.java speaks the other end.

import json
import os
import stat
from collections import deque

from paths import (ERRORS, FILES_A_STEP, GO_ON, LIST, MAX_ANSWER_BYTES, WAIT, Refused, describe, enter, found,
                   is_root, last, open_directory, open_parent, open_regular, path_of, status_of, tag, text, walk)
from search import search
from watch import watch
from wire import CHUNK, write_all

# Frame types, the same in both directions.
HEAD, DATA, CREDIT, DONE = 32, 33, 34, 35

# Names looked at in one step.
NAMES_A_STEP = 256

REMOVE_TRIES = 16


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

    def opened(self, what):
        self.tell(HEAD, what)

    def chunk(self, what):
        self.tell(DATA, what)

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
        work.opened(dict(describe(name, status), start=at, end=end))
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
        work.opened({})
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


OPERATIONS = {"stat": look_at, "list": list_directory, "read": read, "write": write, "make": make, "move": move,
              "remove": remove, "search": search, "watch": watch}
