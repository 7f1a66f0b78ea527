# The resident Python interpreter: see interpreter.py for how it is asked and what it is lent.
#
# What an execution's environment changes is put back afterwards; what the code itself changes stays.


def _serve():
    import atexit
    import linecache
    import mmap
    import os
    import select
    import signal
    import struct
    import sys
    import threading
    import time
    import traceback
    import types

    ASKED, ANSWERED, WIRE_IN, WIRE_OUT, OUT, ERR, SHOWN, SHOW, SHARED = range(3, 12)
    EXECUTE, STDOUT, STDERR, ENDED, DISPLAY, PYTHON, CONTEXT = 1, 2, 3, 4, 5, 0, 1
    KINDS = {OUT: STDOUT, ERR: STDERR, SHOWN: DISPLAY}
    IDLE, RUNNING, ENDING, DIRECT, HANDED = range(5)
    CHUNK, MAX_SOURCES = 65536, 100
    HEADER = struct.Struct(">BBIIIIIBHH")
    # Where an execution's frame says where its input comes from.
    SOURCE, GIVEN = 31, 0
    FRAME = struct.Struct(">IBI")
    TELL = struct.Struct("=IIxxxxQ")
    read, write, now = os.read, os.write, time.monotonic_ns
    environ = os.environ

    for descriptor in range(ASKED, SHARED + 1):
        os.set_inheritable(descriptor, False)
    shared = mmap.mmap(SHARED, 32)
    os.close(SHARED)
    output = select.poll()
    output.register(OUT, select.POLLIN)
    output.register(ERR, select.POLLIN)
    output.register(SHOWN, select.POLLIN)

    main = types.ModuleType("__main__")
    main.__builtins__ = __builtins__
    main.__file__ = "/workspace/main.py"
    sys.modules["__main__"] = main
    sys.argv = [""]
    sys.path.insert(0, "")
    forked = []
    os.register_at_fork(after_in_child=lambda: forked.append(True))
    sources = []
    run_shown, show_figures = _display(lambda line: write_all(SHOW, line))
    standard_input = None
    input_given = False

    def set_input(stdin, fifo):
        nonlocal standard_input, input_given
        given = bool(stdin or fifo)
        if not given and not input_given and sys.stdin is standard_input and not sys.stdin.closed:
            return
        if fifo:
            # So that it waits for nobody, whether there will be more or not.
            source = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
            os.set_blocking(source, True)
        else:
            source = os.memfd_create("stdin") if stdin else os.open("/dev/null", os.O_RDONLY)
        if stdin:
            write_all(source, stdin)
            os.lseek(source, 0, os.SEEK_SET)
        os.dup2(source, 0)
        os.close(source)
        standard_input = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)
        sys.stdin = standard_input
        input_given = given

    def write_all(descriptor, data):
        while data:
            data = data[write(descriptor, data):]

    def remember(name, text):
        """So that tracebacks show the lines."""
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        sources.append(name)
        if len(sources) > MAX_SOURCES:
            linecache.cache.pop(sources.pop(0), None)

    def run(number, payload):
        """Runs one execution; gives its exit code and its own time in nanoseconds."""
        _, mode, _, _, code_bytes, stdin_bytes, _, source, _, _ = HEADER.unpack_from(payload)
        code_end = HEADER.size + code_bytes
        stdin_end = code_end + stdin_bytes
        set_input(payload[code_end:stdin_end], source != GIVEN and "/run/gatehouse/%d.in" % number)
        env = payload[stdin_end:]
        if env:
            given = dict(entry.split("=", 1) for entry in env.decode().split("\0")[:-1])
            former = {name: environ.get(name) for name in given}
            environ.update(given)
        status = 0
        name = "<execution %d>" % number
        began = now()
        try:
            text = payload[HEADER.size:code_end].decode()
            remember(name, text)
            run_shown(text, name, main.__dict__)
        except SystemExit as e:
            status = exit_status(e)
        except BaseException as e:
            traceback.print_exception(type(e), e, own_part(e.__traceback__, name))
            status = 130 if isinstance(e, KeyboardInterrupt) else 1
        if not forked:
            show_figures()
        if mode != CONTEXT:
            try:
                wind_up()
            except BaseException as e:
                traceback.print_exception(e)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        nanos = now() - began
        if forked:
            # The code forked, and this is the child: it ends here.
            os._exit(status)
        if env:
            for name, value in former.items():
                if value is None:
                    environ.pop(name, None)
                else:
                    environ[name] = value
        return status, nanos

    def own_part(trace, name):
        """What of a traceback is the code's own: all but what runs it and what interrupts it; of a text that does not
        compile nothing."""
        while trace is not None and trace.tb_frame.f_code.co_filename != name:
            trace = trace.tb_next
        last = trace
        while last is not None and last.tb_next is not None:
            if last.tb_next.tb_frame.f_code is interrupt.__code__:
                last.tb_next = None
            last = last.tb_next
        return trace

    def exit_status(e):
        if e.code is None:
            return 0
        if isinstance(e.code, int):
            return e.code & 255
        print(e.code, file=sys.stderr)
        return 1

    def wind_up():
        """As at the end of a process: threads are awaited, exit functions run, what is left goes."""
        threading._shutdown()
        atexit._run_exitfuncs()
        if threading.active_count() == 1:
            main.__dict__.clear()

    def interrupt(_, frame):
        """SIGINT ends the code that runs; between two executions it comes too late, and ends nothing."""
        while frame is not None:
            if frame.f_code is run_shown.__code__ or frame.f_code is wind_up.__code__:
                raise KeyboardInterrupt
            frame = frame.f_back

    def answer(number, status, nanos):
        write_all(ANSWERED, b"\n%d\t%d\t%d\n" % (number, status, nanos))

    def take_message():
        """Waits on the pipe from the supervisor."""
        head = take(ASKED, 9)
        number, length = struct.unpack(">II", head[1:])
        return head[:1], number, take(ASKED, length)

    def take(descriptor, length):
        data = b""
        while len(data) < length:
            more = read(descriptor, length - len(data))
            if not more:
                os._exit(0)
            data += more
        return data

    def take_frame():
        """Waits on the wire; gives whatever came, one whole frame at least."""
        data = read(WIRE_IN, CHUNK)
        if not data:
            os._exit(0)
        while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:4], "big"):
            more = read(WIRE_IN, CHUNK)
            if not more:
                os._exit(0)
            data += more
        return data

    def run_by_wire(number, payload):
        """Runs one execution with the wire in hand; false if the supervisor has taken it back."""
        limit = int.from_bytes(payload[2:6], "big")
        TELL.pack_into(shared, 4, number, limit, now())
        shared[0] = RUNNING
        status, nanos = run(number, payload)
        shared[0] = ENDING
        # Between the word above and the look below there must be a system call: see watch().
        ready = output.poll(0)
        if shared[1]:
            shared[0] = HANDED
            answer(number, status, nanos)
            return False
        shared[0] = DIRECT
        frames = []
        cut = drain(ready, number, limit, frames)
        report = (b'{"status":"exited","exitCode":%d,"stdoutCut":%s,"stderrCut":%s,"nanos":%d}'
                  % (status, cut[STDOUT], cut[STDERR], nanos))
        frames.append(FRAME.pack(5 + len(report), ENDED, number) + report)
        write_all(WIRE_OUT, b"".join(frames))
        shared[0] = IDLE
        return True

    def drain(ready, number, limit, frames):
        """Frames what waits in the output pipes, up to the limit; tells what was cut."""
        room = {kind: limit for kind in KINDS.values()}
        cut = {kind: b"false" for kind in KINDS.values()}
        more = True
        while more:
            more = False
            for descriptor, _ in ready:
                kind = KINDS[descriptor]
                data = read(descriptor, CHUNK)
                more |= len(data) == CHUNK and len(data) <= room[kind]
                if len(data) > room[kind]:
                    cut[kind] = b"true"
                    data = data[:room[kind]]
                room[kind] -= len(data)
                if data:
                    frames.append(FRAME.pack(5 + len(data), kind, number) + data)
            ready = more and output.poll(0)
        return cut

    signal.signal(signal.SIGINT, interrupt)
    lent = False
    while True:
        if not lent:
            kind, number, payload = take_message()
            if kind == b"L":
                lent = True
                continue
            if kind == b"F":
                with open(payload, "rb") as f:
                    payload = f.read()
            answer(number, *run(number, payload))
            continue
        data = take_frame()
        length, kind, number = FRAME.unpack_from(data)
        if (kind == EXECUTE and len(data) == 4 + length and data[9] == PYTHON and data[10] == CONTEXT
                and data[SOURCE] == GIVEN):
            lent = run_by_wire(number, data[9:])
        else:
            # Not for here: the wire goes back, with what came.
            lent = False
            write_all(ANSWERED, b"\nwire\t%d\n" % len(data) + data)


_serve()
