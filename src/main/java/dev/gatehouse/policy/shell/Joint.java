package dev.gatehouse.policy.shell;

/** How a pipeline is joined to the one before it in the same list. */
public enum Joint {
  /** It is the first. */
  FIRST,
  /** {@code ;} or a new line. */
  THEN,
  /** {@code &&} */
  AND,
  /** {@code ||} */
  OR,
  /** {@code &}: the one before runs in the background. */
  BACKGROUND
}
