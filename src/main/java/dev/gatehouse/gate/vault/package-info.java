/** Reading secrets from HashiCorp Vault's KV engine, version 2, by its HTTP API. */
@NullMarked
package dev.gatehouse.gate.vault;

import org.jspecify.annotations.NullMarked;
