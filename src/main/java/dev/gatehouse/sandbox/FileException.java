package dev.gatehouse.sandbox;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Why a file operation came to nothing. */
public final class FileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The reasons, by the words that the sandbox and the audit log have for them. */
  public enum Kind {
    NOT_FOUND("not-found", "there is nothing at this path"),
    EXISTS("exists", "there is something at this path already"),
    IS_DIRECTORY("is-directory", "it is a directory"),
    NOT_DIRECTORY("not-directory", "it, or what it should be in, is no directory"),
    NOT_EMPTY("not-empty", "the directory is not empty"),
    SYMLINK("symlink", "a symbolic link is on this path, and links are not followed"),
    NOT_REGULAR("not-regular", "it is no plain file"),
    DENIED("denied", "the sandbox's own user may not do this"),
    NO_SPACE("no-space", "the sandbox has no more room for files"),
    OTHER_PLACE("other-place", "nothing can be moved from one place to another one"),
    INTO_ITSELF("into-itself", "a directory cannot be moved into itself"),
    TOO_LONG("too-long", "the name is too long"),
    TOO_DEEP("too-deep", "the directories are nested too deeply"),
    RANGE("range", "the file is shorter than the range begins"),
    SHRUNK("shrunk", "the file became shorter while it was read"),
    OTHER_CONTENT("other-content", "the content is not what its sha256 says"),
    CANCELLED("cancelled", "the caller went away"),
    TOO_SLOW("too-slow", "the sandbox took too long"),
    FAILED("failed", "the sandbox could not do it");

    private static final Map<String, Kind> BY_WORD =
        Arrays.stream(values()).collect(Collectors.toMap(Kind::word, Function.identity()));

    private final String word;
    private final String text;

    Kind(String word, String text) {
      this.word = word;
      this.text = text;
    }

    public String word() {
      return word;
    }
  }

  private final Kind kind;
  private final long size;

  private FileException(Kind kind, long size) {
    super(kind.text, null, false, false);
    this.kind = kind;
    this.size = size;
  }

  static FileException of(Kind kind) {
    return new FileException(kind, 0);
  }

  /**
   * What the sandbox's word for it means.
   *
   * @throws FrameParser.ProtocolException if it has no such word
   */
  static FileException of(String word) {
    int space = word.indexOf(' ');
    Kind kind = Kind.BY_WORD.get(space < 0 ? word : word.substring(0, space));
    if (kind == null) {
      throw new FrameParser.ProtocolException("an unknown error of a file operation");
    }
    try {
      return new FileException(kind, space < 0 ? 0 : Long.parseLong(word.substring(space + 1)));
    } catch (NumberFormatException e) {
      throw new FrameParser.ProtocolException("a size that is no number");
    }
  }

  public Kind kind() {
    return kind;
  }

  /** Of {@link Kind#RANGE}: how long the file is, in bytes. */
  public long size() {
    return size;
  }
}
