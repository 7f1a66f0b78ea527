package dev.gatehouse.sandbox;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The held stream to the supervisor inside one sandbox: the engine's attach stream, spoken over its
 * socket on an event loop, because docker-java would hold a thread for each. A round trip takes
 * about 0.25 ms (DESIGN, section 5), where {@code docker exec} takes 60.
 *
 * <p>Confined to the event loop that opened it.
 */
final class SupervisorChannel {
  private static final Logger LOGGER = LoggerFactory.getLogger(SupervisorChannel.class);
  private static final int MAX_RESPONSE_HEAD_BYTES = 16 << 10;

  // Frame types, as in inside/wire.py.
  private static final byte EXECUTE = 1;
  private static final byte KILL = 2;
  private static final byte INPUT = 3;
  private static final byte SIGNAL = 4;
  private static final byte RESIZE = 5;
  private static final byte PING = 64;
  private static final int READY = 1;
  private static final int STDOUT = 2;
  private static final int STDERR = 3;
  private static final int ENDED = 4;
  private static final int DISPLAY = 5;
  private static final int TAKEN = 6;
  private static final int INPUT_CLOSED = 7;
  private static final int PONG = 64;

  /** What a supervisor's last words may take; its own are a traceback. */
  private static final int MAX_DIAGNOSTIC_BYTES = 16 << 10;

  /** Who hears what the sandbox says. */
  interface Listener {
    /** The supervisor runs. {@code banner} is the kernel's, as the guest tells it. */
    void ready(String banner);

    void stdout(int number, Buffer bytes);

    void stderr(int number, Buffer bytes);

    /** Pieces of the lines of which {@link Display} reads one each. */
    void display(int number, Buffer bytes);

    void ended(int number, JsonObject report);

    /** So many bytes of what it was sent went on to the program. */
    void tookInput(int number, long bytes);

    /** The program will read no more. */
    void closedInput(int number);

    /** The answer to a ping. */
    void pong();

    /** A frame of {@link SandboxFiles}. */
    void file(int type, int number, Buffer payload);

    /** Nothing more will come; called once. */
    void closed(String reason);
  }

  private final NetSocket socket;
  private final Listener listener;
  private final FrameParser parser;
  private int diagnosticBytes;
  private boolean closed;

  private SupervisorChannel(NetSocket socket, Listener listener) {
    this.socket = socket;
    this.listener = listener;
    this.parser =
        new FrameParser(
            new FrameParser.Sink() {
              @Override
              public void frame(int type, int number, Buffer payload) {
                receive(type, number, payload);
              }

              @Override
              public void diagnostics(Buffer text) {
                complain(text);
              }
            });
  }

  /** Attaches to a container that is created but not started, so that no word is missed. */
  static Future<SupervisorChannel> attach(
      NetClient client, EngineAddress engine, String container, Listener listener) {
    return client
        .connect(engine.socket())
        .compose(socket -> {
          SupervisorChannel channel = new SupervisorChannel(socket, listener);
          return channel.upgrade(container).map(channel).onFailure(failure -> socket.close());
        });
  }

  private Future<Void> upgrade(String container) {
    Promise<Void> upgraded = Promise.promise();
    Buffer head = Buffer.buffer();
    socket.closeHandler(ignored -> {
      upgraded.tryFail("the engine closed the connection before it was attached");
      close(Ending.STOPPED);
    });
    socket.exceptionHandler(failure -> LOGGER.debug("attach stream failed", failure));
    socket.handler(bytes -> {
      if (upgraded.future().isComplete()) {
        take(bytes);
        return;
      }
      head.appendBuffer(bytes);
      int end = endOfHead(head);
      if (end < 0 && head.length() > MAX_RESPONSE_HEAD_BYTES) {
        upgraded.tryFail("the engine's answer to attach has no end");
      } else if (end >= 0) {
        String status = head.getString(0, Math.min(end, 64)).lines().findFirst().orElse("");
        // 101 is the answer to an upgrade; some engines say 200.
        if (status.contains(" 101 ") || status.contains(" 200 ")) {
          upgraded.complete();
          take(head.getBuffer(end, head.length()));
        } else {
          upgraded.tryFail("the engine refused to attach: " + status);
        }
      }
    });
    socket.write(
        "POST /containers/"
            + container
            + "/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
            + "Host: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n");
    return upgraded.future();
  }

