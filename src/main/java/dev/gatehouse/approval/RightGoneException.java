package dev.gatehouse.approval;

/** A right was used otherwise, taken back or had lapsed when it was to be used. */
public final class RightGoneException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Approval approval;

  RightGoneException(Approval approval) {
    super("the approval is " + approval.state().word(), null, false, false);
    this.approval = approval;
  }

  /** How it stands. */
  public Approval approval() {
    return approval;
  }
}
