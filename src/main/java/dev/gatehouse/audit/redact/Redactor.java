package dev.gatehouse.audit.redact;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.safere.Matcher;

/**
 * Replaces secrets by {@code [redacted:kind:digest]}. The digest is keyed: equal secrets have equal
 * digests, and nobody without the key can try words against it.
 *
 * <p>Plain Java, linear in the text; immutable, may be used from any thread. Text without any hint
 * of a secret is only searched for hints, and given back as it is.
 */
public final class Redactor {
  private static final JsonFactory JSON = new JsonFactory();
  private static final String ALGORITHM = "HmacSHA256";
  private static final int DIGEST_BYTES = 6;
  private static final int MAX_NESTED_TEXTS = 8;

  /** Shortest text in which a secret and what tells it could stand. */
  private static final int MIN_CHARS = 8;

  private static final String MARK = "[redacted:";

  /** Hints of names that no shape has. */
  private static final List<String> NAME_HINTS = List.of("authorization", "jwt", "passcode");

  private final SecretKeySpec key;
  private final List<SecretShape> shapes;
  private final Hints hints;

  /** For each shape the numbers of its hints. */
  private final List<BitSet> shapeHints;

  /**
   * Makes one.
   *
   * @param key of the digests; a secret itself
   * @param emails whether e-mail addresses are secrets
   */
  public Redactor(byte[] key, boolean emails) {
    this.key = new SecretKeySpec(key, ALGORITHM);
    List<SecretShape> all = new ArrayList<>(SecretShape.ALL);
    if (emails) {
      all.add(SecretShape.EMAIL);
    }
    this.shapes = List.copyOf(all);
    Set<String> unique = new LinkedHashSet<>(NAME_HINTS);
    all.forEach(shape -> unique.addAll(shape.hints()));
    List<String> words = List.copyOf(unique);
    this.hints = new Hints(words);
    this.shapeHints = shapes.stream().map(shape -> numbers(shape.hints(), words)).toList();
  }

  private static BitSet numbers(List<String> hints, List<String> words) {
    BitSet numbers = new BitSet(words.size());
    hints.forEach(hint -> numbers.set(words.indexOf(hint)));
    return numbers;
  }

  private record Span(int start, int end, String kind) {}

  /** Text without its secrets: prose, code, a command line, output. JSON in it is JSON. */
  public String text(String text) {
    return text(text, MAX_NESTED_TEXTS);
  }

  /** JSON without its secrets: by the names of fields, and by what values look like. */
  public String json(String json) {
    if (!mayHoldSecrets(json)) {
      return json;
    }
    try {
      return rewrite(json, MAX_NESTED_TEXTS);
    } catch (IOException e) {
      return shapesOnly(json);
    }
  }

  private String text(String text, int depth) {
    if (text.length() < MIN_CHARS || !mayHoldSecrets(text)) {
      return text;
    }
    if (depth > 0 && looksLikeJson(text)) {
      try {
        return rewrite(text, depth - 1);
      } catch (IOException e) {
        // Not JSON after all.
      }
    }
    return shapesOnly(text);
  }

  private static boolean looksLikeJson(String text) {
    String stripped = text.strip();
    return !stripped.isEmpty()
        && ((stripped.charAt(0) == '{' && stripped.endsWith("}"))
            || (stripped.charAt(0) == '[' && stripped.endsWith("]")));
  }

  /** Hot path: most texts end here. */
  private boolean mayHoldSecrets(String text) {
    if (!hints.in(text).isEmpty()) {
      return true;
    }
    boolean[] card = {false};
    Cards.find(text, (start, end) -> card[0] = true);
    return card[0];
  }

