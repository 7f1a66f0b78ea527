package dev.gatehouse.policy.shell;

import dev.gatehouse.policy.text.Encodings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Computes what decoders make of a text that is known: {@code base64 -d}, {@code xxd -r}, {@code
 * gunzip}.
 */
final class Decoders {
  private static final int MAX_UNPACKED = 1 << 16;

  private Decoders() {}

  private static boolean isDecode(List<Word> words) {
    for (int i = 0; i < words.size(); i++) {
      String value = words.get(i).value();
      if (value.startsWith("--d")
          || (value.length() > 1
              && value.charAt(0) == '-'
              && value.charAt(1) != '-'
              && (value.indexOf('d') > 0 || value.indexOf('D') > 0))) {
        return true;
      }
    }
    return false;
  }

  static @Nullable String base64(Draft draft, Invocation command) {
    String text = fileOrInput(draft, command);
    if (isDecode(command.arguments)) {
      return decoded(draft, 64, text);
    }
    return text == null
        ? null
        : Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "\n";
  }

  static @Nullable String base32(Draft draft, Invocation command) {
    return isDecode(command.arguments) ? decoded(draft, 32, Output.input(draft, command)) : null;
  }

  private static @Nullable String fileOrInput(Draft draft, Invocation command) {
    for (int i = 0; i < command.arguments.size(); i++) {
      Word word = command.arguments.get(i);
      if (!word.isFlag() && !word.value().equals("-")) {
        Draft.Written written = draft.file(word.value());
        if (written != null) {
          return written.content();
        }
        if (!word.value().equals("0")) {
          return null;
        }
      }
    }
    return Output.input(draft, command);
  }

  private static @Nullable String decoded(Draft draft, int base, @Nullable String text) {
    if (text == null || text.indexOf(Word.HOLE) >= 0) {
      return null;
    }
    draft.decoded = true;
    return base == 64
        ? Encodings.base64(text)
        : base == 32 ? Encodings.base32(text) : Encodings.hex(text);
  }

  static @Nullable String openssl(Draft draft, Invocation command) {
    String verb = command.value(0);
    boolean base64 = verb.equals("base64") || verb.equals("enc");
    return base64 && isDecode(command.arguments)
        ? decoded(draft, 64, Output.input(draft, command))
        : null;
  }

  static @Nullable String xxd(Draft draft, Invocation command) {
    boolean reverse = false;
    boolean plain = false;
    for (Word word : command.arguments) {
      String value = word.value();
      reverse |= word.isFlag() && value.indexOf('r') > 0;
      plain |= word.isFlag() && value.indexOf('p') > 0;
    }
    return reverse && plain ? decoded(draft, 16, Output.input(draft, command)) : null;
  }

  static @Nullable String gunzip(Draft draft, Invocation command) {
    String text = Output.input(draft, command);
    if (text == null || (command.base.equals("gzip") && !isDecode(command.arguments))) {
      return null;
    }
    draft.decoded = true;
    try (GZIPInputStream stream =
        new GZIPInputStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)))) {
      byte[] bytes = stream.readNBytes(MAX_UNPACKED);
      return Encodings.text(bytes, bytes.length);
    } catch (IOException e) {
      return null;
    }
  }
}
