/**
 * Draws of rows from (seed, draw, row id), and the sums over them.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.problem.sampling;

import org.apiguardian.api.API;
