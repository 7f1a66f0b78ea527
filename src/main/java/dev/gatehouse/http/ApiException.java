package dev.gatehouse.http;

import org.jspecify.annotations.Nullable;

/** An answer other than success, with a code that programs can rely on. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final @Nullable Integer retryAfterSeconds;
  private final @Nullable String reason;

  private ApiException(
      int status,
      String code,
      String message,
      @Nullable Integer retryAfterSeconds,
      @Nullable String reason) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.reason = reason;
  }

  static ApiException of(int status, String code, String message) {
    return new ApiException(status, code, message, null, null);
  }

  /** An answer that may differ soon. */
  static ApiException retryable(int status, String code, String message, int afterSeconds) {
    return new ApiException(status, code, message, afterSeconds, null);
  }

  /** The same with a word that says why, where one code has several causes. */
  ApiException because(@Nullable String word) {
    return new ApiException(status, code, getMessage() + "", retryAfterSeconds, word);
  }

  @Nullable String reason() {
    return reason;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  @Nullable Integer retryAfterSeconds() {
    return retryAfterSeconds;
  }
}
