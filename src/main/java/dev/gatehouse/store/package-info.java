/** PostgreSQL, embedded or given: connections, migrations, and the embedded server's life. */
@NullMarked
package dev.gatehouse.store;

import org.jspecify.annotations.NullMarked;
