package dev.gatehouse.gate;

import dev.gatehouse.action.Action;
import org.jspecify.annotations.Nullable;

/**
 * What may run: by policy, or by a person's consent.
 *
 * @param action exactly this; another than was asked for where an approver edited it
 * @param consent null where policy allows it
 */
record Permit(Action action, Verdict verdict, @Nullable Consent consent) {}
