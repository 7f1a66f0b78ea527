package dev.gatehouse.http;

import dev.gatehouse.gate.Asking;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a caller wants to wait: the header {@code Prefer} of RFC 7240, and {@code ?wait=}. */
final class Preferences {
  /** The longest a request is held for an answer, in milliseconds; a longer wish is shortened. */
  static final long MAX_WAIT_MILLIS = 600_000;

  private static final Pattern WAIT = Pattern.compile("(\\d{1,9})(ms|s|)");

  private Preferences() {}

  /**
   * What an agent wants where a person must be asked: with {@code Prefer: wait=SECONDS} it holds
   * the request, and takes the question back when it hangs up, unless it also prefers {@code
   * respond-async}. The body's {@code approval} is a question it was given earlier.
   */
  static Asking asking(RoutingContext context, JsonBody body) {
    return asking(context, body.text("approval", Fields.MAX_NAME_BYTES, ""));
  }

  /** As with a body, of which {@code approval} is the field; empty for none. */
  static Asking asking(RoutingContext context, String approval) {
    if (!approval.isEmpty() && !Fields.isName(approval)) {
      throw ApiException.of(422, "field.malformed", "approval is no id");
    }
    long waitMillis = 0;
    boolean resumable = false;
    List<String> headers = context.request().headers().getAll("Prefer");
    for (String preference : String.join(",", headers).split("[,;]", -1)) {
      String word = preference.strip().toLowerCase(Locale.ROOT);
      if (word.equals("respond-async")) {
        resumable = true;
      } else if (word.matches("wait\\s*=\\s*\\d{1,9}")) {
        long seconds = Long.parseLong(word.substring(word.indexOf('=') + 1).strip());
        waitMillis = Math.min(MAX_WAIT_MILLIS, seconds * 1000);
      }
    }
    return new Asking(approval.isEmpty() ? null : approval, waitMillis, resumable, hangUp(context));
  }

  /** Completes when the caller hangs up before he has his answer, or his key is removed. */
  static Future<Void> hangUp(RoutingContext context) {
    Promise<Void> gone = Promise.promise();
    OpenCalls.endWithKey(context, gone::tryComplete);
    context.addEndHandler(ended -> {
      if (ended.failed()) {
        gone.tryComplete();
      }
    });
    return gone.future();
  }

  /** The parameter {@code wait}: seconds, or with {@code ms} milliseconds; 0 if left out. */
  static long waitMillis(RoutingContext context) {
    String text = context.request().getParam("wait", "0");
    Matcher wait = WAIT.matcher(text);
    if (!wait.matches()) {
      throw ApiException.of(422, "query.invalid", "wait must be a time such as 30s or 500ms");
    }
    long number = Long.parseLong(wait.group(1));
    return Math.min(MAX_WAIT_MILLIS, wait.group(2).equals("ms") ? number : number * 1000);
  }
}
