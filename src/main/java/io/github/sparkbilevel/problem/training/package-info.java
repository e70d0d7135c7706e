/**
 * Steps of an optimiser that every partition takes on its own rows.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.problem.training;

import org.apiguardian.api.API;
