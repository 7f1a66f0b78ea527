# Starting, finding and killing processes.

import os
import signal
import sys
import time

KILL_SECONDS = 10.0

# What grows for so long while it is being stopped is a bomb, and nobody is spared the stop any more.
GENTLE_SECONDS = 0.5


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


def process_table(until):
    """Every living process but this one: pid -> (parent, session); None where that took too long."""
    table = {}
    for pid in process_ids():
        if time.monotonic() > until:
            return None
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


def freeze(spared, gentle_until):
    """Stops every process but the spared ones, so that none can start another while they are killed: a write that
    a stop interrupts is cut short, and most programs lose the rest. What forks faster than it can be found is
    stopped together with all others."""
    stopped = set()
    while running := living(spared) - stopped:
        if time.monotonic() > gentle_until:
            freeze_all()
            return
        for pid in running:
            send_signal(pid, signal.SIGSTOP)
        stopped |= running


def freeze_all():
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


def processes():
    """The table of all processes. Beside a fork bomb each look waits for the processor, all of them for 3 s and more:
    then all are stopped first."""
    patience = GENTLE_SECONDS
    while (table := process_table(time.monotonic() + patience)) is None:
        freeze_all()
        patience *= 2
    return table


def living(spared):
    """Every living process but this one and the spared ones."""
    table = processes()
    return table.keys() - spared(table)


def kill_all_but(spared, reap):
    """Kills all processes but those that spared(table) names, looked at anew each time: they may start others."""
    began = time.monotonic()
    # Again and again: an end can wake others up, as the kernel does with orphaned groups.
    freeze(spared, began + GENTLE_SECONDS)
    while doomed := living(spared):
        for pid in doomed:
            send_signal(pid, signal.SIGKILL)
        reap()
        if time.monotonic() > began + KILL_SECONDS:
            # What cannot be killed from inside ends with the sandbox.
            sys.exit("processes that do not die: %s" % sorted(doomed)[:10])
        freeze(spared, began + GENTLE_SECONDS)
    for pid in spared(processes()):
        send_signal(pid, signal.SIGCONT)
    reap()


def exit_code(status):
    """As a shell reports it: 128 and the signal's number where a signal ended the process."""
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)
