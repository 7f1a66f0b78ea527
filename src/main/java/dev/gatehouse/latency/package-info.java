/** Live latency: single-writer HdrHistogram recorders, merged once a second into windows. */
@NullMarked
package dev.gatehouse.latency;

import org.jspecify.annotations.NullMarked;
