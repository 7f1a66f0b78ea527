package dev.gatehouse.policy.text;

import java.util.List;

/** What happens to a stretch of text when the action that holds it runs. */
public enum Use {
  /** It names a command, is an argument that steers one, or is code of any language that runs. */
  EXECUTED,
  /** It is printed, searched for, stored or ignored, and nothing in the same action runs it. */
  DATA,
  /** It could be either. Rules treat it as executed. */
  UNKNOWN;

  /**
   * What happens to the text from start to end: executed if any part of it is, else unknown if any
   * part is, else data.
   *
   * @param regions by start, without overlap; text under none is executed
   */
  public static Use of(List<Region> regions, int start, int end) {
    if (end <= start) {
      return EXECUTED;
    }
    int low = 0;
    int high = regions.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (regions.get(middle).end() <= start) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    Use use = DATA;
    int at = start;
    for (int i = low; i < regions.size() && at < end; i++) {
      Region region = regions.get(i);
      if (region.start() > at || region.use() == EXECUTED) {
        return EXECUTED;
      }
      if (region.use() == UNKNOWN) {
        use = UNKNOWN;
      }
      at = region.end();
    }
    return at < end ? EXECUTED : use;
  }
}