  private static int endOfHead(Buffer head) {
    for (int i = 0; i + 3 < head.length(); i++) {
      if (head.getByte(i) == '\r'
          && head.getByte(i + 1) == '\n'
          && head.getByte(i + 2) == '\r'
          && head.getByte(i + 3) == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  /** Hands the supervisor's text to the bootstrap; before this nothing runs inside. */
  void sendSupervisor() {
    socket.write(SupervisorText.BYTES.copy());
  }

  /** Asks for an execution; its words come with {@code number}. */
  void execute(int number, ExecutionRequest request, int outputBytes, int processes) {
    send(EXECUTE, number, ExecutionFrame.of(request, outputBytes, processes));
  }

  /** Kills an execution and all it started; it then ends with {@code status}. */
  void kill(int number, String status) {
    send(KILL, number, Buffer.buffer(status));
  }

  /** Sends more of an execution's input; nothing says that it ends. */
  void input(int number, Buffer bytes) {
    send(INPUT, number, bytes);
  }

  void signal(int number, ProcessSignal signal) {
    send(SIGNAL, number, Buffer.buffer(signal.name()));
  }

  void resize(int number, TerminalSize size) {
    send(RESIZE, number, ExecutionFrame.of(size));
  }

  /** Whether the sandbox is behind with reading what it was sent. */
  boolean isFull() {
    return socket.writeQueueFull();
  }

  /** Whether nothing that is sent will arrive. */
  boolean isClosed() {
    return closed;
  }

  /** Asks for a sign of life. */
  void ping() {
    send(PING, 0, Buffer.buffer());
  }

  /** Sends a frame. */
  void send(int type, int number, Buffer payload) {
    socket.write(
        Buffer.buffer(9 + payload.length())
            .appendInt(5 + payload.length())
            .appendByte((byte) type)
            .appendInt(number)
            .appendBuffer(payload));
  }

  private void take(Buffer bytes) {
    if (closed) {
      return;
    }
    try {
      parser.accept(bytes);
    } catch (FrameParser.ProtocolException
        | DecodeException
        | ClassCastException
        | IllegalArgumentException
        | GuestPath.BadPathException e) {
      close(Ending.BROKE_PROTOCOL + ": " + e.getMessage());
    }
  }

  private void complain(Buffer text) {
    diagnosticBytes += text.length();
    if (diagnosticBytes > MAX_DIAGNOSTIC_BYTES) {
      throw new FrameParser.ProtocolException("it complains without end");
    }
    LOGGER.warn("a supervisor complains: {}", printable(text));
  }

  private void receive(int type, int number, Buffer payload) {
    switch (type) {
      case READY -> listener.ready(new JsonObject(payload).getString("banner", ""));
      case STDOUT -> listener.stdout(number, payload);
      case STDERR -> listener.stderr(number, payload);
      case DISPLAY -> listener.display(number, payload);
      case ENDED -> listener.ended(number, new JsonObject(payload));
      case TAKEN -> listener.tookInput(number, count(payload));
      case INPUT_CLOSED -> listener.closedInput(number);
      case PONG -> listener.pong();
      case SandboxFiles.HEAD, SandboxFiles.DATA, SandboxFiles.CREDIT, SandboxFiles.DONE ->
          listener.file(type, number, payload);
      default -> throw new FrameParser.ProtocolException("a frame of unknown type " + type);
    }
  }

  private static long count(Buffer payload) {
    if (payload.length() != Integer.BYTES) {
      throw new FrameParser.ProtocolException("a number that is none");
    }
    return payload.getUnsignedInt(0);
  }

  /** Closes the stream; the listener hears of it if it has not yet. */
  void close(String reason) {
    if (!closed) {
      closed = true;
      listener.closed(reason);
      socket.close();
    }
  }

  private static String printable(Buffer text) {
    String head = text.getString(0, Math.min(text.length(), 1000));
    return head.replaceAll("\\p{Cntrl}", " ");
  }
}
