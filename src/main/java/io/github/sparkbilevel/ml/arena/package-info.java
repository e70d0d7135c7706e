/**
 * Ways to clean, compared on one cell of the arena.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.ml.arena;

import org.apiguardian.api.API;
