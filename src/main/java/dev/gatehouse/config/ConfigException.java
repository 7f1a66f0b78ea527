package dev.gatehouse.config;

import java.util.List;

/** The configuration cannot be used; the message has one line per fault, each with its place. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> faults;

  ConfigException(List<String> faults) {
    super(String.join(System.lineSeparator(), faults));
    this.faults = List.copyOf(faults);
  }

  /** The faults, in the order of the keys. */
  public List<String> faults() {
    return faults;
  }
}
