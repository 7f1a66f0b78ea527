# Starting, finding and killing processes.

import os
import signal
import sys
import time

KILL_SECONDS = 10.0


def spawn(command, environment, descriptors):
    """Starts a process in a session of its own, with exactly these descriptors."""
    # posix_spawn shares memory until exec: a fork of this process would cost 11 to 22 ms in gVisor.
    moves, spare = [], 100
    for target, source in descriptors.items():
        moves.append((os.POSIX_SPAWN_DUP2, source, spare + target))
    for target in descriptors:
        moves.append((os.POSIX_SPAWN_DUP2, spare + target, target))
        moves.append((os.POSIX_SPAWN_CLOSE, spare + target))
    return os.posix_spawnp(command[0], command, environment, file_actions=moves, setsid=True)


def close_all(descriptors):
    for descriptor in descriptors:
        os.close(descriptor)


def process_ids():
    """Every process but this one, zombies too."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def process_table():
    """Every living process but this one: pid -> (parent, session)."""
    table = {}
    for pid in process_ids():
        try:
            with open("/proc/%d/stat" % pid, "rb") as f:
                fields = f.read().rpartition(b")")[2].split()
        except OSError:
            continue
        if fields[0] not in (b"Z", b"X"):
            table[pid] = (int(fields[1]), int(fields[3]))
    return table


def send_signal(pid, number):
    try:
        os.kill(pid, number)
    except OSError:
        pass


def freeze():
    """Stops every process: one that forks faster than it can be found cannot win then."""
    before = -1
    count = len(process_ids())
    while count != before:
        send_signal(-1, signal.SIGSTOP)
        before, count = count, len(process_ids())


def descendants(roots, table):
    """The processes below the roots, by parent and by session."""
    found = set()
    grown = {root for root in roots if root in table}
    while grown:
        found |= grown
        grown = {pid for pid, (parent, session) in table.items()
                 if pid not in found and (parent in found or session in roots)}
    return found


def kill_all_but(spared, reap):
    deadline = time.monotonic() + KILL_SECONDS
    # Again and again: an end can wake others up, as the kernel does with orphaned groups.
    freeze()
    while doomed := process_table().keys() - spared:
        for pid in doomed:
            send_signal(pid, signal.SIGKILL)
        reap()
        if time.monotonic() > deadline:
            # What cannot be killed from inside ends with the sandbox.
            sys.exit("processes that do not die: %s" % sorted(doomed)[:10])
        freeze()
    for pid in spared:
        send_signal(pid, signal.SIGCONT)
    reap()


def exit_code(status):
    """As a shell reports it: 128 and the signal's number where a signal ended the process."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
