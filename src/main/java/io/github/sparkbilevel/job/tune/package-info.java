/**
 * The job {@code tune}.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.job.tune;

import org.apiguardian.api.API;
