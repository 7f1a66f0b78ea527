package dev.gatehouse.action;

/** How much harm an action can do if it is not what it seems; later constants are worse. */
public enum Risk {
  LOW,
  MEDIUM,
  HIGH,
  CRITICAL;

  /** The worse of this and {@code other}. */
  public Risk max(Risk other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
