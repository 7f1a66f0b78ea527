import java.net.http.HttpClient;
import java.net.http.WebSocket;

// Many decisions over one WebSocket: sent without waiting, answered in any order.
static final int DECISIONS = 5_000;

// So many are under way at once; the server's first frame says how many may be.
static final int WINDOW = 256;

Semaphore room = new Semaphore(WINDOW);
AtomicInteger allowed = new AtomicInteger();
AtomicInteger answered = new AtomicInteger();
CompletableFuture<Void> done = new CompletableFuture<>();

class Replies implements WebSocket.Listener {
  private final StringBuilder frame = new StringBuilder();

  @Override
  public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
    frame.append(part);
    if (last) {
      if (frame.indexOf("\"type\":\"reply\"") >= 0) {
        allowed.addAndGet(frame.indexOf("\"outcome\":\"ALLOW\"") >= 0 ? 1 : 0);
        room.release();
        if (answered.incrementAndGet() == DECISIONS) {
          done.complete(null);
        }
      }
      frame.setLength(0);
    }
    socket.request(1);
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable failure) {
    done.completeExceptionally(failure);
  }
}

void main() throws Exception {
  URI uri = URI.create(System.getenv("GATEHOUSE_URL").replaceFirst("^http", "ws") + "/v1/ws");
  try (HttpClient client = HttpClient.newHttpClient()) {
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .header("Authorization", "Bearer " + System.getenv("GATEHOUSE_KEY"))
            .buildAsync(uri, new Replies())
            .join();
    long start = System.nanoTime();
    for (int i = 0; i < DECISIONS; i++) {
      room.acquire();
      String frame = """
          {"id": "%d", "type": "decide", "tool": "bash", "arguments": {"command": "ls -l"}}""";
      socket.sendText(frame.formatted(i), true).join();
    }
    done.join();
    double seconds = (System.nanoTime() - start) / 1e9;
    IO.println("%d decisions, %d allowed, %.0f a second"
        .formatted(DECISIONS, allowed.get(), DECISIONS / seconds));
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
    socket.abort();
  }
}
