/**
 * The command line, and one run of a job from its file to the exit code.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.job;

import org.apiguardian.api.API;
