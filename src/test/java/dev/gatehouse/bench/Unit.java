package dev.gatehouse.bench;

import java.util.Locale;

/** What a figure is counted in; and whether more of it is better. */
public enum Unit {
  PER_SECOND("/s"),
  SECONDS("s"),
  MILLIS("ms"),
  MICROS("us"),
  NANOS("ns"),
  PERCENT("%"),
  COUNT("");

  private final String word;

  Unit(String word) {
    this.word = word;
  }

  /** As it is shown behind a number. */
  public String word() {
    return word;
  }

  /** Rates should be high; times, growth and counts of what went wrong low. */
  boolean moreIsBetter() {
    return this == PER_SECOND;
  }

  /** A value as people read it: three digits at least, none of them idle. */
  String shown(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    double size = Math.abs(value);
    String format = size == 0 || this == COUNT || size >= 1000 ? "%,.0f" : format(size);
    return String.format(Locale.ROOT, format, value);
  }

  private static String format(double size) {
    if (size >= 100) {
      return "%.0f";
    }
    if (size >= 10) {
      return "%.1f";
    }
    return size >= 0.1 ? "%.2f" : size >= 0.001 ? "%.3f" : "%.1e";
  }
}
