/**
 * Programs that the guide shows.
 *
 * <p>Internal: may change with any version.
 */
@API(status = API.Status.INTERNAL)
package io.github.sparkbilevel.examples;

import org.apiguardian.api.API;
