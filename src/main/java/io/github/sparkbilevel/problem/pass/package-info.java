/**
 * A pass over all rows, what it gives back, who runs it and what it cost.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.problem.pass;

import org.apiguardian.api.API;
