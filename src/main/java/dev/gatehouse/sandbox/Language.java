package dev.gatehouse.sandbox;

import java.util.Locale;
import java.util.Optional;

/** What a sandbox can run. */
public enum Language {
  PYTHON,
  JAVASCRIPT,
  BASH;

  /** The lower-case word used in requests. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Language> of(String word) {
    for (Language language : values()) {
      if (language.word().equals(word)) {
        return Optional.of(language);
      }
    }
    return Optional.empty();
  }
}
