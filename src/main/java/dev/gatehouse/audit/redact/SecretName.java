package dev.gatehouse.audit.redact;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Names of fields whose values are secret, whatever they look like: {@code dbPassword}, {@code
 * X-Api-Key}; not {@code keyboard}, {@code max_tokens}, {@code token_count}. What a name is about
 * stands at its end.
 */
final class SecretName {
  private static final Set<String> SECRET =
      Set.of(
          "password",
          "passwords",
          "passwd",
          "passphrase",
          "pwd",
          "pgpassword",
          "secret",
          "secrets",
          "token",
          "apikey",
          "apikeys",
          "apitoken",
          "accesstoken",
          "authtoken",
          "secretkey",
          "privatekey",
          "accesskey",
          "clientsecret",
          "authorization",
          "cookie",
          "cookies",
          "credential",
          "credentials",
          "bearer",
          "jwt",
          "passcode");

  /** Before {@code key}, {@code keys} or {@code tokens} these make it a secret. */
  private static final Set<String> QUALIFIERS =
      Set.of(
          "api",
          "access",
          "secret",
          "private",
          "auth",
          "signing",
          "encryption",
          "refresh",
          "bearer",
          "session",
          "master",
          "service",
          "account",
          "ssh",
          "deploy");

  private static final Set<String> QUALIFIED = Set.of("key", "keys", "tokens");

  /** Words after the one that counts. */
  private static final Set<String> TRAILING =
      Set.of("value", "values", "hash", "text", "plain", "plaintext", "header", "string");

  private static final int MAX_CHARS = 128;

  private SecretName() {}

  static boolean is(String name) {
    if (name.length() > MAX_CHARS) {
      return false;
    }
    List<String> words = words(name);
    while (words.size() > 1 && isTrailing(words.getLast())) {
      words.removeLast();
    }
    if (words.isEmpty()) {
      return false;
    }
    String last = words.getLast().replaceFirst("\\d+$", "");
    return SECRET.contains(last)
        || (words.size() > 1
            && QUALIFIED.contains(last)
            && QUALIFIERS.contains(words.get(words.size() - 2)));
  }

  private static boolean isTrailing(String word) {
    return TRAILING.contains(word) || word.chars().allMatch(Character::isDigit);
  }

  /** In small letters, split at what is no letter or digit, and where small becomes capital. */
  private static List<String> words(String name) {
    List<String> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= name.length(); i++) {
      boolean end = i == name.length() || !Character.isLetterOrDigit(name.charAt(i));
      boolean hump =
          !end
              && i > 0
              && Character.isUpperCase(name.charAt(i))
              && (Character.isLowerCase(name.charAt(i - 1))
                  || (i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1))));
      if (end || hump) {
        if (i > start) {
          words.add(name.substring(start, i).toLowerCase(Locale.ROOT));
        }
        start = end ? i + 1 : i;
      }
    }
    return words;
  }
}
