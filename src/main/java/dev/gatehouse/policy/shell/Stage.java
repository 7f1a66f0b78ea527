package dev.gatehouse.policy.shell;

import org.jspecify.annotations.Nullable;

/**
 * A place in a pipeline.
 *
 * @param pipeline index of the pipeline
 * @param position which of its commands, from 0
 */
record Stage(int pipeline, int position) {

  /** The stage, behind a pipe, that a command is or is part of; null if no pipe feeds it. */
  static @Nullable Stage feeding(Draft draft, Invocation invocation) {
    int at = invocation.pipeline;
    int position = invocation.position;
    while (at >= 0 && position == 0) {
      position = draft.parentPosition(at);
      at = draft.parent(at);
    }
    return at < 0 ? null : new Stage(at, position);
  }
}
