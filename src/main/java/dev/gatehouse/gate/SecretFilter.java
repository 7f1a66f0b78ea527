package dev.gatehouse.gate;

import dev.gatehouse.sandbox.ExecutionFollower;
import dev.gatehouse.sandbox.ExecutionFollower.Stream;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Takes secrets whose values are known out of what code says, also where a piece of it ends within
 * one: as much as may become one is held until the next piece. It sees values as they are, not what
 * code makes of them.
 *
 * <p>May be used from any thread. A byte costs as many looks as there are secrets that begin with
 * it, each at most as long as a secret.
 */
final class SecretFilter implements ExecutionFollower.Filter {
  private static final class Secret {
    final byte[] value;
    final byte[] instead;

    Secret(String value, String name) {
      this.value = utf8(value);
      this.instead = utf8("[redacted:given:" + name + "]");
    }
  }

  /** The longest first: of two that begin alike the longer one is looked for. */
  private final List<Secret> secrets;

  private final boolean[] begins = new boolean[256];
  private final Map<Stream, byte[]> held = new EnumMap<>(Stream.class);

  /**
   * @param names of values, none of which is empty
   */
  SecretFilter(Map<String, String> names) {
    this.secrets =
        names.entrySet().stream()
            .map(entry -> new Secret(entry.getKey(), entry.getValue()))
            .sorted(Comparator.comparingInt((Secret secret) -> secret.value.length).reversed())
            .toList();
    secrets.forEach(secret -> begins[secret.value[0] & 0xFF] = true);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public synchronized Buffer next(Stream stream, Buffer piece) {
    byte[] data = Buffer.buffer(before(stream)).appendBuffer(piece).getBytes();
    ByteArrayOutputStream out = new ByteArrayOutputStream(data.length);
    int end = scan(data, false, out);
    held.put(stream, Arrays.copyOfRange(data, end, data.length));
    return Buffer.buffer(out.toByteArray());
  }

  @Override
  public synchronized Buffer rest(Stream stream, boolean cut) {
    byte[] data = before(stream);
    held.remove(stream);
    return Buffer.buffer(last(data, cut));
  }

  private byte[] before(Stream stream) {
    return held.getOrDefault(stream, new byte[0]);
  }

  /**
   * The same for a whole text.
   *
   * @param cut whether it goes on, so that its end may be the beginning of a secret
   */
  String text(String whole, boolean cut) {
    return new String(last(utf8(whole), cut), StandardCharsets.UTF_8);
  }

  private byte[] last(byte[] data, boolean cut) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(data.length);
    // Of what is cut off, what may become a secret is left out.
    scan(data, !cut, out);
    return out.toByteArray();
  }

  /** Writes what can be told; gives where the rest begins, which only more could tell. */
  private int scan(byte[] data, boolean whole, ByteArrayOutputStream out) {
    int place = 0;
    while (place < data.length) {
      Secret found = null;
      if (begins[data[place] & 0xFF]) {
        for (Secret secret : secrets) {
          int same = same(secret.value, data, place);
          if (same == secret.value.length) {
            found = secret;
            break;
          }
          if (!whole && place + same == data.length) {
            return place;
          }
        }
      }
      if (found == null) {
        out.write(data[place++]);
      } else {
        out.writeBytes(found.instead);
        place += found.value.length;
      }
    }
    return place;
  }

  /** How many bytes of the value are there from a place on. */
  private static int same(byte[] value, byte[] data, int place) {
    int most = Math.min(value.length, data.length - place);
    int same = 0;
    while (same < most && value[same] == data[place + same]) {
      same++;
    }
    return same;
  }
}
