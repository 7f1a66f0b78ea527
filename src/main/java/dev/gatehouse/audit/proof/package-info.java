/** Merkle trees and signed checkpoints: what can be proved about a log without having it. */
@NullMarked
package dev.gatehouse.audit.proof;

import org.jspecify.annotations.NullMarked;
