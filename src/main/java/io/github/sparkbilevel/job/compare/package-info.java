/**
 * The jobs that compare: {@code hypergradient}, {@code benchmark} and {@code arena}.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.job.compare;

import org.apiguardian.api.API;
