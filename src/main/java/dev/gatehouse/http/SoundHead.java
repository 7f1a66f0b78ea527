package dev.gatehouse.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;

/**
 * What Netty takes of an HTTP/1 head and RFC 9112 does not: a proxy in front may have read it
 * otherwise, and then takes for a body what is a request here, or the other way round. Hot path.
 */
final class SoundHead {
  private SoundHead() {}

  /** Whether there is one way to read it. */
  static boolean is(HttpRequest request) {
    int hosts = 0;
    Iterator<Map.Entry<CharSequence, CharSequence>> headers =
        request.headers().iteratorCharSequence();
    while (headers.hasNext()) {
      Map.Entry<CharSequence, CharSequence> header = headers.next();
      CharSequence name = header.getKey();
      CharSequence value = header.getValue();
      boolean sound =
          switch (name.length()) {
            case 0 -> false;
            case 4 -> {
              hosts += is(name, HttpHeaderNames.HOST) ? 1 : 0;
              yield hosts <= 1;
            }
            case 14 -> !is(name, HttpHeaderNames.CONTENT_LENGTH) || isNumber(value);
            case 17 ->
                !is(name, HttpHeaderNames.TRANSFER_ENCODING) || is(value, HttpHeaderValues.CHUNKED);
            default -> true;
          };
      if (!sound) {
        return false;
      }
    }
    return true;
  }

  private static boolean is(CharSequence text, AsciiString word) {
    return word.contentEqualsIgnoreCase(text);
  }

  private static boolean isNumber(CharSequence text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
