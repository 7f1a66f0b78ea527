# Finding files by name and by what is in them.

import os
import re
import time

from paths import (FILES_A_STEP, GO_ON, LIST, MAX_ANSWER_BYTES, Refused, last, open_directory, open_regular,
                   path_of, text, walk)
from wire import CHUNK

SEARCH_SECONDS = 10.0

# How much of a line is shown before and after what was found in it.
BEFORE, AFTER = 80, 160


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
