package dev.gatehouse.sandbox;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.HostConfig;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A bare container that runs {@code cat}, and its stream by the engine's socket with nothing of
 * ours in between: what a word to the inside and back costs at least.
 */
final class HeldStream implements AutoCloseable {
  private static final byte[] WORD = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private final DockerClient docker;
  private final String container;
  private final SocketChannel channel;
  private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 12);
  private final ByteBuffer out = ByteBuffer.allocateDirect(WORD.length);

  /** Starts it from that image, on that runtime. */
  HeldStream(DockerClient docker, EngineAddress engine, String image, String runtime)
      throws IOException {
    this.docker = docker;
    this.container =
        docker
            .createContainerCmd(image)
            .withEntrypoint("cat")
            .withStdinOpen(true)
            .withHostConfig(new HostConfig().withRuntime(runtime).withNetworkMode("none"))
            .exec()
            .getId();
    this.channel = SocketChannel.open(UnixDomainSocketAddress.of(engine.uri().getPath()));
    String request =
        "POST /containers/%s/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: docker\r\n"
            .formatted(container);
    write(
        (request + "Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    readHead();
    docker.startContainerCmd(container).exec();
  }

  /** A word there and back: nanoseconds. */
  long roundTripNanos() throws IOException {
    long began = System.nanoTime();
    out.clear().put(WORD).put(WORD.length - 1, (byte) '\n').flip();
    channel.write(out);
    readLines(1);
    return System.nanoTime() - began;
  }

  /** Reads up to the blank line. */
  private void readHead() throws IOException {
    boolean blank = false;
    while (!blank) {
      receive();
      for (byte last = 0; in.hasRemaining() && !blank; ) {
        byte next = in.get();
        blank = next == '\n' && last == '\n';
        last = next == '\r' ? last : next;
      }
    }
  }

  private void receive() throws IOException {
    in.clear();
    if (channel.read(in) < 0) {
      throw new EOFException("the engine closed the stream");
    }
    in.flip();
  }

  private void write(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Reads so many ends of lines; in the frames around the output there are none. */
  private void readLines(int count) throws IOException {
    for (int seen = 0; seen < count; ) {
      receive();
      while (in.hasRemaining()) {
        seen += in.get() == '\n' ? 1 : 0;
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    docker.removeContainerCmd(container).withForce(true).exec();
  }
}
