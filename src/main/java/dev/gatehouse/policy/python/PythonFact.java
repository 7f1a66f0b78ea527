package dev.gatehouse.policy.python;

/**
 * Something a rule may want to know that is not visible in names and arguments. Held by a call, by
 * the reading, or by both.
 */
public enum PythonFact {
  /**
   * A name is reached through {@code getattr}, {@code globals()}, {@code __dict__} or {@code
   * vars()} with a text that could be computed.
   */
  DYNAMIC_NAME,
  /** The same with a text that could not be computed: what is called is not known. */
  UNRESOLVED_NAME,
  /** {@code exec}, {@code eval} or {@code compile} of a text that could not be computed. */
  UNKNOWN_PROGRAM,
  /** The call stands in a text that was itself run by {@code exec} or {@code eval}. */
  NESTED_PROGRAM,
  /**
   * A text that is run, or a name that is called, was base64, hex, rot13, reversed or put together
   * from characters.
   */
  DECODED,
  /** An import by {@code __import__} or {@code importlib}. */
  DYNAMIC_IMPORT,
  /**
   * The object graph is climbed: {@code __class__}, {@code __bases__}, {@code __mro__}, {@code
   * __subclasses__}, {@code __globals__}, {@code __builtins__}.
   */
  CLIMBS_OBJECTS,
  /** Bytes are unpickled or unmarshalled. */
  UNPICKLES,
  /**
   * A name holds letters that look like others; the name given is the plain one (as Python itself
   * reads it, NFKC).
   */
  DISGUISED,
  /** Quotes or brackets do not match up; the rest is read as well as it goes. */
  INCOMPLETE,
  /**
   * A budget (depth, expanded size, calls) was used up; what follows is not read, and counts as
   * unknown.
   */
  LIMIT_REACHED
}
