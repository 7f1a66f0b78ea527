package dev.gatehouse.policy;

import java.util.List;

/** One way, in some spellings, of saying a program differently. */
interface Disguise {
  /** What a report calls it. */
  String name();

  /** Texts that do the same as {@code text}; none where it does not apply. */
  List<String> of(String text);

  /** One spelling; gives back the text itself where it does not apply. */
  interface Spelling {
    String of(String text);
  }
}