  private String shapesOnly(String text) {
    List<Span> spans = new ArrayList<>();
    BitSet found = hints.in(text);
    for (int i = 0; i < shapes.size(); i++) {
      if (shapeHints.get(i).intersects(found)) {
        find(shapes.get(i), text, spans);
      }
    }
    Cards.find(text, (start, end) -> add(new Span(start, end, "card"), spans));
    if (spans.isEmpty()) {
      return text;
    }
    spans.sort(java.util.Comparator.comparingInt(Span::start));
    StringBuilder redacted = new StringBuilder(text.length());
    int at = 0;
    for (Span span : spans) {
      redacted.append(text, at, span.start());
      redacted.append(mark(span.kind(), text.substring(span.start(), span.end())));
      at = span.end();
    }
    return redacted.append(text, at, text.length()).toString();
  }

  private static void find(SecretShape shape, String text, List<Span> spans) {
    Matcher matcher = shape.pattern().matcher(text);
    while (matcher.find()) {
      int group = secretGroup(matcher);
      int start = matcher.start(group);
      int end = matcher.end(group);
      // A call or an index is code that fetches a secret, not the secret.
      boolean code =
          shape.kind().equals("assignment")
              && end < text.length()
              && (text.charAt(end) == '(' || text.charAt(end) == '[');
      if (!code && shape.real().test(text.substring(start, end))) {
        add(new Span(start, end, shape.kind()), spans);
      }
    }
  }

  private static int secretGroup(Matcher matcher) {
    for (int group = 1; group <= matcher.groupCount(); group++) {
      if (matcher.start(group) >= 0) {
        return group;
      }
    }
    return 0;
  }

  private static void add(Span span, List<Span> spans) {
    if (spans.stream()
        .noneMatch(other -> span.start() < other.end() && other.start() < span.end())) {
      spans.add(span);
    }
  }

  private String rewrite(String json, int depth) throws IOException {
    StringWriter text = new StringWriter(json.length());
    try (JsonParser parser = JSON.createParser(json);
        JsonGenerator to = JSON.createGenerator(text)) {
      boolean secret = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          to.writeFieldName(text(name, 0));
          secret = SecretName.is(name);
        } else if (secret) {
          secret = false;
          writeSecret(parser, token, json, to);
        } else {
          write(parser, token, to, depth);
        }
      }
    }
    return text.toString();
  }

  private void writeSecret(JsonParser parser, JsonToken token, String json, JsonGenerator to)
      throws IOException {
    if (token == JsonToken.VALUE_NULL || token.isBoolean()) {
      to.copyCurrentEvent(parser);
      return;
    }
    String value;
    if (token.isStructStart()) {
      int start = (int) parser.currentTokenLocation().getCharOffset();
      parser.skipChildren();
      value = json.substring(start, (int) parser.currentLocation().getCharOffset());
    } else {
      value = parser.getText();
    }
    to.writeString(value.isEmpty() || value.startsWith(MARK) ? value : mark("field", value));
  }

  private void write(JsonParser parser, JsonToken token, JsonGenerator to, int depth)
      throws IOException {
    if (token == JsonToken.VALUE_STRING) {
      to.writeString(text(parser.getText(), depth));
    } else if (token == JsonToken.VALUE_NUMBER_INT && parser.getTextLength() >= 13) {
      String number = parser.getText();
      String redacted = shapesOnly(number);
      if (redacted.equals(number)) {
        to.copyCurrentEvent(parser);
      } else {
        to.writeString(redacted);
      }
    } else {
      to.copyCurrentEvent(parser);
    }
  }

  private String mark(String kind, String secret) {
    return MARK + kind + ":" + digest(secret) + "]";
  }

  /** What stands in the log for this secret. */
  public String digest(String secret) {
    return HexFormat.of().formatHex(Arrays.copyOf(hmac(secret), DIGEST_BYTES));
  }

  /** HMAC-SHA-256 of a whole text, as hex: equal texts can be told, short ones not be guessed. */
  public String fingerprint(String text) {
    return HexFormat.of().formatHex(hmac(text));
  }

  private byte[] hmac(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
