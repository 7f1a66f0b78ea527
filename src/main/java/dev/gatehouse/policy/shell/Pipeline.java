package dev.gatehouse.policy.shell;

/**
 * One pipeline. A command of its own is a pipeline of length 1.
 *
 * @param parent index of the pipeline of which a compound command that holds this one is a stage,
 *     or -1
 * @param parentPosition position of that stage
 * @param length number of stages
 * @param joint how it is joined to the pipeline before it
 * @param background whether it is followed by {@code &}
 * @param negated whether {@code !} stands in front
 */
public record Pipeline(
    int parent, int parentPosition, int length, Joint joint, boolean background, boolean negated) {

  /** The pipeline of a text that is a single command. */
  public static final Pipeline SINGLE = new Pipeline(-1, -1, 1, Joint.FIRST, false, false);
}
