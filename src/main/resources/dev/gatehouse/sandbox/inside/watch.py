# Telling what happens in a directory.

import ctypes
import os
import struct

from paths import GO_ON, LIST, WAIT, open_directory, path_of, text

IN_MODIFY, IN_ATTRIB, IN_CLOSE_WRITE, IN_MOVED_FROM, IN_MOVED_TO = 0x2, 0x4, 0x8, 0x40, 0x80
IN_CREATE, IN_DELETE, IN_DELETE_SELF, IN_MOVE_SELF = 0x100, 0x200, 0x400, 0x800
IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED = 0x2000, 0x4000, 0x8000
CHANGES = {IN_CREATE: "created", IN_MODIFY: "modified", IN_CLOSE_WRITE: "written", IN_ATTRIB: "attributes",
           IN_DELETE: "deleted", IN_MOVED_FROM: "moved-from", IN_MOVED_TO: "moved-to"}
GONE = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED
EVENT = struct.Struct("=iIII")
# Thirty events of the longest name.
EVENT_BYTES = 30 * (EVENT.size + 256)


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
        work.opened({})
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
                work.chunk({"changes": changes})
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
