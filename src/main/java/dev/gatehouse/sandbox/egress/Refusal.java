package dev.gatehouse.sandbox.egress;

/** Why a sandbox was not let through. The words are recorded and told inside. */
enum Refusal {
  MALFORMED("malformed", 400),
  CREDENTIAL("credential", 407),
  NOT_ALLOWED("not-allowed", 403),
  /** The address is one that no list can allow, or that the list's names may not lead to. */
  ADDRESS("address", 403),
  /** It is one of this machine's own. */
  OWN_ADDRESS("own-address", 403),
  TOO_MANY_ATTEMPTS("too-many-attempts", 429),
  TOO_MANY_BYTES("too-many-bytes", 403),
  UNKNOWN_NAME("unknown-name", 502),
  UNREACHABLE("unreachable", 502),
  /** The sandbox ended, or its list changed, while the way was being made. */
  WITHDRAWN("withdrawn", 403),
  NOT_RECORDED("not-recorded", 503);

  private final String word;
  private final int status;

  Refusal(String word, int status) {
    this.word = word;
    this.status = status;
  }

  String word() {
    return word;
  }

  /** The HTTP status that tells it. */
  int status() {
    return status;
  }
}
