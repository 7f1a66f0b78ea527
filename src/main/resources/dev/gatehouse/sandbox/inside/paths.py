# How all that is done with files reaches them.
#
# No link is followed, not even in the middle of a path: what is reached is what policy was asked about. Names
# are bytes; in JSON they are latin-1 text.

import errno
import os
import stat

# What a step of an operation yields: whether the next one can be taken at once, or waits for a frame.
GO_ON, WAIT = True, False

DIRECTORY = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
PASS, LIST = DIRECTORY | os.O_PATH, DIRECTORY | os.O_RDONLY

# What one answer may take: a frame, with the longest entry to spare.
MAX_ANSWER_BYTES = 131072

# A descriptor is open for each level.
MAX_DEPTH = 128

# Entries looked at in one step.
FILES_A_STEP = 16

WORDS = {
    "ENOENT": "not-found", "EEXIST": "exists", "EISDIR": "is-directory", "ENOTDIR": "not-directory",
    "ENOTEMPTY": "not-empty", "ELOOP": "symlink", "EACCES": "denied", "EPERM": "denied", "EROFS": "denied",
    "ENOSPC": "no-space", "EDQUOT": "no-space", "ENOMEM": "no-space", "EXDEV": "other-place",
    "ENAMETOOLONG": "too-long", "ENXIO": "not-regular", "EBUSY": "denied", "EINVAL": "into-itself",
}
ERRORS = {getattr(errno, name): word for name, word in WORDS.items()}

TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "device", stat.S_IFBLK: "device"}


class Refused(Exception):
    """An error by its word."""


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
