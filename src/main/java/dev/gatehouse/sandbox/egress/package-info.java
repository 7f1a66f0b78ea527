/**
 * The only way out of a sandbox that has network: a proxy that lets through what the sandbox's list
 * allows, to the very address that was checked, and has each attempt recorded.
 */
@NullMarked
package dev.gatehouse.sandbox.egress;

import org.jspecify.annotations.NullMarked;
