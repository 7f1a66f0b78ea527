package dev.gatehouse.sandbox;

/** Why a running program could not be spoken to; nothing was sent. */
public final class SteeringException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The reasons; the words are stable. */
  public enum Why {
    /** It waits in its sandbox's line. */
    NOT_BEGUN("execution.not-begun", "the execution has not begun"),
    /** It ended, or is being ended. */
    ENDED("execution.ended", "the execution has ended"),
    /** It was not started so that it could be sent any. */
    NOT_INTERACTIVE(
        "execution.not-interactive", "the execution was not started with interactive or pty"),
    /** It was started without one. */
    NO_TERMINAL("execution.no-terminal", "the execution was started without pty"),
    /** A terminal's input has no end; a character may stand for it. */
    ENDLESS("stdin.endless", "a terminal has no end of input: send the character 4, Ctrl-D"),
    /** Its end was sent, or the program closed it. */
    CLOSED("stdin.closed", "the standard input is closed"),
    /** The program does not take what was sent before. */
    FULL("stdin.full", "the program has not taken what was sent before"),
    /** Something else was sent after this was judged, or is being sent. */
    OVERTAKEN("stdin.overtaken", "something else was sent at the same time");

    private final String word;
    private final String text;

    Why(String word, String text) {
      this.word = word;
      this.text = text;
    }

    public String word() {
      return word;
    }
  }

  private final Why why;

  public SteeringException(Why why) {
    super(why.text, null, false, false);
    this.why = why;
  }

  public Why why() {
    return why;
  }
}
