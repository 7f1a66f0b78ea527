/** Secrets in text and JSON: found by name and by shape, replaced by a keyed digest. */
@NullMarked
package dev.gatehouse.audit.redact;

import org.jspecify.annotations.NullMarked;
