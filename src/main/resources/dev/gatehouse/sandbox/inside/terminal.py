# The first process on a terminal: only one of the terminal's own session can tell who is in its foreground. It starts
# the program, sends the foreground the signals that it reads as bytes from descriptor 3, and ends as the program does.


def _serve():
    import os
    import signal
    import sys

    def nothing(*_):
        pass

    def ended(*_):
        pid, status = os.waitpid(program, os.WNOHANG)
        if pid:
            os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))

    # It shares the program's group, but not its signals; handlers are not handed on.
    for number in range(1, signal.SIGSYS + 1):
        if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL):
            signal.signal(number, nothing)
    os.set_inheritable(3, False)
    program = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
    signal.signal(signal.SIGCHLD, ended)
    ended()
    while True:
        numbers = os.read(3, 64)
        while not numbers:
            signal.pause()
        for number in numbers:
            try:
                os.killpg(os.tcgetpgrp(0), number)
            except OSError:
                pass


_serve()
