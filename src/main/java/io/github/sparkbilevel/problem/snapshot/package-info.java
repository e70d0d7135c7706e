/**
 * What a run keeps beside the rows and on the driver, and how checkpoints hold it.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.problem.snapshot;

import org.apiguardian.api.API;
