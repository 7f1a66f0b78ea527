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

  /** How it is told to the supervisor: its place in LANGUAGES of inside/execution.py. */
  byte code() {
    return switch (this) {
      case PYTHON -> 0;
      case JAVASCRIPT -> 1;
      case BASH -> 2;
    };
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
