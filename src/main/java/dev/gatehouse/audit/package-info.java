/** The audit log: what was asked, decided and done, committed in groups before anyone is told. */
@NullMarked
package dev.gatehouse.audit;

import org.jspecify.annotations.NullMarked;
